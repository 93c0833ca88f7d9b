-- Time that has passed, counted by workers on clocks that are never set. See docs/adr/0034-elapsed-time.md.
CREATE TABLE "steady_clock" (
    "id" BOOLEAN NOT NULL DEFAULT true,
    "elapsed_ms" BIGINT NOT NULL,
    CONSTRAINT "steady_clock_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "steady_clock_one_row" CHECK ("id")
);
INSERT INTO "steady_clock" ("elapsed_ms") VALUES (0);

-- How far retention has come, so that one wrong clock cannot remove everything. No row: it has not run yet.
CREATE TABLE "retention" (
    "id" BOOLEAN NOT NULL DEFAULT true,
    "cutoff" TIMESTAMPTZ(3) NOT NULL,
    "steady_ms" BIGINT NOT NULL,
    CONSTRAINT "retention_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "retention_one_row" CHECK ("id")
);

-- Additive: a worker of the previous release leaves both null.
ALTER TABLE "leads"
    ADD COLUMN "absent_from" BIGINT,
    ADD COLUMN "sent_to" TEXT;
