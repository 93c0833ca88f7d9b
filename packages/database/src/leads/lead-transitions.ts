import type { Clock } from '@live-feed/core/clock';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Reason } from '@live-feed/core/lead/lead-outcome';
import type { LeadScope } from '@live-feed/core/lead/lead-record';
import type { Transition } from '@live-feed/core/lead/lead-state';
import { giveBackUses } from '../caller-ids/ani-uses.ts';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { LEAD_ROW, type LeadRow } from './lead-rows.ts';
import { endQueued } from './sql/end-queued.ts';
import { INSERTED, INSERTED_FROM_INPUT, inputOf, REFUSED } from './sql/lead-input.ts';
import { agreedNow, fitsBeforeDeadline } from './sql/lead-times.ts';
import { statesLeftBy } from './sql/states-left.ts';

/**
 * The arbiter. Every change of a lead's state is one of the statements of this folder: a compare-and-set on the row, for any number of
 * leads. The states that a transition may leave are in `TRANSITIONS` in core (`statesLeftBy`). `promise` has a second form for keyed
 * requests, in `idempotency-keys.ts`. A lead that ends without a call returns its use of an ANI in the same statement.
 *
 * Deadlines are compared on the database's clock. Whether a lead may be sent again never depends on a time of day: see
 * `steady-clock.ts`.
 */

const ABANDONED = Prisma.sql`state = 'ABANDONED', reason = 'GIVEN_BACK'`;

const NEXT_FITS = fitsBeforeDeadline(
  Prisma.sql`deadline`,
  Prisma.sql`now() + "delayMs" * interval '1 millisecond'`,
  {
    reason: Prisma.sql`input.reason`,
    settleWithin: Prisma.sql`"settleWithinMs" * interval '1 millisecond'`,
  },
);

/** The result of an upload for one lead. */
export interface Settlement {
  readonly id: string;
  /** The row must still be at this attempt. */
  readonly attempt: number;
  readonly transition: Extract<Transition, 'accept' | 'reject' | 'doubt' | 'release' | 'block' | 'park'>;
  readonly reason: Reason;
  /** Sealed; null keeps the response to an earlier attempt. */
  readonly dialerResponse: string | null;
  readonly source: 'answer' | 'read-back' | null;
  readonly uploadSize: number;
  /** `release` and `doubt`: until the next step. */
  readonly delayMs: number;
  /** `release`: the longest time until the next attempt's effect is known; see `fitsBeforeDeadline`. */
  readonly settleWithinMs: number;
}

/** The result of a call, to be shown in a lead's timeline. */
export interface UploadRecord {
  readonly id: string;
  readonly result: string;
  readonly httpStatus: number | null;
  readonly latencyMs: number;
}

/**
 * SENDING or UNKNOWN, at the named attempt → the state of each settlement's transition. All these transitions leave the same states.
 *
 * @param clock replaces the process's clock in tests
 * @returns the rows that were changed. A lead is missing if another process was first: read its row and act on that.
 */
export async function settle(
  database: Database,
  settlements: readonly Settlement[],
  uploads: readonly UploadRecord[] = [],
  clock?: Clock,
): Promise<LeadRow[]> {
  return database.$queryRaw<LeadRow[]>`
    WITH input AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(settlements)}::jsonb) AS input(
        id uuid, attempt int, transition text, reason text, "dialerResponse" text, source text, "uploadSize" int, "delayMs" float8, "settleWithinMs" float8)
    ),
    target AS (
      SELECT input.*, caller_id, ani_used_on, now() + "delayMs" * interval '1 millisecond' AS due_at, (CASE transition
        WHEN 'accept' THEN 'ACCEPTED'
        WHEN 'reject' THEN 'REJECTED'
        WHEN 'doubt' THEN 'UNKNOWN'
        WHEN 'park' THEN 'PARKED'
        WHEN 'block' THEN CASE WHEN promised THEN 'PARKED' ELSE 'FAILED' END
        WHEN 'release' THEN CASE
          WHEN promised AND ${agreedNow(clock)} + "delayMs" * interval '1 millisecond' > expires_at THEN 'EXPIRED'
          WHEN promised THEN 'QUEUED'
          WHEN ${NEXT_FITS} THEN 'QUEUED'
          ELSE 'FAILED' END
        END)::lead_state AS state
      FROM input JOIN leads USING (id, attempt)
      WHERE leads.state IN ${statesLeftBy('accept')}
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
    ${giveBackUses(Prisma.sql`target`)},
    recorded AS (
      UPDATE uploads SET finished_at = now(), result = record.result, http_status = record."httpStatus", latency_ms = record."latencyMs"
      FROM jsonb_to_recordset(${JSON.stringify(uploads)}::jsonb) AS record(id uuid, result text, "httpStatus" int, "latencyMs" int)
      WHERE uploads.id = ANY(${uploads.map(({ id }) => id)}::uuid[]) AND uploads.id = record.id
    )
    SELECT * FROM settled`;
}

