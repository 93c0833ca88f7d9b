-- Where companies want to be told of their leads. Up to three each: a slot holds one.
CREATE TABLE "webhooks" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "slot" SMALLINT NOT NULL,
    "url" TEXT NOT NULL,
    "events" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "max_events" INTEGER NOT NULL DEFAULT 1,
    "headers" TEXT,
    "secret" TEXT NOT NULL,
    "old_secret" TEXT,
    "old_secret_until" TIMESTAMPTZ(3),
    "disabled_at" TIMESTAMPTZ(3),
    "disabled_why" TEXT,
    "full_since" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "failing_since" TIMESTAMPTZ(3),
    "rests_until" TIMESTAMPTZ(3),
    "claimed_until" TIMESTAMPTZ(3),
    "last_at" TIMESTAMPTZ(3),
    "last_result" TEXT,
    "last_ms" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "webhooks_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "webhooks_slot_check" CHECK ("slot" BETWEEN 1 AND 3),
    CONSTRAINT "webhooks_max_events_check" CHECK ("max_events" BETWEEN 1 AND 100),
    CONSTRAINT "webhooks_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "webhooks_company_id_slot_key" ON "webhooks"("company_id", "slot");

-- The outbox. A row refers to its webhook and its lead by id only: the statement that ends a lead must wait for no other row.
CREATE TABLE "webhook_events" (
    "id" UUID NOT NULL,
    "webhook_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "lead_id" UUID,
    "details" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "delivery_id" UUID,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "webhook_events_pkey" PRIMARY KEY ("id")
);
-- In the order of delivery. NULL: not by itself any more.
CREATE INDEX "webhook_events_webhook_id_due_at_idx" ON "webhook_events"("webhook_id", "due_at");

-- What companies with webhooks were told last of their dialers: set while a dialer is held.
ALTER TABLE "dialers" ADD COLUMN "held_since" TIMESTAMPTZ(3);

-- A UUIDv7, as processes make them: PostgreSQL has its own from release 18 on.
CREATE FUNCTION "new_event_id"() RETURNS UUID LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$;

-- Every statement that settles leads writes their events, whichever it is: one call for a statement, not one for a lead.
-- See docs/adr/0025-webhooks.md.
CREATE FUNCTION "note_settled_leads"() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM webhooks WHERE disabled_at IS NULL) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO webhook_events (id, webhook_id, type, lead_id)
        SELECT new_event_id(), webhooks.id, settled.type, settled.id
        FROM (SELECT id, company_id, lead_event(state, promised) AS type FROM new_leads) AS settled
        JOIN webhooks USING (company_id)
        WHERE settled.type IS NOT NULL AND disabled_at IS NULL AND full_since IS NULL AND (events = '{}' OR settled.type = ANY(events));
    ELSE
        INSERT INTO webhook_events (id, webhook_id, type, lead_id)
        SELECT new_event_id(), webhooks.id, settled.type, settled.id
        FROM (SELECT id, company_id, state, lead_event(state, promised) AS type FROM new_leads) AS settled
        JOIN old_leads AS was ON was.id = settled.id AND was.state <> settled.state
        JOIN webhooks ON webhooks.company_id = settled.company_id
        WHERE settled.type IS NOT NULL AND disabled_at IS NULL AND full_since IS NULL AND (events = '{}' OR settled.type = ANY(events));
    END IF;
    RETURN NULL;
END
$$;

-- Who was promised nothing was told of a lead that was given back: there is no event of it.
CREATE FUNCTION "lead_event"("state" "lead_state", "promised" BOOLEAN) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE state
        WHEN 'ACCEPTED' THEN 'lead.accepted'
        WHEN 'REJECTED' THEN 'lead.rejected'
        WHEN 'FAILED' THEN 'lead.failed'
        WHEN 'EXPIRED' THEN 'lead.expired'
        WHEN 'PARKED' THEN 'lead.parked'
        WHEN 'ABANDONED' THEN CASE WHEN promised THEN 'lead.abandoned' END
    END
$$;

CREATE TRIGGER "leads_settled_at_insert" AFTER INSERT ON "leads" REFERENCING NEW TABLE AS new_leads
    FOR EACH STATEMENT EXECUTE FUNCTION "note_settled_leads"();
CREATE TRIGGER "leads_settled_at_update" AFTER UPDATE ON "leads" REFERENCING OLD TABLE AS old_leads NEW TABLE AS new_leads
    FOR EACH STATEMENT EXECUTE FUNCTION "note_settled_leads"();
