import { chooseAnis, type LeadToCall } from '@live-feed/core/caller-id/ani-choice';
import type { Clock } from '@live-feed/core/clock';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { type AniSupply, readAniSupplies } from '../caller-ids/ani-supply.ts';
import { moveUses } from '../caller-ids/ani-uses.ts';
import type { Database } from '../connection/client.ts';
import { steadyAfter } from '../connection/steady-clock.ts';
import { Prisma } from '../generated/client.ts';
import { isSuppressed } from '../suppression/suppressed-phones.ts';
import { LEAD_ROW, type LeadRow } from './lead-rows.ts';
import { INSERTED, INSERTED_FROM_INPUT, inputOf } from './sql/lead-input.ts';
import { agreedNow, fitsBeforeDeadline, ms } from './sql/lead-times.ts';
import { statesLeftBy } from './sql/states-left.ts';

/**
 * A running ingress promises a lead without a row at its deadline, well before this has passed. After this no caller waits any more,
 * so the lead is given up rather than sent late. In between it is left alone.
 */
const PROMISE_GRACE = Prisma.sql`interval '2 seconds'`;

/** An upload to be begun. */
export interface IntendedUpload {
  readonly id: string;
  readonly companyId: string;
  readonly dialerId: string;
  readonly campaignId: string;
  /** The account, as `accountName` gives it. */
  readonly sentTo: string;
  readonly leads: readonly IntendedLead[];
}

export interface IntendedLead {
  readonly job: LeadJob;
  /** Its ANI is chosen by it. */
  readonly toCall: Pick<LeadToCall, 'phone' | 'zip' | 'state'>;
}

/** How long an attempt takes, the same for all uploads of a worker. */
export interface AttemptTimes {
  /** How long after the commit the socket may be written to. */
  readonly sendWindowMs: number;
  /** From `sendBy` until absence in a read-back counts. */
  readonly absenceAfterMs: number;
}

/**
 * `intend`: (no row) or QUEUED → SENDING, with the best ANI for each lead. A lead that is too late ends instead. So does one whose phone
 * is suppressed, and one without an ANI, if the company wants that.
 *
 * Two round trips for all uploads: read the ANIs, then write the chosen ones with the leads. An upload's part of the write has no effect if
 * another upload of its company started in between, a phone was suppressed, or a campaign paused (`ani_turn`). So caps hold however many
 * uploads start at once, no phone is called after it was suppressed and no campaign after it was paused, and nothing is locked during the choice. A company or a lead whose row is locked is left out instead of being waited for.
 *
 * @param uploads of different companies
 * @param clock replaces the process's clock in tests
 * @returns for each upload, in their order, the rows that were changed; `paused`, with nothing changed, if its campaign is; undefined if
 * another upload of its company, a suppressed phone or a paused campaign was first: try again.
 * A lead is missing if another process was first, or it must be verified first: read its row and act on that. If it has no row, its
 * ingress is about to promise it: read again a little later.
 */
export async function intend(
  database: Database,
  times: AttemptTimes,
  uploads: readonly IntendedUpload[],
  clock?: Clock,
): Promise<(LeadRow[] | 'paused' | undefined)[]> {
  const supplies = await readAniSupplies(
    database,
    uploads.map(({ leads, ...upload }) => ({ ...upload, leads: leads.map(({ job }) => job) })),
  );
  const supplied = uploads.flatMap((upload, place) => {
    const supply = supplies[place];
    return supply === undefined || supply.isPaused ? [] : [{ upload, supply }];
  });
  const changed = supplied.length === 0 ? undefined : await writeIntents(database, times, supplied, clock);
  return uploads.map(({ companyId }, place) =>
    supplies[place]?.isPaused ? 'paused' : changed?.get(companyId),
  );
}

interface SuppliedUpload {
  readonly upload: IntendedUpload;
  readonly supply: AniSupply;
}

