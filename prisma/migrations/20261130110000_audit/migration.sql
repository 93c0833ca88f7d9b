-- Who changed what. An entry is written before the change is made, its end after. See packages/database/src/audit/audit-log.ts.
CREATE TABLE "audit_entries" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "operation" TEXT NOT NULL,
    "actor_id" UUID,
    "actor" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "via" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "company_id" UUID,
    "company" TEXT,
    "input" JSONB,
    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "audit_entries_at_idx" ON "audit_entries"("at");
CREATE INDEX "audit_entries_company_id_id_idx" ON "audit_entries"("company_id", "id" DESC);
CREATE INDEX "audit_entries_actor_id_idx" ON "audit_entries"("actor", "id" DESC);

CREATE TABLE "audit_ends" (
    "entry_id" UUID NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "outcome" TEXT NOT NULL,
    "message" TEXT,
    "target" TEXT,
    "before" JSONB,
    "after" JSONB,
    CONSTRAINT "audit_ends_pkey" PRIMARY KEY ("entry_id"),
    CONSTRAINT "audit_ends_outcome_check" CHECK ("outcome" IN ('done', 'refused', 'failed')),
    CONSTRAINT "audit_ends_entry_id_fkey" FOREIGN KEY ("entry_id") REFERENCES "audit_entries"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE FUNCTION "keep_audit"() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('live_feed.purges_audit', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The audit log is only added to.';
END
$$;

CREATE TRIGGER "audit_entries_kept" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_entries"
    FOR EACH STATEMENT EXECUTE FUNCTION "keep_audit"();
CREATE TRIGGER "audit_ends_kept" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_ends"
    FOR EACH STATEMENT EXECUTE FUNCTION "keep_audit"();
