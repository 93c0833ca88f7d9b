import type { AniCandidate, LeadToCall } from '@live-feed/core/caller-id/ani-choice';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { IS_PAUSED } from '../pauses/campaign-pauses.ts';

/** What a company's ANIs are chosen from, as it was at one moment: its turn shows whether that has passed. */
export interface AniSupply {
  readonly turn: string;
  /** The company's day, `2026-11-25`. */
  readonly today: string;
  readonly whenNone: 'campaign_default' | 'reject';
  /** Whether the campaign is paused. */
  readonly isPaused: boolean;
  /** See `chooseAnis`. */
  readonly candidates: readonly AniCandidate[];
  /** By lead id; leads of which nothing is known are missing. */
  readonly history: ReadonlyMap<string, Pick<LeadToCall, 'sticky' | 'had'>>;
}

/** A company that has more has its most used left out. */
const MOST_CANDIDATES = 20_000;

const STICKY_FOR = Prisma.sql`interval '30 days'`;
/** Only a phone's newest leads are searched for an accepted one. */
const STICKY_AMONG = 20;

/** Leads of a campaign that ask for ANIs. */
export interface SupplyQuery {
  readonly companyId: string;
  /** Null, and one that the company does not have: no campaign's pool counts. */
  readonly campaignId: string | null;
  readonly leads: readonly Pick<LeadJob, 'leadId' | 'phoneDigest'>[];
}

/**
 * One statement for all of them, so supplies of one company have one turn.
 *
 * @returns for each query, in their order; undefined where the company does not exist
 */
export async function readAniSupplies(
  database: Database,
  queries: readonly SupplyQuery[],
): Promise<(AniSupply | undefined)[]> {
  const uploads = JSON.stringify(
    queries.map(({ companyId, campaignId }, place) => ({ place, companyId, campaignId })),
  );
  // As texts, because the driver would inspect each of hundreds of values.
  const leads = queries.flatMap((query, place) => query.leads.map((lead) => ({ ...lead, place })));
  const places = leads.map(({ place }) => place).join();
  const ids = leads.map(({ leadId }) => leadId).join();
  const digests = leads.map(({ phoneDigest }) => phoneDigest).join();
  const rows = await database.$queryRaw<SupplyRow[]>`
    WITH company AS (
      SELECT companies.*, place, (now() AT TIME ZONE time_zone)::date AS today, campaigns.id AS campaign,
        COALESCE(${IS_PAUSED}, false) AS is_paused,
        EXISTS (SELECT FROM campaign_anis WHERE campaign_anis.campaign_id = campaigns.id) AS has_pool
      FROM jsonb_to_recordset(${uploads}::jsonb) AS upload(place int, "companyId" uuid, "campaignId" text)
      JOIN companies ON companies.id = "companyId"
      LEFT JOIN campaigns ON campaigns.company_id = companies.id AND campaigns.campaign_id = "campaignId"
      WHERE companies.id = ANY(${queries.map(({ companyId }) => companyId)}::uuid[])
    ),
    asked AS (
      SELECT * FROM unnest(string_to_array(${places}, ',')::int[], string_to_array(${ids}, ',')::uuid[],
        string_to_array(${digests}, ',')::char(64)[]) AS asked(place, id, phone_digest)
    ),
    history AS (
      SELECT company.place, asked.id, sticky.caller_id AS sticky, had.caller_id AS had,
        had.ani_used_on IS NOT DISTINCT FROM today AS counted_today
      FROM asked JOIN company USING (place)
      LEFT JOIN leads AS had ON had.id = asked.id
      LEFT JOIN LATERAL (
        SELECT caller_id FROM (
          SELECT id, state, caller_id, finished_at FROM leads
          WHERE company_id = company.id AND phone_digest = asked.phone_digest
          ORDER BY id DESC LIMIT ${STICKY_AMONG}
        ) AS recent
        WHERE state = 'ACCEPTED' AND caller_id IS NOT NULL AND finished_at > now() - ${STICKY_FOR}
        ORDER BY id DESC LIMIT 1
      ) AS sticky ON true
      WHERE sticky.caller_id IS NOT NULL OR had.caller_id IS NOT NULL
    )
    SELECT company.place, ani_turn::text AS turn, today::text AS today, when_no_ani AS "whenNone", is_paused AS "isPaused",
      (SELECT string_agg(concat_ws(' ', phone, used, cap), ',' ORDER BY used, last_assigned_at NULLS FIRST, id) FROM (
        SELECT anis.id, phone, CASE WHEN used_on = today THEN used ELSE 0 END AS used,
          COALESCE(daily_cap, ani_daily_cap) AS cap, last_assigned_at
        FROM anis
        WHERE anis.company_id = company.id AND status = 'ACTIVE' AND (cooling_until IS NULL OR cooling_until <= now())
          AND (NOT has_pool OR EXISTS (SELECT FROM campaign_anis WHERE campaign_id = campaign AND ani_id = anis.id))
        ORDER BY used, last_assigned_at NULLS FIRST, anis.id LIMIT ${MOST_CANDIDATES}
      ) AS candidates) AS candidates,
      (SELECT json_agg(history) FROM history WHERE history.place = company.place) AS history
    FROM company`;
  const supplies = new Map(rows.map((row) => [row.place, supplyOf(row)]));
  return queries.map((_query, place) => supplies.get(place));
}

function supplyOf({ turn, today, whenNone, isPaused, candidates, history }: SupplyRow): AniSupply {
  return {
    turn,
    today,
    whenNone: whenNone === 'reject' ? 'reject' : 'campaign_default',
    isPaused,
    candidates: candidates === null ? [] : candidates.split(',').map(candidateOf),
    history: new Map((history ?? []).map((lead) => [lead.id, historyOf(lead)])),
  };
}

interface SupplyRow {
  readonly place: number;
  readonly turn: string;
  readonly today: string;
  readonly whenNone: string;
  readonly isPaused: boolean;
  /** One text: thousands of rows would cost more to carry than to choose from. */
  readonly candidates: string | null;
  readonly history: readonly HistoryRow[] | null;
}

interface HistoryRow {
  readonly id: string;
  readonly sticky: string | null;
  readonly had: string | null;
  readonly counted_today: boolean;
}

function candidateOf(text: string): AniCandidate {
  const [phone = '', used, dailyCap] = text.split(' ');
  return { phone, used: Number(used), dailyCap: Number(dailyCap) };
}

function historyOf({ sticky, had, counted_today: countedToday }: HistoryRow) {
  return {
    ...(sticky === null ? {} : { sticky }),
    ...(had === null ? {} : { had: { phone: had, countedToday } }),
  };
}
