-- Lists by reason, without that of nearly all leads: those are found by their state. Such a statement has to be alone in its migration.
CREATE INDEX CONCURRENTLY "leads_company_id_reason_id_idx" ON "leads"("company_id", "reason", "id" DESC)
    WHERE "reason" IS NOT NULL AND "reason" <> 'DIALER_ACCEPTED';
