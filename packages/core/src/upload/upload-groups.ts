import { groupKey } from './group-key.ts';
import { createGroupLine, type GroupLine } from './group-line.ts';
import { createHalves } from './halving.ts';
import { byAge, type Line, type Upload, type WaitingLead } from './line.ts';

/** The leads that a lane has taken from its dialer's queue and that wait for the next permits. */
export interface UploadGroups<Lead extends WaitingLead> {
  /** Leads in it; to bound it is the caller's part. */
  readonly size: number;
  /** Lines: groups, leads that go alone (one line a campaign), refused uploads in halves. */
  readonly groups: number;
  /** Whether `next` has an upload to give. Leads can be in it that wait for the answer to another upload. */
  readonly ready: boolean;
  /** The lead that has waited longest. */
  readonly oldest: Lead | undefined;
  /** @param maximum leads in an upload */
  loads(maximum: number): LineLoad[];
  /**
   * A lead that is in it already (its job stalled and was taken again) is put where it belongs now.
   *
   * @returns what that displaced, for the caller to let go of
   */
  add(leads: readonly Lead[]): Lead[];
  /**
   * The leads of an upload of several that was refused as a whole, as far as they are known to be absent. They go again in
   * halves, apart from all others; a single one goes alone. See `createHalves`.
   *
   * @param leads of one upload
   * @returns what that displaced, as `add` does
   */
  addRefused(leads: readonly Lead[]): Lead[];
  /**
   * The next upload: leads of one campaign with equal options, no phone twice, the oldest of their group.
   *
   * @param maximum leads, at least 1
   * @throws RangeError if `maximum` is less, or not a whole number
   */
  next(maximum: number): Upload<Lead> | undefined;
  /** @returns those that were in it, and are no more */
  remove(leadIds: Iterable<string>): Lead[];
  /** Takes out the leads of some campaigns: theirs are paused. @returns those that were in it */
  removeCampaigns(isMeant: (campaignId: string) => boolean): Lead[];
  /** Empties it, for a lane that ends. @returns all leads, oldest first */
  drain(): Lead[];
}

/** What waits in one line. */
export interface LineLoad {
  readonly campaignId: string;
  /** Of the line in its campaign; of a group, as `groupKey` gives it. */
  readonly key: string;
  readonly leads: number;
  /** Permits that they need. */
  readonly uploads: number;
}

/** `key` names the line within its campaign. */
type KeyedLine<Lead extends WaitingLead> = { readonly campaignId: string; readonly key: string } & (
  | { readonly kind: 'group'; readonly line: GroupLine<Lead> }
  | { readonly kind: 'halves'; readonly line: Line<Lead> }
);

/** The line of a campaign's leads that go alone: their options do not matter, since none shares its upload. */
const ALONE = 'alone';

/**
 * Nothing waits at first.
 *
 * Turns go round the campaigns, and within a campaign round its lines. So whatever waits in one campaign, be it ten thousand
 * leads that each go alone or have a description of their own, a lead of another leaves within as many uploads as there are
 * campaigns.
 */
