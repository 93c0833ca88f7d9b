-- Lists by campaign. Made while leads are written; such a statement has to be alone in its migration.
CREATE INDEX CONCURRENTLY "leads_company_id_campaign_id_id_idx" ON "leads"("company_id", "campaign_id", "id" DESC);
