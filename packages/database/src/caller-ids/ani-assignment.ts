import {
  type AniCandidate,
  type ChosenAni,
  chooseAnis,
  type LeadToCall,
  previewAnis,
} from '@live-feed/core/caller-id/ani-choice';
import { newId } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { suppressedAmong } from '../suppression/suppressed-phones.ts';
import { type AniSupply, readAniSupplies } from './ani-supply.ts';
import { moveUses } from './ani-uses.ts';

/** Somebody whom a company's dialer calls by itself, without a lead of ours. */
export interface Prospect {
  /** Its pool counts; null: any ANI of the company will do. */
  readonly campaignId: string | null;
  readonly toCall: Pick<LeadToCall, 'phone' | 'zip' | 'state'>;
  /** As leads have it; null if the phone is not of the kind that leads have. */
  readonly phoneDigest: string | null;
}

export type Assignment =
  | { readonly kind: 'assigned'; readonly ani: string }
  /** No ANI has any use left. */
  | { readonly kind: 'none' }
  /** The phone must not be called. */
  | { readonly kind: 'suppressed' };

/**
 * Assigns the best ANI to each, as `intend` does for leads, and takes the uses for good: what becomes of the calls is not known.
 *
 * It reads the ANIs, then which phones are suppressed, then takes the uses in one statement. That has no effect if an upload or another
 * assignment of the company, or a suppressed phone, came in between (`ani_turn`). So caps hold however many ask at once, and no phone gets an
 * ANI after it was suppressed.
 *
 * @returns in their order; undefined, and nothing was taken, if something came in between: try again
 */
export async function assignAnis(
  database: Database,
  companyId: string,
  prospects: readonly Prospect[],
): Promise<readonly Assignment[] | undefined> {
  const { asking, campaigns, supply, isSuppressed } = await readFor(database, companyId, prospects);
  if (supply === undefined) return prospects.map(() => ({ kind: 'none' }));
  const chosen = new Map<string, string>();
  const uses = new Map<string, number>();
  for (const { asked, candidates, history } of campaigns) {
    const callable = asked.filter((one) => !isSuppressed(one));
    const leads = callable.map(({ leadId, toCall }) => ({ ...toCall, ...history.get(leadId) }));
    chooseAnis(withUses(candidates, uses), leads).forEach((choice, n) => {
      const leadId = callable[n]?.leadId;
      if (choice === undefined || leadId === undefined) return;
      chosen.set(leadId, choice.phone);
      uses.set(choice.phone, (uses.get(choice.phone) ?? 0) + 1);
    });
  }
  if (!(await take(database, companyId, supply, [...chosen.values()]))) return undefined;
  return asking.map((one) => {
    const ani = chosen.get(one.leadId);
    if (ani !== undefined) return { kind: 'assigned', ani };
    return { kind: isSuppressed(one) ? 'suppressed' : 'none' };
  });
}

export type AniPreview =
  | ChosenAni
  | { readonly kind: 'none'; readonly whenNone: AniSupply['whenNone'] }
  | { readonly kind: 'suppressed' };

/** What each would get if it asked now, and alone. Nothing is taken. @returns in their order */
export async function previewAssignments(
  database: Database,
  companyId: string,
  prospects: readonly Prospect[],
): Promise<readonly AniPreview[]> {
  const { asking, campaigns, supply, isSuppressed } = await readFor(database, companyId, prospects);
  const chosen = new Map<string, ChosenAni>();
  for (const { asked, candidates, history } of campaigns) {
    const leads = asked.map(({ leadId, toCall }) => ({ ...toCall, ...history.get(leadId) }));
    previewAnis(candidates, leads).forEach((choice, n) => {
      const leadId = asked[n]?.leadId;
      if (choice !== undefined && leadId !== undefined) chosen.set(leadId, choice);
    });
  }
  return asking.map((one) => {
    if (isSuppressed(one)) return { kind: 'suppressed' };
    return chosen.get(one.leadId) ?? { kind: 'none', whenNone: supply?.whenNone ?? 'campaign_default' };
  });
}

/** What ANIs are chosen by, for prospects of one company: those of each campaign share theirs. */
async function readFor(database: Database, companyId: string, prospects: readonly Prospect[]) {
  const asking = prospects.map((prospect) => ({ ...prospect, leadId: newId() }));
  const byCampaign = [...new Set(asking.map(({ campaignId }) => campaignId))].map((campaignId) => ({
    campaignId,
    asked: asking.filter((one) => one.campaignId === campaignId),
  }));
  const supplies = await readAniSupplies(
    database,
    byCampaign.map(({ campaignId, asked }) => ({ companyId, campaignId, leads: asked.flatMap(asLead) })),
  );
  const digests = asking.flatMap(({ phoneDigest }) => phoneDigest ?? []);
  const suppressed = await suppressedAmong(database, companyId, digests);
  return {
    asking,
    campaigns: byCampaign.map(({ asked }, place) => ({
      asked,
      candidates: supplies[place]?.candidates ?? [],
      history: supplies[place]?.history ?? new Map<string, Pick<LeadToCall, 'sticky' | 'had'>>(),
    })),
    /** All have one turn; undefined where the company does not exist. */
    supply: supplies[0],
    isSuppressed: ({ phoneDigest }: Prospect) => phoneDigest !== null && suppressed.has(phoneDigest),
  };
}

function asLead({ leadId, phoneDigest }: Prospect & { readonly leadId: string }) {
  return phoneDigest === null ? [] : [{ leadId, phoneDigest }];
}

/** An ANI can be in several pools: what one campaign takes is gone for the next. In the order that `chooseAnis` needs. */
function withUses(
  candidates: readonly AniCandidate[],
  uses: ReadonlyMap<string, number>,
): readonly AniCandidate[] {
  if (uses.size === 0) return candidates;
  return candidates
    .map((ani) => ({ ...ani, used: ani.used + (uses.get(ani.phone) ?? 0) }))
    .sort((one, other) => one.used - other.used);
}

/** @returns whether the turn was still the supply's: otherwise nothing was taken */
async function take(
  database: Database,
  companyId: string,
  { turn, today }: AniSupply,
  anis: readonly string[],
): Promise<boolean> {
  if (anis.length === 0) return true;
  // The company's row is locked before its ANIs are, as `intend` does.
  const uses = moveUses(Prisma.sql`
    SELECT phone, ${today}::date AS day, 1 AS change FROM unnest(${[...anis]}::char(10)[]) AS chosen(phone), turn`);
  const rows = await database.$queryRaw<unknown[]>`
    WITH turn AS (
      UPDATE companies SET ani_turn = ani_turn + 1 WHERE id = ${companyId}::uuid AND ani_turn = ${turn}::bigint RETURNING id
    ),
    ${uses}
    SELECT id FROM turn`;
  return rows.length > 0;
}
