-- Phones that a company must not have called. Without a foreign key: it would write to the company's row for each of a million phones.
CREATE TABLE "suppressed_phones" (
    "company_id" UUID NOT NULL,
    "phone_digest" CHAR(64) NOT NULL,
    "entry" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "suppressed_phones_pkey" PRIMARY KEY ("company_id", "phone_digest")
);
