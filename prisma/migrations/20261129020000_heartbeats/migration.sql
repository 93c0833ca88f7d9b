-- One row for each running process, written again and again: a process is ready if this is committed. No index but the key, and room in
-- each page, so that an update stays in its page. Padding is written when a full disk is suspected; as it is random, it is not compressed.
CREATE TABLE "heartbeats" (
  "id"        UUID           NOT NULL,
  "beaten_at" TIMESTAMPTZ(3) NOT NULL,
  "padding"   TEXT,

  CONSTRAINT "heartbeats_pkey" PRIMARY KEY ("id")
) WITH (fillfactor = 50);

ALTER TABLE "heartbeats" ALTER COLUMN "padding" SET STORAGE EXTERNAL;
