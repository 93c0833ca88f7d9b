-- What waits for a person: found by company, however many leads there are.
CREATE INDEX "leads_parked_idx" ON "leads"("company_id", "id") WHERE "state" = 'PARKED';