/** @returns the changed rows by company; companies are missing whose turn has changed since their ANIs were read */
async function writeIntents(
  database: Database,
  times: AttemptTimes,
  supplied: readonly SuppliedUpload[],
  clock: Clock | undefined,
): Promise<Map<string, LeadRow[]>> {
  const choices = supplied.map(({ upload: { leads }, supply: { candidates, history } }) =>
    chooseAnis(
      candidates,
      leads.map(({ job, toCall }) => ({ ...toCall, ...history.get(job.leadId) })),
    ),
  );
  const jobs = supplied.flatMap(({ upload }) => upload.leads.map(({ job }) => job));
  const sendBy = Prisma.sql`now() + ${ms(times.sendWindowMs)}`;
  const settleWithinMs = times.sendWindowMs + times.absenceAfterMs;
  const settleWithin = ms(settleWithinMs);
  const now = Prisma.sql`now()`;
  const firstFits = fitsBeforeDeadline(Prisma.sql`deadline`, now);
  const nextFits = fitsBeforeDeadline(Prisma.sql`leads.deadline`, now, {
    reason: Prisma.sql`leads.reason`,
    settleWithin,
  });
  const absentFrom = steadyAfter(settleWithinMs);
  const dueAt = Prisma.sql`now() + ${settleWithin}`;
  const suppressed = isSuppressed(Prisma.sql`leads_in.company_id`, Prisma.sql`leads_in.phone_digest`);
  const isRefused = Prisma.sql`(suppressed OR input.ani IS NULL AND rejects)`;
  const usedOn = Prisma.sql`CASE WHEN ani IS NOT NULL THEN today END`;
  // Leads change before ANIs do: see moveUses.
  const uses = moveUses(Prisma.sql`
      SELECT "callerId" AS phone, today AS day, 1 AS change FROM changed JOIN turn USING ("companyId")
      WHERE state = 'SENDING' AND "callerId" IS NOT NULL
      UNION ALL SELECT had, had_on, -1 FROM queued WHERE had_on IS NOT NULL`);
  const returned = Prisma.sql`${LEAD_ROW}, leads.company_id AS "companyId"`;
  const rows = await database.$queryRaw<ChangedRow[]>`
    WITH held AS (
      SELECT upload.* FROM jsonb_to_recordset(${JSON.stringify(supplied.map(uploadRow))}::jsonb) AS upload(
        "companyId" uuid, turn bigint, today date, rejects boolean, upload_id uuid, sending_dialer uuid, to_campaign text, account text)
      JOIN companies ON companies.id = "companyId" AND ani_turn = turn
      WHERE companies.id = ANY(${supplied.map(({ upload }) => upload.companyId)}::uuid[])
      ORDER BY companies.id FOR NO KEY UPDATE OF companies SKIP LOCKED
    ),
    turn AS (
      UPDATE companies SET ani_turn = ani_turn + 1 FROM held WHERE companies.id = "companyId" RETURNING held.*
    ),
    input AS (
      SELECT leads_in.*, turn.*, ${suppressed} AS suppressed FROM (${inputOf(jobs, choices.flat())}) AS leads_in JOIN turn ON company_id = "companyId"
    ),
    begun AS (
      INSERT INTO leads (${INSERTED}, state, attempt, caller_id, ani_tier, ani_distance_km, ani_used_on, upload_ids, send_by, due_at, absent_from, sent_to)
      SELECT ${INSERTED_FROM_INPUT}, 'SENDING', 1, ani, tier, distance_km, ${usedOn}, ARRAY[upload_id], ${sendBy}, ${dueAt},
        ${absentFrom}, account
      FROM input WHERE ${firstFits} AND NOT ${isRefused} ORDER BY id
      ON CONFLICT (id) DO NOTHING
      RETURNING ${returned}
    ),
    unsent AS (
      INSERT INTO leads (${INSERTED}, state, reason, due_at, finished_at)
      SELECT ${INSERTED_FROM_INPUT}, 'ABANDONED',
        CASE WHEN suppressed THEN 'PHONE_SUPPRESSED' WHEN now() > deadline THEN 'DEADLINE_PASSED' ELSE 'NO_ANI_AVAILABLE' END, now(), now()
      FROM input WHERE suppressed OR now() > deadline + ${PROMISE_GRACE} OR (${firstFits} AND ${isRefused}) ORDER BY id
      ON CONFLICT (id) DO NOTHING
      RETURNING ${returned}
    ),
    queued AS (
      SELECT leads.id, ani, is_kept, tier, distance_km, upload_id, account, today, suppressed, leads.caller_id AS had,
        leads.ani_used_on AS had_on, (CASE
        WHEN suppressed THEN 'ABANDONED'
        WHEN promised AND ${agreedNow(clock)} > leads.expires_at THEN 'EXPIRED'
        WHEN NOT promised AND NOT ${nextFits} THEN 'FAILED'
        WHEN ${isRefused} THEN 'ABANDONED'
        ELSE 'SENDING' END)::lead_state AS next
      FROM leads JOIN input USING (id) WHERE leads.state IN ${statesLeftBy('intend')}
      ORDER BY leads.id FOR UPDATE OF leads SKIP LOCKED
    ),
    resumed AS (
      UPDATE leads SET state = next, attempt = attempt + 1, caller_id = ani, ani_used_on = ${usedOn},
        ani_tier = CASE WHEN is_kept THEN ani_tier ELSE tier END,
        ani_distance_km = CASE WHEN is_kept THEN ani_distance_km ELSE distance_km END,
        upload_ids = upload_ids || upload_id, send_by = ${sendBy}, due_at = ${dueAt},
        absent_from = ${absentFrom}, sent_to = account
      FROM queued WHERE leads.id = queued.id AND next = 'SENDING'
      RETURNING ${returned}
    ),
    ended AS (
      UPDATE leads SET state = next, finished_at = now(), reason = CASE next
        WHEN 'EXPIRED' THEN 'AGE_LIMIT'
        WHEN 'ABANDONED' THEN CASE WHEN suppressed THEN 'PHONE_SUPPRESSED' ELSE 'NO_ANI_AVAILABLE' END
        ELSE COALESCE(reason, 'DEADLINE_PASSED') END
      FROM queued WHERE leads.id = queued.id AND next <> 'SENDING'
      RETURNING ${returned}
    ),
    changed AS (
      SELECT * FROM begun UNION ALL SELECT * FROM resumed UNION ALL SELECT * FROM unsent UNION ALL SELECT * FROM ended
    ),
    ${uses},
    recorded AS (
      INSERT INTO uploads (id, dialer_id, campaign_id, size, started_at)
      SELECT upload_id, sending_dialer, to_campaign, count(*), now() FROM changed JOIN turn USING ("companyId")
      WHERE state = 'SENDING' GROUP BY upload_id, sending_dialer, to_campaign
    )
    SELECT turn."companyId" AS "begunFor", changed.* FROM turn LEFT JOIN changed USING ("companyId")`;
  const changed = new Map<string, LeadRow[]>(rows.map(({ begunFor }) => [begunFor, []]));
  for (const row of rows) if (row.id !== null) changed.get(row.begunFor)?.push(row);
  return changed;
}

/** The company's turn was had; without an id, no lead of it was changed. */
type ChangedRow = (LeadRow | { readonly id: null }) & { readonly begunFor: string };

function uploadRow({ upload, supply }: SuppliedUpload) {
  return {
    companyId: upload.companyId,
    turn: supply.turn,
    today: supply.today,
    rejects: supply.whenNone === 'reject',
    upload_id: upload.id,
    sending_dialer: upload.dialerId,
    to_campaign: upload.campaignId,
    account: upload.sentTo,
  };
}
