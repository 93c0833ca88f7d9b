-- Endpoints of companies that are asked whether a phone may be called.
CREATE TABLE "phone_checks" (
    "company_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "headers" TEXT,
    "timeout_ms" INTEGER NOT NULL,
    "cache_ms" INTEGER NOT NULL,
    "unanswered" TEXT NOT NULL,
    CONSTRAINT "phone_checks_pkey" PRIMARY KEY ("company_id"),
    CONSTRAINT "phone_checks_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- What such an endpoint said of the lead's phone; null: it was not asked.
ALTER TABLE "leads" ADD COLUMN "phone_check" JSONB;
