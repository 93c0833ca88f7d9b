-- Which lead a caller's Idempotency-Key stands for.
CREATE TABLE "idempotency_keys" (
    "company_id" UUID NOT NULL,
    "key_digest" CHAR(64) NOT NULL,
    "request_digest" CHAR(64) NOT NULL,
    "lead_id" UUID NOT NULL,
    "told_kept" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("company_id", "key_digest")
);
-- What is to be forgotten.
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");
