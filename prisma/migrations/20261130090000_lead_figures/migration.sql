-- How many leads ended in which way: for each minute, later hour, then day in which they were received.
-- See packages/database/src/figures/count-leads.ts.
CREATE TABLE "lead_figures" (
    "company_id" UUID NOT NULL,
    "period" TEXT NOT NULL,
    "begins_at" TIMESTAMPTZ(3) NOT NULL,
    "campaign_id" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "state" "lead_state" NOT NULL,
    "reason" TEXT NOT NULL,
    "within_ms" INTEGER NOT NULL,
    "leads" INTEGER NOT NULL,
    CONSTRAINT "lead_figures_pkey" PRIMARY KEY ("company_id", "period", "begins_at", "campaign_id", "source", "state", "reason", "within_ms"),
    CONSTRAINT "lead_figures_period_check" CHECK ("period" IN ('minute', 'hour', 'day')),
    CONSTRAINT "lead_figures_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "lead_figures_period_begins_at_idx" ON "lead_figures"("period", "begins_at");

-- What statements have changed since leads were counted last. Only inserted into: the statement that ends a lead waits for no other.
CREATE TABLE "lead_changes" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "campaign_id" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "state" "lead_state" NOT NULL,
    "reason" TEXT NOT NULL,
    "within_ms" INTEGER NOT NULL,
    "leads" INTEGER NOT NULL,
    CONSTRAINT "lead_changes_pkey" PRIMARY KEY ("id")
);

-- The least of these times within which a lead has ended, milliseconds; 0 where no process has ended it.
CREATE FUNCTION "lead_within_ms"("received_at" TIMESTAMPTZ, "finished_at" TIMESTAMPTZ, "outcome_source" TEXT) RETURNS INTEGER
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN finished_at IS NULL OR outcome_source = 'person' THEN 0 ELSE
        ('{100,200,300,400,500,600,800,1000,1250,1500,2000,3000,5000,8000,12000,18000,25000,60000,300000,3600000,86400000,2147483647}'::integer[])[
            width_bucket(extract(epoch FROM finished_at - received_at)::float8 * 1000 - 0.001,
                '{100,200,300,400,500,600,800,1000,1250,1500,2000,3000,5000,8000,12000,18000,25000,60000,300000,3600000,86400000}'::float8[]) + 1]
    END
$$;

-- As with webhooks, whichever statement it is: one call for a statement. A lead whose figures stay the same leaves nothing.
CREATE FUNCTION "count_settled_leads"() RETURNS TRIGGER LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO lead_changes (id, company_id, received_at, campaign_id, source, state, reason, within_ms, leads)
        SELECT new_event_id(), company_id, date_trunc('minute', received_at), campaign_id, COALESCE(source, ''), state, COALESCE(reason, ''),
            lead_within_ms(received_at, finished_at, outcome_source), count(*)
        FROM new_leads WHERE state NOT IN ('QUEUED', 'SENDING', 'UNKNOWN')
        GROUP BY 2, 3, 4, 5, 6, 7, 8;
    ELSE
        INSERT INTO lead_changes (id, company_id, received_at, campaign_id, source, state, reason, within_ms, leads)
        SELECT new_event_id(), company_id, date_trunc('minute', received_at), campaign_id, COALESCE(source, ''), state, COALESCE(reason, ''),
            lead_within_ms(received_at, finished_at, outcome_source), sum(changed)
        FROM (
            SELECT new_leads.*, 1 AS changed FROM new_leads UNION ALL SELECT old_leads.*, -1 FROM old_leads
        ) AS leads
        WHERE state NOT IN ('QUEUED', 'SENDING', 'UNKNOWN')
        GROUP BY 2, 3, 4, 5, 6, 7, 8 HAVING sum(changed) <> 0;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER "leads_counted_at_insert" AFTER INSERT ON "leads" REFERENCING NEW TABLE AS new_leads
    FOR EACH STATEMENT EXECUTE FUNCTION "count_settled_leads"();
CREATE TRIGGER "leads_counted_at_update" AFTER UPDATE ON "leads" REFERENCING OLD TABLE AS old_leads NEW TABLE AS new_leads
    FOR EACH STATEMENT EXECUTE FUNCTION "count_settled_leads"();

-- Leads that ended before are not counted: reading them all would keep others from being written. Those that can still change are.
INSERT INTO "lead_changes" ("id", "company_id", "received_at", "campaign_id", "source", "state", "reason", "within_ms", "leads")
SELECT new_event_id(), "company_id", date_trunc('minute', "received_at"), "campaign_id", COALESCE("source", ''), "state", COALESCE("reason", ''),
    lead_within_ms("received_at", "finished_at", "outcome_source"), count(*)
FROM "leads" WHERE "state" = 'PARKED'
GROUP BY 2, 3, 4, 5, 6, 7, 8;
