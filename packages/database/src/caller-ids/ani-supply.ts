import type { AniCandidate, LeadToCall } from '@live-feed/core/caller-id/ani-choice';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/** A company's ANIs at one moment. A changed `turn` shows that an upload has started since. */
export interface AniSupply {
  readonly turn: string;
  /** The company's day, `2026-11-25`. */
  readonly today: string;
  readonly whenNone: 'campaign_default' | 'reject';
  /** See `chooseAnis`. */
  readonly candidates: readonly AniCandidate[];
  /** By lead id, without leads that have none. */
  readonly history: ReadonlyMap<string, Pick<LeadToCall, 'sticky' | 'had'>>;
}

/** Maximum per company: the most used ones are left out. */
const MOST_CANDIDATES = 20_000;

const STICKY_FOR = Prisma.sql`interval '30 days'`;
/** Only a phone's newest leads are searched for an accepted one. */
const STICKY_AMONG = 20;

/** @throws Error if there is no such company */
export async function readAniSupply(
  database: Database,
  { companyId, campaignId }: { readonly companyId: string; readonly campaignId: string },
  leads: readonly LeadJob[],
): Promise<AniSupply> {
  // As two texts, because the driver would inspect each of hundreds of values.
  const ids = leads.map(({ leadId }) => leadId).join();
  const digests = leads.map(({ phoneDigest }) => phoneDigest).join();
  const [row] = await database.$queryRaw<SupplyRow[]>`
    WITH company AS (
      SELECT companies.*, (now() AT TIME ZONE time_zone)::date AS today, campaigns.id AS campaign,
        EXISTS (SELECT FROM campaign_anis WHERE campaign_anis.campaign_id = campaigns.id) AS has_pool
      FROM companies LEFT JOIN campaigns ON campaigns.company_id = companies.id AND campaigns.campaign_id = ${campaignId}
      WHERE companies.id = ${companyId}::uuid
    ),
    candidates AS (
      SELECT anis.id, phone, CASE WHEN used_on = today THEN used ELSE 0 END AS used,
        COALESCE(daily_cap, ani_daily_cap) AS cap, last_assigned_at
      FROM company JOIN anis ON anis.company_id = company.id
      WHERE status = 'ACTIVE' AND (cooling_until IS NULL OR cooling_until <= now())
        AND (NOT has_pool OR EXISTS (SELECT FROM campaign_anis WHERE campaign_id = campaign AND ani_id = anis.id))
      ORDER BY used, last_assigned_at NULLS FIRST, anis.id LIMIT ${MOST_CANDIDATES}
    ),
    history AS (
      SELECT asked.id, sticky.caller_id AS sticky, had.caller_id AS had, had.ani_used_on IS NOT DISTINCT FROM today AS counted_today
      FROM company, unnest(string_to_array(${ids}, ',')::uuid[], string_to_array(${digests}, ',')::char(64)[]) AS asked(id, phone_digest)
      LEFT JOIN leads AS had ON had.id = asked.id
      LEFT JOIN LATERAL (
        SELECT caller_id FROM (
          SELECT id, state, caller_id, finished_at FROM leads
          WHERE company_id = ${companyId}::uuid AND phone_digest = asked.phone_digest
          ORDER BY id DESC LIMIT ${STICKY_AMONG}
        ) AS recent
        WHERE state = 'ACCEPTED' AND caller_id IS NOT NULL AND finished_at > now() - ${STICKY_FOR}
        ORDER BY id DESC LIMIT 1
      ) AS sticky ON true
      WHERE sticky.caller_id IS NOT NULL OR had.caller_id IS NOT NULL
    )
    SELECT ani_turn::text AS turn, today::text AS today, when_no_ani AS "whenNone",
      (SELECT string_agg(concat_ws(' ', phone, used, cap), ',' ORDER BY used, last_assigned_at NULLS FIRST, id)
        FROM candidates) AS candidates,
      (SELECT json_agg(history) FROM history) AS history
    FROM company`;
  if (row === undefined) throw new Error('The company of an upload does not exist.');
  return {
    turn: row.turn,
    today: row.today,
    whenNone: row.whenNone === 'reject' ? 'reject' : 'campaign_default',
    candidates: row.candidates === null ? [] : row.candidates.split(',').map(candidateOf),
    history: new Map((row.history ?? []).map((lead) => [lead.id, historyOf(lead)])),
  };
}

interface SupplyRow {
  readonly turn: string;
  readonly today: string;
  readonly whenNone: string;
  /** One text, because thousands of rows would cost more to transfer than to choose from. */
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
