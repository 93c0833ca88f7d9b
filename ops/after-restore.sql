-- After PostgreSQL has been restored from a backup, before any process is started: psql "$DATABASE_URL" -f ops/after-restore.sql
-- See docs/operations/backup.md. It may be run again.

-- A lead that was queued when the backup was made may have been sent since. As UNKNOWN it is looked up in the dialing system first, and sent
-- only if it is absent.
UPDATE leads SET state = 'UNKNOWN', due_at = now(), absent_from = NULL WHERE state = 'QUEUED';

-- A lead that was parked as not taken may have been retried since. With this reason a retry looks it up first.
UPDATE leads SET reason = 'OUTCOME_UNVERIFIABLE' WHERE state = 'PARKED' AND reason <> 'OUTCOME_UNVERIFIABLE';

-- Sessions of the console that have been ended since are there again: everybody signs in anew.
DELETE FROM sessions;
