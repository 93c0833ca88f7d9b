import type { LeadJob } from '@live-feed/core/lead-job';
import type { Reason } from '@live-feed/core/lead-outcome';
import type { Transition } from '@live-feed/core/lead-state';
import type { Database } from './client.ts';
import { Prisma } from './generated/client.ts';
import { INSERTED, INSERTED_FROM_INPUT, inputOf } from './lead-input.ts';
import { LEAD_ROW, type LeadRow } from './lead-rows.ts';

/**
 * The arbiter. Every change of a lead's state is one of these statements, each a compare-and-set on what the row says now
 * and one round trip, whatever the number of leads. The table of what may follow what is `TRANSITIONS` in core.
 * `promise` has a second form for keyed requests, in `idempotency-keys.ts`.
 *
 * All times are compared on the database's clock, so that no other machine's clock can send a lead twice.
 */

/** A waiting caller's lead is not begun later than this before its deadline: its answer could not arrive in time. */
const DEADLINE_MARGIN = Prisma.sql`interval '1 second'`;

/**
 * An ingress that lives has promised a lead without a row, at its deadline, well before this has passed. After it nobody is
 * waiting any more, and the lead is given up rather than sent as a late surprise. In between it is left alone.
 */
const PROMISE_GRACE = Prisma.sql`interval '2 seconds'`;

export interface IntendedUpload {
  readonly id: string;
  readonly companyId: string;
  readonly dialerId: string;
  readonly campaignId: string;
  /** How long after the commit the socket may be written to. */
  readonly sendWindowMs: number;
  /** From `sendBy` until absence in a read-back counts. */
  readonly absenceAfterMs: number;
}

/**
 * `intend`: (no row) or QUEUED → SENDING, with an ANI assigned to each lead; a lead that is too late ends instead.
 *
 * @returns the rows that were changed. A lead that is missing was lost to somebody else or needs to be verified first: read its
 * row and obey it. If it has none, its ingress is about to promise it: look again a little later.
 */
export async function intend(
  database: Database,
  upload: IntendedUpload,
  leads: readonly LeadJob[],
): Promise<LeadRow[]> {
  const sendBy = Prisma.sql`now() + ${ms(upload.sendWindowMs)}`;
  const settleWithin = ms(upload.sendWindowMs + upload.absenceAfterMs);
  const dueAt = Prisma.sql`now() + ${settleWithin}`;
  return database.$queryRaw<LeadRow[]>`
    WITH pool AS (
      SELECT phone, row_number() OVER (ORDER BY last_assigned_at NULLS FIRST, id) - 1 AS rank, count(*) OVER () AS size
      FROM (
        SELECT id, phone, last_assigned_at FROM anis
        WHERE id IN (
          SELECT id FROM anis WHERE company_id = ${upload.companyId}::uuid AND status = 'ACTIVE'
          ORDER BY last_assigned_at NULLS FIRST, id LIMIT ${leads.length}
        )
        ORDER BY id FOR UPDATE
      ) AS locked
    ),
    input AS (
      SELECT taken.*, pool.phone AS ani FROM (${inputOf(leads)}) AS taken
      LEFT JOIN pool ON pool.rank = (taken.position - 1) % pool.size
    ),
    begun AS (
      INSERT INTO leads (${INSERTED}, state, attempt, caller_id, upload_ids, send_by, due_at)
      SELECT ${INSERTED_FROM_INPUT}, 'SENDING', 1, ani, ARRAY[${upload.id}::uuid], ${sendBy}, ${dueAt}
      FROM input WHERE now() <= deadline - ${DEADLINE_MARGIN} ORDER BY id
      ON CONFLICT (id) DO NOTHING
      RETURNING ${LEAD_ROW}
    ),
    too_late AS (
      INSERT INTO leads (${INSERTED}, state, reason, due_at, finished_at)
      SELECT ${INSERTED_FROM_INPUT}, 'ABANDONED', 'DEADLINE_PASSED', now(), now()
      FROM input WHERE now() > deadline + ${PROMISE_GRACE} ORDER BY id
      ON CONFLICT (id) DO NOTHING
      RETURNING ${LEAD_ROW}
    ),
    queued AS (
      SELECT leads.id, ani, (CASE
        WHEN promised AND now() > leads.expires_at THEN 'EXPIRED'
        WHEN NOT promised AND now() > leads.deadline - ${DEADLINE_MARGIN} - ${neededAgain(settleWithin)} THEN 'FAILED'
        ELSE 'SENDING' END)::lead_state AS next
      FROM leads JOIN input USING (id) WHERE leads.state = 'QUEUED'
      ORDER BY leads.id FOR UPDATE OF leads
    ),
    resumed AS (
      UPDATE leads SET state = next, attempt = attempt + 1, caller_id = COALESCE(caller_id, ani),
        upload_ids = upload_ids || ${upload.id}::uuid, send_by = ${sendBy}, due_at = ${dueAt}
      FROM queued WHERE leads.id = queued.id AND next = 'SENDING'
      RETURNING ${LEAD_ROW}
    ),
    ended AS (
      UPDATE leads SET state = next, finished_at = now(),
        reason = CASE WHEN next = 'EXPIRED' THEN 'AGE_LIMIT' ELSE COALESCE(reason, 'DEADLINE_PASSED') END
      FROM queued WHERE leads.id = queued.id AND next <> 'SENDING'
      RETURNING ${LEAD_ROW}
    ),
    changed AS (
      SELECT * FROM begun UNION ALL SELECT * FROM resumed UNION ALL SELECT * FROM too_late UNION ALL SELECT * FROM ended
    ),
    used AS (
      UPDATE anis SET last_assigned_at = clock_timestamp()
      FROM changed WHERE anis.phone = changed."callerId" AND changed.state = 'SENDING'
    ),
    recorded AS (
      INSERT INTO uploads (id, dialer_id, campaign_id, size, started_at)
      SELECT ${upload.id}::uuid, ${upload.dialerId}::uuid, ${upload.campaignId}, count(*), now()
      FROM changed WHERE state = 'SENDING' HAVING count(*) > 0
    )
    SELECT * FROM changed`;
}