/**
 * `abandon`: (no row) → ABANDONED, of a lead whose phone its company's check refused. The row is the evidence. Safe to repeat.
 * With an `Idempotency-Key` `claimKey` does it.
 */
export async function refuse(database: Database, lead: LeadJob): Promise<void> {
  await database.$executeRaw`
    INSERT INTO leads (${INSERTED}, state, promised, reason, due_at, finished_at)
    SELECT ${INSERTED_FROM_INPUT}, ${REFUSED} FROM (${inputOf([lead])}) AS input ON CONFLICT (id) DO NOTHING`;
}

/** A waiting lead can be started and released between two reads: very rarely once, never this often. */
const READS = 5;

/**
 * `abandon`: (no row) or an unsent QUEUED → ABANDONED. No worker sends the lead afterwards.
 *
 * @param whose `own`: also a promised lead, if no other request knows it. `unpromised`: a promised lead stays, because another caller
 * may have received the promise
 * @returns the row as it is now. In any state but ABANDONED, the lead could not be given back
 */
export async function abandon(
  database: Database,
  lead: LeadJob,
  whose: 'unpromised' | 'own' = 'unpromised',
): Promise<LeadRow> {
  const isOurs = Prisma.sql`leads.state IN ${statesLeftBy('abandon')} AND (NOT leads.promised OR ${whose === 'own'})`;
  for (let read = 0; read < READS; read += 1) {
    const [row] = await database.$queryRaw<LeadRow[]>`
      INSERT INTO leads (${INSERTED}, state, reason, due_at, finished_at)
      SELECT ${INSERTED_FROM_INPUT}, 'ABANDONED', 'GIVEN_BACK', now(), now() FROM (${inputOf([lead])}) AS input
      ON CONFLICT (id) DO UPDATE SET promised = leads.promised WHERE NOT (${isOurs})
      RETURNING ${LEAD_ROW}`;
    if (row !== undefined) return row;
    const end = { end: ABANDONED, isAsBefore: isOurs, locked: 'waited for' } as const;
    const [ended] = await endQueued(database, [lead.leadId], end);
    if (ended !== undefined) return ended;
  }
  throw new Error(`A lead changed between two reads, ${READS} times in a row.`);
}

/**
 * `abandon`, at its company's request: a promised lead that waits to be sent, QUEUED → ABANDONED. No worker sends it afterwards.
 *
 * @returns its dialer; undefined, with nothing changed, if there is no such lead in the scope
 */
export async function takeBack(
  database: Database,
  { companyId, campaigns }: LeadScope,
  leadId: string,
): Promise<{ readonly dialerId: string } | undefined> {
  const isReached =
    campaigns === undefined ? Prisma.empty : Prisma.sql`AND campaign_id = ANY(${[...campaigns]}::text[])`;
  const [row] = await database.$queryRaw<{ dialerId: string }[]>`
    WITH ended AS (
      UPDATE leads SET ${ABANDONED}, finished_at = now()
      WHERE id = ${leadId}::uuid AND company_id = ${companyId}::uuid AND state IN ${statesLeftBy('abandon')} AND promised ${isReached}
      RETURNING leads.*
    ),
    ${giveBackUses(Prisma.sql`ended`)}
    SELECT dialer_id AS "dialerId" FROM ended`;
  return row;
}
