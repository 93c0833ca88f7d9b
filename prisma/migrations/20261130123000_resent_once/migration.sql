-- A lead is sent again once: of two people at the same time, one wins. Such a statement has to be alone in its migration.
CREATE UNIQUE INDEX CONCURRENTLY "leads_resent_from_idx" ON "leads"("resent_from") WHERE "resent_from" IS NOT NULL;