/**
 * A lead that its dialing system failed to take may have waited for longer than its delay: behind others, or behind a hold. What
 * was so when it was released must still be so: it is sent again only if that can be settled before its caller gives up.
 */
function neededAgain(settleWithin: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`CASE WHEN leads.reason = 'DIALER_FAILED' THEN ${settleWithin} ELSE interval '0' END`;
}

/** What is to become of one lead of an upload. */
export interface Settlement {
  readonly id: string;
  /** The attempt this is about: the row must still be at it. */
  readonly attempt: number;
  readonly transition: Extract<Transition, 'accept' | 'reject' | 'doubt' | 'release' | 'block' | 'park'>;
  readonly reason: Reason;
  /** Sealed; null leaves what an earlier attempt was answered. */
  readonly dialerResponse: string | null;
  readonly source: 'answer' | 'read-back' | null;
  readonly uploadSize: number;
  /** `release` and `doubt`: when it is to be touched again, from now. */
  readonly delayMs: number;
  /** `release`: how long the next attempt may take to be settled. While a caller waits it must fit before the deadline. */
  readonly neededMs: number;
}

/** How a call went, for the record. */
export interface UploadRecord {
  readonly id: string;
  readonly result: string;
  readonly httpStatus: number | null;
  readonly latencyMs: number;
}

/**
 * SENDING or UNKNOWN, at the attempt named → wherever the settlement leads.
 *
 * @returns the rows that were changed; for a lead that is missing somebody else was first: read its row and obey it.
 */
export async function settle(
  database: Database,
  settlements: readonly Settlement[],
  upload?: UploadRecord,
): Promise<LeadRow[]> {
  return database.$queryRaw<LeadRow[]>`
    WITH input AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(settlements)}::jsonb) AS input(
        id uuid, attempt int, transition text, reason text, "dialerResponse" text, source text, "uploadSize" int, "delayMs" float8, "neededMs" float8)
    ),
    target AS (
      SELECT input.*, now() + "delayMs" * interval '1 millisecond' AS due_at, (CASE transition
        WHEN 'accept' THEN 'ACCEPTED'
        WHEN 'reject' THEN 'REJECTED'
        WHEN 'doubt' THEN 'UNKNOWN'
        WHEN 'park' THEN 'PARKED'
        WHEN 'block' THEN CASE WHEN promised THEN 'PARKED' ELSE 'FAILED' END
        WHEN 'release' THEN CASE
          WHEN promised AND now() + "delayMs" * interval '1 millisecond' > expires_at THEN 'EXPIRED'
          WHEN promised THEN 'QUEUED'
          WHEN now() + ("delayMs" + "neededMs") * interval '1 millisecond' < deadline - ${DEADLINE_MARGIN} THEN 'QUEUED'
          ELSE 'FAILED' END
        END)::lead_state AS state
      FROM input JOIN leads USING (id, attempt)
      WHERE leads.state IN ('SENDING', 'UNKNOWN')
      ORDER BY leads.id FOR UPDATE OF leads
    ),
    settled AS (
      UPDATE leads SET
        state = target.state,
        reason = target.reason,
        dialer_response = COALESCE(target."dialerResponse", leads.dialer_response),
        outcome_source = target.source,
        upload_size = target."uploadSize",
        due_at = target.due_at,
        finished_at = CASE WHEN target.state NOT IN ('QUEUED', 'SENDING', 'UNKNOWN') THEN now() END
      FROM target WHERE leads.id = target.id
      RETURNING ${LEAD_ROW}
    ),
    recorded AS (
      UPDATE uploads SET finished_at = now(), result = ${upload?.result ?? null}::text,
        http_status = ${upload?.httpStatus ?? null}::int, latency_ms = ${upload?.latencyMs ?? null}::int
      WHERE id = ${upload?.id ?? null}::uuid
    )
    SELECT * FROM settled`;
}

