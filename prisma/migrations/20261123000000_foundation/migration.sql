CREATE TYPE "ani_status" AS ENUM ('ACTIVE', 'PAUSED');

CREATE TYPE "lead_state" AS ENUM ('QUEUED', 'SENDING', 'UNKNOWN', 'ACCEPTED', 'REJECTED', 'FAILED', 'EXPIRED', 'ABANDONED', 'PARKED');

CREATE TABLE "companies" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "companies_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "companies_name_key" ON "companies"("name");

CREATE TABLE "api_keys" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "digest" CHAR(64) NOT NULL,
    "hint" TEXT NOT NULL,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "expires_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "api_keys_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "api_keys_digest_key" ON "api_keys"("digest");
CREATE INDEX "api_keys_company_id_idx" ON "api_keys"("company_id");

CREATE TABLE "dialers" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "family" TEXT NOT NULL,
    "base_url" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "permanent_token" TEXT,
    "api_auth_token" TEXT,
    "upload_defaults" JSONB NOT NULL DEFAULT '{}',
    "max_in_flight" INTEGER NOT NULL DEFAULT 4,
    "max_leads_per_upload" INTEGER NOT NULL DEFAULT 500,
    "on_unverifiable" TEXT NOT NULL DEFAULT 'park',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "dialers_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "dialers_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "dialers_company_id_key" ON "dialers"("company_id");

CREATE TABLE "campaigns" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "campaign_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "campaigns_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "campaigns_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "campaigns_company_id_campaign_id_key" ON "campaigns"("company_id", "campaign_id");

CREATE TABLE "anis" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "phone" CHAR(10) NOT NULL,
    "status" "ani_status" NOT NULL DEFAULT 'ACTIVE',
    "last_assigned_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "anis_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "anis_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "anis_phone_key" ON "anis"("phone");
CREATE INDEX "anis_company_id_status_last_assigned_at_idx" ON "anis"("company_id", "status", "last_assigned_at");

-- Leads refer to companies and dialers by id only: a lead is written on the hot path, and what it refers to is never deleted under it.
CREATE TABLE "leads" (
    "id" UUID NOT NULL,
    "company_id" UUID NOT NULL,
    "dialer_id" UUID NOT NULL,
    "campaign_id" TEXT NOT NULL,
    "state" "lead_state" NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "promised" BOOLEAN NOT NULL DEFAULT false,
    "phone_digest" CHAR(64) NOT NULL,
    "phone_last2" CHAR(2) NOT NULL,
    "payload" TEXT NOT NULL,
    "caller_id" CHAR(10),
    "dialer_response" TEXT,
    "reason" TEXT,
    "outcome_source" TEXT,
    "upload_size" INTEGER,
    "upload_ids" UUID[] DEFAULT ARRAY[]::UUID[],
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "deadline" TIMESTAMPTZ(3) NOT NULL,
    "send_by" TIMESTAMPTZ(3),
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    CONSTRAINT "leads_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "leads_company_id_id_idx" ON "leads"("company_id", "id" DESC);
CREATE INDEX "leads_company_id_phone_digest_idx" ON "leads"("company_id", "phone_digest");
-- What the sweep looks at: a handful of rows however many leads there are.
CREATE INDEX "leads_unfinished_idx" ON "leads"("due_at") WHERE "state" IN ('QUEUED', 'SENDING', 'UNKNOWN');

CREATE TABLE "uploads" (
    "id" UUID NOT NULL,
    "dialer_id" UUID NOT NULL,
    "campaign_id" TEXT NOT NULL,
    "size" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    "result" TEXT,
    "http_status" INTEGER,
    "latency_ms" INTEGER,
    CONSTRAINT "uploads_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "uploads_dialer_id_id_idx" ON "uploads"("dialer_id", "id" DESC);
