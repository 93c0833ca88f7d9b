-- Lists by source. Made while leads are written; such a statement has to be alone in its migration.
CREATE INDEX CONCURRENTLY "leads_company_id_source_id_idx" ON "leads"("company_id", "source", "id" DESC) WHERE "source" IS NOT NULL;
