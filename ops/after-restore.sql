-- After PostgreSQL has been restored from a backup, before any process is started: psql "$DATABASE_URL" -f ops/after-restore.sql
-- See docs/operations/backup.md. It may be run again.

-- A lead that had not been sent when the backup was made may have been sent since. Unknown instead of queued: the dialing system is asked
-- whether it has the lead, and the lead is sent only if it has not.
UPDATE leads SET state = 'UNKNOWN', due_at = now(), absent_from = NULL WHERE state = 'QUEUED';

-- The same for what was parked as not taken: somebody may have retried it since. For this reason a retry asks first.
UPDATE leads SET reason = 'OUTCOME_UNVERIFIABLE' WHERE state = 'PARKED' AND reason <> 'OUTCOME_UNVERIFIABLE';
