-- They are few, and counted all the time.
CREATE INDEX "leads_parked_idx" ON "leads"("dialer_id") WHERE "state" = 'PARKED';
