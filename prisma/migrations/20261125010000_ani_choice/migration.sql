-- The best ANI for every lead, never over its cap. Additive: a worker from before does not count its uses, and touches nothing of this.
ALTER TABLE "companies"
    ADD COLUMN "ani_daily_cap" INTEGER NOT NULL DEFAULT 75,
    ADD COLUMN "time_zone" TEXT NOT NULL DEFAULT 'America/New_York',
    ADD COLUMN "when_no_ani" TEXT NOT NULL DEFAULT 'campaign_default',
    ADD COLUMN "ani_turn" BIGINT NOT NULL DEFAULT 0,
    ADD CONSTRAINT "companies_ani_daily_cap_check" CHECK ("ani_daily_cap" >= 0),
    ADD CONSTRAINT "companies_when_no_ani_check" CHECK ("when_no_ani" IN ('campaign_default', 'reject')),
    -- A zone that PostgreSQL does not know is an error here rather than at every upload.
    ADD CONSTRAINT "companies_time_zone_check" CHECK (timezone("time_zone", '2000-01-01 00:00:00+00'::timestamptz) IS NOT NULL);

ALTER TABLE "anis"
    ADD COLUMN "daily_cap" INTEGER,
    ADD COLUMN "cooling_until" TIMESTAMPTZ(3),
    ADD COLUMN "flagged_at" TIMESTAMPTZ(3),
    ADD COLUMN "used_on" DATE,
    ADD COLUMN "used" INTEGER NOT NULL DEFAULT 0,
    ADD CONSTRAINT "anis_daily_cap_check" CHECK ("daily_cap" >= 0);

-- Every use changes a row: without an index on what changes, and with room on its page, that writes no index.
ALTER TABLE "anis" SET (fillfactor = 50);
CREATE INDEX "anis_company_id_idx" ON "anis"("company_id");
DROP INDEX "anis_company_id_status_last_assigned_at_idx";

CREATE TABLE "campaign_anis" (
    "campaign_id" UUID NOT NULL,
    "ani_id" UUID NOT NULL,
    CONSTRAINT "campaign_anis_pkey" PRIMARY KEY ("campaign_id", "ani_id"),
    CONSTRAINT "campaign_anis_campaign_id_fkey" FOREIGN KEY ("campaign_id") REFERENCES "campaigns"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "campaign_anis_ani_id_fkey" FOREIGN KEY ("ani_id") REFERENCES "anis"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX "campaign_anis_ani_id_idx" ON "campaign_anis"("ani_id");

ALTER TABLE "leads"
    ADD COLUMN "ani_tier" TEXT,
    ADD COLUMN "ani_distance_km" INTEGER,
    ADD COLUMN "ani_used_on" DATE;

-- By phone, newest first: also what a sticky ANI is found by.
CREATE INDEX "leads_company_id_phone_digest_id_idx" ON "leads"("company_id", "phone_digest", "id" DESC);
DROP INDEX "leads_company_id_phone_digest_idx";
