-- What becomes of a lead whose phone another one had shortly before; null: nothing is compared.
ALTER TABLE "companies" ADD COLUMN "duplicates" JSONB;
-- Null: as the company's.
ALTER TABLE "campaigns" ADD COLUMN "duplicates" JSONB;

-- The last lead of each phone, where duplicates are looked for.
CREATE TABLE "phone_claims" (
    "company_id" UUID NOT NULL,
    "scope" TEXT NOT NULL,
    "phone_digest" CHAR(64) NOT NULL,
    "lead_id" UUID NOT NULL,
    "join_key" CHAR(64),
    "claimed_at" TIMESTAMPTZ(3) NOT NULL,
    "deadline" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "phone_claims_pkey" PRIMARY KEY ("company_id", "scope", "phone_digest")
);
CREATE INDEX "phone_claims_until_idx" ON "phone_claims"("until");
