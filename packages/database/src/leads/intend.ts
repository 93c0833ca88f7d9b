import { type AniChoice, chooseAnis, type LeadToCall } from '@live-feed/core/caller-id/ani-choice';
import type { Clock } from '@live-feed/core/clock';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { type AniSupply, readAniSupply } from '../caller-ids/ani-supply.ts';
import { moveUses } from '../caller-ids/ani-uses.ts';
import type { Database } from '../connection/client.ts';
import { steadyAfter } from '../connection/steady-clock.ts';
import { Prisma } from '../generated/client.ts';
import { LEAD_ROW, type LeadRow } from './lead-rows.ts';
import { INSERTED, INSERTED_FROM_INPUT, inputOf } from './sql/lead-input.ts';
import { agreedNow, fitsBeforeDeadline, ms } from './sql/lead-times.ts';
import { statesLeftBy } from './sql/states-left.ts';

/**
 * How long after its deadline a lead without a row is left alone: a running ingress promises it well within this time. Afterwards no
 * caller waits, and the lead is given up rather than sent late.
 */
const PROMISE_GRACE = Prisma.sql`interval '2 seconds'`;

/** Each try fails only if another worker starts an upload of the same company meanwhile. */
const TRIES = 50;

export interface IntendedUpload {
  readonly id: string;
  readonly companyId: string;
  readonly dialerId: string;
  readonly campaignId: string;
  /** How long after the commit the socket may be written to. */
  readonly sendWindowMs: number;
  /** From `sendBy` until absence in a read-back counts. */
  readonly absenceAfterMs: number;
  /** The account, as `accountName` gives it. */
  readonly sentTo: string;
}

/**
 * `intend`: (no row) or QUEUED → SENDING, with the best ANI for each lead. A lead that is too late ends instead. So does one without
 * an ANI, if the company wants that.
 *
 * Two round trips: read the ANIs, then write the chosen ones with the leads. The write has no effect if another upload of the company
 * started in between (`ani_turn`). So caps hold however many uploads start at once, nothing is locked during the choice, and
 * companies never wait for each other.
 *
 * @param leads `toCall` is what the ANI is chosen by
 * @param clock replaces the process's clock in tests
 * @returns the rows that were changed. A lead is missing if another process was first, or it must be verified first: read its row
 * and act on that. If it has no row, its ingress is about to promise it: read again a little later.
 */
export async function intend(
  database: Database,
  upload: IntendedUpload,
  leads: readonly {
    readonly job: LeadJob;
    readonly toCall: Pick<LeadToCall, 'phone' | 'zip' | 'state'>;
  }[],
  clock?: Clock,
): Promise<LeadRow[]> {
  const jobs = leads.map(({ job }) => job);
  for (let tried = 0; tried < TRIES; tried += 1) {
    const supply = await readAniSupply(database, upload, jobs);
    const choices = chooseAnis(
      supply.candidates,
      leads.map(({ job, toCall }) => ({ ...toCall, ...supply.history.get(job.leadId) })),
    );
    const changed = await writeIntent(database, upload, jobs, supply, choices, clock);
    if (changed !== undefined) return changed;
  }
  throw new Error(`Other uploads of the company started during each of ${TRIES} tries.`);
}