/**
 * `promise`: (no row) → QUEUED; an open row is marked as promised. After it somebody may be told that the lead will be delivered.
 * A lead that was tried without effect, and that nobody was promised, FAILED: its caller is told so. "Pending" is for the unknown
 * and the untried.
 *
 * @param tried `stays`: the lead is somebody else's, who still waits, and goes on being tried
 * @returns the row as it is now; if it is settled its outcome is the answer, and nothing was promised.
 */
export async function promise(
  database: Database,
  lead: LeadJob,
  tried: 'fails' | 'stays' = 'fails',
): Promise<LeadRow> {
  const triedInVain = Prisma.sql`leads.state = 'QUEUED' AND NOT leads.promised AND ${tried === 'fails'}`;
  const rows = await database.$queryRaw<LeadRow[]>`
    INSERT INTO leads (${INSERTED}, state, promised, due_at)
    SELECT ${INSERTED_FROM_INPUT}, 'QUEUED', true, now() FROM (${inputOf([lead])}) AS input
    ON CONFLICT (id) DO UPDATE SET
      state = CASE WHEN ${triedInVain} THEN 'FAILED' ELSE leads.state END,
      finished_at = CASE WHEN ${triedInVain} THEN now() ELSE leads.finished_at END,
      promised = leads.promised OR leads.state IN ('SENDING', 'UNKNOWN') OR (leads.state = 'QUEUED' AND NOT (${triedInVain}))
    RETURNING ${LEAD_ROW}`;
  return onlyRow(rows);
}

/**
 * `abandon`: (no row) or an unsent QUEUED → ABANDONED. Once it is there no worker sends the lead.
 *
 * @returns the row as it is now; in any state but ABANDONED the lead could not be given back.
 */
export async function abandon(database: Database, lead: LeadJob): Promise<LeadRow> {
  const rows = await database.$queryRaw<LeadRow[]>`
    INSERT INTO leads (${INSERTED}, state, reason, due_at, finished_at)
    SELECT ${INSERTED_FROM_INPUT}, 'ABANDONED', 'GIVEN_BACK', now(), now() FROM (${inputOf([lead])}) AS input
    ON CONFLICT (id) DO UPDATE SET
      state = CASE WHEN leads.state = 'QUEUED' THEN 'ABANDONED' ELSE leads.state END,
      reason = CASE WHEN leads.state = 'QUEUED' THEN 'GIVEN_BACK' ELSE leads.reason END,
      finished_at = CASE WHEN leads.state = 'QUEUED' THEN now() ELSE leads.finished_at END
    RETURNING ${LEAD_ROW}`;
  return onlyRow(rows);
}

/**
 * `abandon`, as its company wishes: a promised lead that waits to be sent, QUEUED → ABANDONED. Once it is there no worker sends it.
 *
 * @returns the dialer that it waited for; undefined, and nothing was changed, where there is no such lead of the company
 */
export async function takeBack(
  database: Database,
  companyId: string,
  leadId: string,
): Promise<{ readonly dialerId: string } | undefined> {
  const [row] = await database.$queryRaw<{ dialerId: string }[]>`
    UPDATE leads SET state = 'ABANDONED', reason = 'GIVEN_BACK', finished_at = now()
    WHERE id = ${leadId}::uuid AND company_id = ${companyId}::uuid AND state = 'QUEUED' AND promised
    RETURNING dialer_id AS "dialerId"`;
  return row;
}

function ms(duration: number): Prisma.Sql {
  return Prisma.sql`${duration}::float8 * interval '1 millisecond'`;
}

function onlyRow(rows: readonly LeadRow[]): LeadRow {
  const [row] = rows;
  if (row === undefined) throw new Error('An upsert that always returns its row returned none.');
  return row;
}
