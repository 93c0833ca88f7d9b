-- Requests that were refused (400 to 429), for a week and without anything that names a person, so that people find out why a lead never rang.
CREATE TABLE "refused_requests" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "company_id" UUID NOT NULL,
    "key_id" UUID NOT NULL,
    "source" TEXT,
    "status" INTEGER NOT NULL,
    "code" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "campaign_id" TEXT,
    "phone_digest" CHAR(64),
    "phone_last2" CHAR(2),
    CONSTRAINT "refused_requests_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "refused_requests_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "refused_requests_at_idx" ON "refused_requests"("at");
CREATE INDEX "refused_requests_company_id_id_idx" ON "refused_requests"("company_id", "id" DESC);
CREATE INDEX "refused_requests_company_id_phone_digest_id_idx" ON "refused_requests"("company_id", "phone_digest", "id" DESC);
