-- Lists by caller ID. Made while leads are written; such a statement has to be alone in its migration.
CREATE INDEX CONCURRENTLY "leads_company_id_caller_id_id_idx" ON "leads"("company_id", "caller_id", "id" DESC) WHERE "caller_id" IS NOT NULL;