/** @returns undefined, with nothing changed, if the supply has changed since it was read */
async function writeIntent(
  database: Database,
  upload: IntendedUpload,
  jobs: readonly LeadJob[],
  supply: AniSupply,
  choices: readonly (AniChoice | undefined)[],
  clock: Clock | undefined,
): Promise<LeadRow[] | undefined> {
  const today = Prisma.sql`${supply.today}::date`;
  const sendBy = Prisma.sql`now() + ${ms(upload.sendWindowMs)}`;
  const settleWithinMs = upload.sendWindowMs + upload.absenceAfterMs;
  const settleWithin = ms(settleWithinMs);
  const now = Prisma.sql`now()`;
  const firstFits = fitsBeforeDeadline(Prisma.sql`deadline`, now);
  const nextFits = fitsBeforeDeadline(Prisma.sql`leads.deadline`, now, {
    reason: Prisma.sql`leads.reason`,
    settleWithin,
  });
  const absentFrom = steadyAfter(settleWithinMs);
  const dueAt = Prisma.sql`now() + ${settleWithin}`;
  const isRefused = Prisma.sql`(input.ani IS NULL AND ${supply.whenNone === 'reject'})`;
  const usedOn = Prisma.sql`CASE WHEN ani IS NOT NULL THEN ${today} END`;
  // Leads change before ANIs do: see moveUses.
  const uses = moveUses(
    Prisma.sql`
      SELECT "callerId" AS phone, ${today} AS day, 1 AS change FROM changed WHERE state = 'SENDING' AND "callerId" IS NOT NULL
      UNION ALL SELECT had, had_on, -1 FROM queued WHERE had_on IS NOT NULL`,
    today,
  );
  const rows = await database.$queryRaw<(LeadRow | { readonly id: null })[]>`
    WITH turn AS (
      UPDATE companies SET ani_turn = ani_turn + 1
      WHERE id = ${upload.companyId}::uuid AND ani_turn = ${supply.turn}::bigint
      RETURNING id AS company
    ),
    input AS (SELECT leads_in.* FROM turn, (${inputOf(jobs, choices)}) AS leads_in),
    begun AS (
      INSERT INTO leads (${INSERTED}, state, attempt, caller_id, ani_tier, ani_distance_km, ani_used_on, upload_ids, send_by, due_at, absent_from, sent_to)
      SELECT ${INSERTED_FROM_INPUT}, 'SENDING', 1, ani, tier, distance_km, ${usedOn}, ARRAY[${upload.id}::uuid], ${sendBy}, ${dueAt},
        ${absentFrom}, ${upload.sentTo}
      FROM input WHERE ${firstFits} AND NOT ${isRefused} ORDER BY id
      ON CONFLICT (id) DO NOTHING
      RETURNING ${LEAD_ROW}
    ),
    unsent AS (
      INSERT INTO leads (${INSERTED}, state, reason, due_at, finished_at)
      SELECT ${INSERTED_FROM_INPUT}, 'ABANDONED',
        CASE WHEN now() > deadline THEN 'DEADLINE_PASSED' ELSE 'NO_ANI_AVAILABLE' END, now(), now()
      FROM input WHERE now() > deadline + ${PROMISE_GRACE} OR (${firstFits} AND ${isRefused}) ORDER BY id
      ON CONFLICT (id) DO NOTHING
      RETURNING ${LEAD_ROW}
    ),
    queued AS (
      SELECT leads.id, ani, is_kept, tier, distance_km, leads.caller_id AS had, leads.ani_used_on AS had_on, (CASE
        WHEN promised AND ${agreedNow(clock)} > leads.expires_at THEN 'EXPIRED'
        WHEN NOT promised AND NOT ${nextFits} THEN 'FAILED'
        WHEN ${isRefused} THEN 'ABANDONED'
        ELSE 'SENDING' END)::lead_state AS next
      FROM leads JOIN input USING (id) WHERE leads.state IN ${statesLeftBy('intend')}
      ORDER BY leads.id FOR UPDATE OF leads
    ),
    resumed AS (
      UPDATE leads SET state = next, attempt = attempt + 1, caller_id = ani, ani_used_on = ${usedOn},
        ani_tier = CASE WHEN is_kept THEN ani_tier ELSE tier END,
        ani_distance_km = CASE WHEN is_kept THEN ani_distance_km ELSE distance_km END,
        upload_ids = upload_ids || ${upload.id}::uuid, send_by = ${sendBy}, due_at = ${dueAt},
        absent_from = ${absentFrom}, sent_to = ${upload.sentTo}
      FROM queued WHERE leads.id = queued.id AND next = 'SENDING'
      RETURNING ${LEAD_ROW}
    ),
    ended AS (
      UPDATE leads SET state = next, finished_at = now(), reason = CASE next
        WHEN 'EXPIRED' THEN 'AGE_LIMIT'
        WHEN 'ABANDONED' THEN 'NO_ANI_AVAILABLE'
        ELSE COALESCE(reason, 'DEADLINE_PASSED') END
      FROM queued WHERE leads.id = queued.id AND next <> 'SENDING'
      RETURNING ${LEAD_ROW}
    ),
    changed AS (
      SELECT * FROM begun UNION ALL SELECT * FROM resumed UNION ALL SELECT * FROM unsent UNION ALL SELECT * FROM ended
    ),
    ${uses},
    recorded AS (
      INSERT INTO uploads (id, dialer_id, campaign_id, size, started_at)
      SELECT ${upload.id}::uuid, ${upload.dialerId}::uuid, ${upload.campaignId}, count(*), now()
      FROM changed WHERE state = 'SENDING' HAVING count(*) > 0
    )
    SELECT changed.* FROM turn LEFT JOIN changed ON true`;
  return rows.length === 0 ? undefined : rows.filter((row) => row.id !== null);
}
