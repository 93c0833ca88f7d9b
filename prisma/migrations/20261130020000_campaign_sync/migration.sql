-- Additive. Campaigns of before were added by hand; a process of the previous release goes on adding them so.
ALTER TABLE "campaigns"
    ADD COLUMN "name" TEXT,
    ADD COLUMN "dial_group" TEXT,
    ADD COLUMN "by_hand" BOOLEAN NOT NULL DEFAULT true,
    ADD COLUMN "listed_at" TIMESTAMPTZ(3),
    ADD COLUMN "ended_at" TIMESTAMPTZ(3);

-- Dialers whose campaigns are read from their dialing systems again and again.
CREATE TABLE "campaign_syncs" (
    "dialer_id" UUID NOT NULL,
    "every_ms" INTEGER NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "synced_at" TIMESTAMPTZ(3),
    "failure" TEXT,
    CONSTRAINT "campaign_syncs_pkey" PRIMARY KEY ("dialer_id")
);
ALTER TABLE "campaign_syncs" ADD CONSTRAINT "campaign_syncs_dialer_id_fkey"
    FOREIGN KEY ("dialer_id") REFERENCES "dialers"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX "campaign_syncs_due_at_idx" ON "campaign_syncs"("due_at");
