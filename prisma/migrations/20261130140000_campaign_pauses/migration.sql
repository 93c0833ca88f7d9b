-- A campaign that a person has paused: `refuse` or `keep` new leads, until when (null: until it is resumed), and why.
ALTER TABLE "campaigns" ADD COLUMN "paused" TEXT;
ALTER TABLE "campaigns" ADD COLUMN "paused_at" TIMESTAMPTZ(3);
ALTER TABLE "campaigns" ADD COLUMN "paused_until" TIMESTAMPTZ(3);
ALTER TABLE "campaigns" ADD COLUMN "paused_because" TEXT;

-- What people here call it, where that is not what the dialing system does.
ALTER TABLE "campaigns" ADD COLUMN "own_name" TEXT;

-- Workers read them every second.
CREATE INDEX "campaigns_paused_idx" ON "campaigns" ("company_id") WHERE "paused" IS NOT NULL;
