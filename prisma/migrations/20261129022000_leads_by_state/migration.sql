-- Lists by state. Made while leads are written; such a statement has to be alone in its migration.
CREATE INDEX CONCURRENTLY "leads_company_id_state_id_idx" ON "leads"("company_id", "state", "id" DESC);
