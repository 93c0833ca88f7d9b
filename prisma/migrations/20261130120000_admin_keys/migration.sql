-- Keys of the admin API. Only their digests are kept.
CREATE TABLE "admin_keys" (
    "id" UUID NOT NULL,
    "label" TEXT NOT NULL,
    "digest" CHAR(64) NOT NULL,
    "hint" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "company_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    CONSTRAINT "admin_keys_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "admin_keys_role_check" CHECK ("role" IN ('viewer', 'operator', 'admin')),
    CONSTRAINT "admin_keys_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "admin_keys_digest_key" ON "admin_keys"("digest");
