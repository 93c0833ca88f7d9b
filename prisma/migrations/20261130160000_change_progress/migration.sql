-- How far a change of many leads is, while it is under way. Its entry in the audit log is only added to, so this is kept beside it.
CREATE TABLE "change_progress" (
    "entry_id" UUID NOT NULL,
    -- Leads that were gone through, of those that were found.
    "done" INTEGER NOT NULL DEFAULT 0,
    "of" INTEGER NOT NULL DEFAULT 0,
    -- When its process last said that it works on it.
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- When a person asked for it to be stopped.
    "stop_at" TIMESTAMPTZ(3),
    CONSTRAINT "change_progress_pkey" PRIMARY KEY ("entry_id"),
    CONSTRAINT "change_progress_entry_id_fkey" FOREIGN KEY ("entry_id") REFERENCES "audit_entries"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
