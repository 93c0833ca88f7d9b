import type { Clock } from '@live-feed/core/clock';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Reason } from '@live-feed/core/lead/lead-outcome';
import type { Transition } from '@live-feed/core/lead/lead-state';
import { giveBackUses } from '../caller-ids/ani-uses.ts';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { LEAD_ROW, type LeadRow } from './lead-rows.ts';
import { CHANGED_AGAIN, endQueued, LOOKS } from './sql/end-queued.ts';
import { INSERTED, INSERTED_FROM_INPUT, inputOf } from './sql/lead-input.ts';
import { agreedNow, fitsBeforeDeadline } from './sql/lead-times.ts';
import { statesLeftBy } from './sql/states-left.ts';

/**
 * The arbiter. Every change of a lead's state is one of these statements, each a compare-and-set on what the row says now,
 * whatever the number of leads. What a transition may leave is `TRANSITIONS` in core, which the statements read (`statesLeftBy`). `intend` and `promise` are in files of their own, and
 * `promise` has a second form for keyed requests, in `idempotency-keys.ts`. A lead that ends without a call gives the use of its ANI back in the
 * statement that ends it.
 *
 * Deadlines are compared on the database's clock. Nothing is sent again because of a time of day: see `steady-clock.ts`.
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
  /** `release`: the longest that the next attempt can take until its effect is known; see `fitsBeforeDeadline`. */
  readonly settleWithinMs: number;
}

/** How a call went, for the record. */
export interface UploadRecord {
  readonly id: string;
  readonly result: string;
  readonly httpStatus: number | null;
  readonly latencyMs: number;
}

/**
 * SENDING or UNKNOWN, at the attempt named → as each settlement says; these transitions leave the same states.
 *
 * @param clock in place of the process' own; for tests
 * @returns the rows that were changed. For a missing lead, another process was first: read its row and act on that.
 */
export async function settle(
  database: Database,
  settlements: readonly Settlement[],
  upload?: UploadRecord,
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
      UPDATE uploads SET finished_at = now(), result = ${upload?.result ?? null}::text,
        http_status = ${upload?.httpStatus ?? null}::int, latency_ms = ${upload?.latencyMs ?? null}::int
      WHERE id = ${upload?.id ?? null}::uuid
    )
    SELECT * FROM settled`;
}

/**
 * `abandon`: (no row) or an unsent QUEUED → ABANDONED. Once it is there no worker sends the lead.
 *
 * @param whose `own`: also takes back the caller's own promise, of a lead that no other request knows. Otherwise a promised lead is left alone:
 * another caller may have been told that it will be delivered
 * @returns the row as it is now; in any state but ABANDONED the lead could not be given back.
 */
export async function abandon(
  database: Database,
  lead: LeadJob,
  whose: 'unpromised' | 'own' = 'unpromised',
): Promise<LeadRow> {
  const isOurs = Prisma.sql`leads.state IN ${statesLeftBy('abandon')} AND (NOT leads.promised OR ${whose === 'own'})`;
  for (let looked = 0; looked < LOOKS; looked += 1) {
    const [row] = await database.$queryRaw<LeadRow[]>`
      INSERT INTO leads (${INSERTED}, state, reason, due_at, finished_at)
      SELECT ${INSERTED_FROM_INPUT}, 'ABANDONED', 'GIVEN_BACK', now(), now() FROM (${inputOf([lead])}) AS input
      ON CONFLICT (id) DO UPDATE SET promised = leads.promised WHERE NOT (${isOurs})
      RETURNING ${LEAD_ROW}`;
    const [settled] = row === undefined ? await endQueued(database, [lead.leadId], ABANDONED, isOurs) : [row];
    if (settled !== undefined) return settled;
  }
  throw new Error(CHANGED_AGAIN);
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
    WITH ended AS (
      UPDATE leads SET ${ABANDONED}, finished_at = now()
      WHERE id = ${leadId}::uuid AND company_id = ${companyId}::uuid AND state IN ${statesLeftBy('abandon')} AND promised
      RETURNING leads.*
    ),
    ${giveBackUses(Prisma.sql`ended`)}
    SELECT dialer_id AS "dialerId" FROM ended`;
  return row;
}