export function createUploadGroups<Lead extends WaitingLead>(): UploadGroups<Lead> {
  // Both levels in the order of their turns: a Map keeps the order of insertion.
  const campaigns = new Map<string, Map<string, KeyedLine<Lead>>>();
  const lineOf = new Map<string, KeyedLine<Lead>>();
  let halvings = 0;
  /** It may have been empty since its turn and so have lost its place in the order, but the next turn is another's. */
  let lastCampaign: string | undefined;

  function open<P extends KeyedLine<Lead>>(entry: P): P {
    const campaign = campaigns.get(entry.campaignId) ?? new Map<string, KeyedLine<Lead>>();
    campaigns.set(entry.campaignId, campaign.set(entry.key, entry));
    return entry;
  }

  function lineFor({ campaignId, options, alone }: WaitingLead) {
    const key = alone ? ALONE : groupKey(options);
    const entry = campaigns.get(campaignId)?.get(key);
    if (entry?.kind === 'group') return entry;
    return open({ kind: 'group', campaignId, key, line: createGroupLine<Lead>() });
  }

  function closeIfEmpty({ campaignId, key, line }: KeyedLine<Lead>): void {
    if (line.size > 0) return;
    const campaign = campaigns.get(campaignId);
    campaign?.delete(key);
    if (campaign?.size === 0) campaigns.delete(campaignId);
  }

  function* lines(): Generator<KeyedLine<Lead>> {
    for (const campaign of campaigns.values()) yield* campaign.values();
  }

  function remove(leadIds: Iterable<string>): Lead[] {
    const wanted = new Set(leadIds);
    const affected = new Set<KeyedLine<Lead>>();
    for (const leadId of wanted) {
      const entry = lineOf.get(leadId);
      if (entry !== undefined) affected.add(entry);
      lineOf.delete(leadId);
    }
    return [...affected].flatMap((entry) => {
      const removed = entry.line.remove(wanted);
      closeIfEmpty(entry);
      return removed;
    });
  }

  /** Of leads with one id the last is kept; the others, and what waits under that id, are displaced. */
  function makeRoom(leads: readonly Lead[]): { latest: Map<string, Lead>; displaced: Lead[] } {
    const latest = new Map<string, Lead>();
    const displaced: Lead[] = [];
    for (const lead of leads) {
      const earlier = latest.get(lead.leadId);
      if (earlier !== undefined) displaced.push(earlier);
      latest.set(lead.leadId, lead);
    }
    return { latest, displaced: [...displaced, ...remove(latest.keys())] };
  }

  return {
    get size() {
      return lineOf.size;
    },
    get groups() {
      let count = 0;
      for (const campaign of campaigns.values()) count += campaign.size;
      return count;
    },
    get ready() {
      return hasReady(lines());
    },
    get oldest() {
      let oldest: Lead | undefined;
      for (const { line } of lines()) {
        const candidate = line.oldest;
        if (candidate !== undefined && (oldest === undefined || byAge(candidate, oldest) < 0))
          oldest = candidate;
      }
      return oldest;
    },
    loads(maximum) {
      return Array.from(lines(), ({ campaignId, key, line: { size: leads } }) => ({
        campaignId,
        key,
        leads,
        uploads: key === ALONE ? leads : Math.ceil(leads / maximum),
      }));
    },
    add(leads) {
      const { latest, displaced } = makeRoom(leads);
      for (const lead of latest.values()) {
        const entry = lineFor(lead);
        entry.line.add(lead);
        lineOf.set(lead.leadId, entry);
      }
      return displaced;
    },
    addRefused(leads) {
      const { latest, displaced } = makeRoom(leads);
      const [first] = leads;
      if (first === undefined) return displaced;
      halvings += 1;
      const line = createHalves([...latest.values()]);
      const entry = open({
        kind: 'halves',
        campaignId: first.campaignId,
        key: `halves ${halvings}`,
        line,
      });
      for (const leadId of latest.keys()) lineOf.set(leadId, entry);
      return displaced;
    },
    next(maximum) {
      if (!Number.isInteger(maximum) || maximum < 1) {
        throw new RangeError('An upload takes a whole number of leads, at least 1.');
      }
      const campaign = takeTurn(campaigns, lastCampaign, (lines) => hasReady(lines.values()));
      const entry = campaign === undefined ? undefined : takeTurn(campaign, undefined, isReady);
      if (entry === undefined) return undefined;
      lastCampaign = entry.campaignId;
      const taken = entry.line.take(entry.key === ALONE ? 1 : maximum);
      for (const { leadId } of taken.leads) lineOf.delete(leadId);
      closeIfEmpty(entry);
      const [first] = taken.leads;
      return first && { ...taken, campaignId: entry.campaignId, options: first.options };
    },
    remove,
    removeCampaigns(isMeant) {
      // Most have none that is waiting here.
      if (![...campaigns.keys()].some(isMeant)) return [];
      return remove([...lineOf].flatMap(([leadId, entry]) => (isMeant(entry.campaignId) ? [leadId] : [])));
    },
    drain: () => remove([...lineOf.keys()]).sort(byAge),
  };
}

function isReady({ line }: { readonly line: { readonly ready: boolean } }): boolean {
  return line.ready;
}

function hasReady(lines: Iterable<{ readonly line: { readonly ready: boolean } }>): boolean {
  for (const entry of lines) if (isReady(entry)) return true;
  return false;
}

/** The first that is ready, which goes to the end; the last one served only if there is no other. */
function takeTurn<T>(
  turns: Map<string, T>,
  lastServed: string | undefined,
  ready: (candidate: T) => boolean,
): T | undefined {
  for (const [key, candidate] of turns) {
    if (key === lastServed || !ready(candidate)) continue;
    turns.delete(key);
    turns.set(key, candidate);
    return candidate;
  }
  const again = lastServed === undefined ? undefined : turns.get(lastServed);
  return again !== undefined && ready(again) ? again : undefined;
}
