-- Who may sign in to the console.
CREATE TABLE "people" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT,
    "role" TEXT NOT NULL,
    "company_id" UUID,
    "totp_secret" TEXT,
    "totp_used_step" BIGINT,
    "disabled_at" TIMESTAMPTZ(3),
    "signed_in_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "people_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "people_role_check" CHECK ("role" IN ('viewer', 'operator', 'admin')),
    CONSTRAINT "people_company_id_fkey" FOREIGN KEY ("company_id") REFERENCES "companies"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "people_name_key" ON "people"("name");
CREATE INDEX "people_company_id_idx" ON "people"("company_id");

-- Who is signed in. Only a digest of the cookie's token is kept.
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "digest" CHAR(64) NOT NULL,
    "person_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "address" TEXT NOT NULL,
    "browser" TEXT NOT NULL,
    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "sessions_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "sessions_digest_key" ON "sessions"("digest");
CREATE INDEX "sessions_person_id_idx" ON "sessions"("person_id");
