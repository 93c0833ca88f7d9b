import { createLeadLine, type LeadLine } from '../lead/lead-line.ts';
import { byAge, type Upload, type WaitingLead, type WaitingLeads } from '../limits/waiting-leads.ts';
import { groupKey } from './group-key.ts';
import { createHalves } from './halving.ts';

/** The leads that a lane has taken from its dialer's queue and that wait for the next permits. */
export interface UploadGroups<Lead extends WaitingLead> {
  /** Leads in it; to bound it is the caller's part. */
  readonly size: number;
  /** Places to wait: groups, leads that go alone (one place a campaign), refused uploads in halves. */
  readonly groups: number;
  /** Whether `next` has an upload to give. Leads can be in it that wait for the answer to another upload. */
  readonly ready: boolean;
  /** The lead that has waited longest. */
  readonly oldest: Lead | undefined;
  /** @param maximum leads in an upload */
  loads(maximum: number): PlaceLoad[];
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
  /** Empties it, for a lane that ends. @returns all leads, oldest first */
  drain(): Lead[];
}

/** What waits in one place. */
export interface PlaceLoad {
  readonly campaignId: string;
  /** Of the place in its campaign; of a group, as `groupKey` gives it. */
  readonly key: string;
  readonly leads: number;
  /** Permits that they need. */
  readonly uploads: number;
}

/** Where leads wait; `key` names it within its campaign. */
type Place<Lead extends WaitingLead> = { readonly campaignId: string; readonly key: string } & (
  | { readonly kind: 'line'; readonly waiting: LeadLine<Lead> }
  | { readonly kind: 'halves'; readonly waiting: WaitingLeads<Lead> }
);

/** The place of a campaign's leads that go alone: their options do not matter, since none shares its upload. */
const ALONE = 'alone';

/**
 * Nothing waits at first.
 *
 * Turns go round the campaigns, and within a campaign round its places. So whatever waits in one campaign, be it ten thousand
 * leads that each go alone or have a description of their own, a lead of another leaves within as many uploads as there are
 * campaigns.
 */
export function createUploadGroups<Lead extends WaitingLead>(): UploadGroups<Lead> {
  // Both levels in the order of their turns: a Map keeps the order of insertion.
  const campaigns = new Map<string, Map<string, Place<Lead>>>();
  const placeOf = new Map<string, Place<Lead>>();
  let halvings = 0;
  /** It may have been empty since its turn and so have lost its place in the order, but the next turn is another's. */
  let lastCampaign: string | undefined;

  function open<P extends Place<Lead>>(place: P): P {
    const campaign = campaigns.get(place.campaignId) ?? new Map<string, Place<Lead>>();
    campaigns.set(place.campaignId, campaign.set(place.key, place));
    return place;
  }

  function lineFor({ campaignId, options, alone }: WaitingLead) {
    const key = alone === true ? ALONE : groupKey(options);
    const place = campaigns.get(campaignId)?.get(key);
    if (place?.kind === 'line') return place;
    return open({ kind: 'line', campaignId, key, waiting: createLeadLine<Lead>() });
  }

  function closeIfEmpty({ campaignId, key, waiting }: Place<Lead>): void {
    if (waiting.size > 0) return;
    const campaign = campaigns.get(campaignId);
    campaign?.delete(key);
    if (campaign?.size === 0) campaigns.delete(campaignId);
  }

  function* places(): Generator<Place<Lead>> {
    for (const campaign of campaigns.values()) yield* campaign.values();
  }

  function remove(leadIds: Iterable<string>): Lead[] {
    const wanted = new Set(leadIds);
    const affected = new Set<Place<Lead>>();
    for (const leadId of wanted) {
      const place = placeOf.get(leadId);
      if (place !== undefined) affected.add(place);
      placeOf.delete(leadId);
    }
    return [...affected].flatMap((place) => {
      const removed = place.waiting.remove(wanted);
      closeIfEmpty(place);
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
      return placeOf.size;
    },
    get groups() {
      let count = 0;
      for (const campaign of campaigns.values()) count += campaign.size;
      return count;
    },
    get ready() {
      return hasReady(places());
    },
    get oldest() {
      let oldest: Lead | undefined;
      for (const { waiting } of places()) {
        const candidate = waiting.oldest;
        if (candidate !== undefined && (oldest === undefined || byAge(candidate, oldest) < 0))
          oldest = candidate;
      }
      return oldest;
    },
    loads(maximum) {
      return Array.from(places(), ({ campaignId, key, waiting: { size: leads } }) => ({
        campaignId,
        key,
        leads,
        uploads: key === ALONE ? leads : Math.ceil(leads / maximum),
      }));
    },
    add(leads) {
      const { latest, displaced } = makeRoom(leads);
      for (const lead of latest.values()) {
        const place = lineFor(lead);
        place.waiting.add(lead);
        placeOf.set(lead.leadId, place);
      }
      return displaced;
    },
    addRefused(leads) {
      const { latest, displaced } = makeRoom(leads);
      const [first] = leads;
      if (first === undefined) return displaced;
      halvings += 1;
      const waiting = createHalves([...latest.values()]);
      const place = open({
        kind: 'halves',
        campaignId: first.campaignId,
        key: `halves ${halvings}`,
        waiting,
      });
      for (const leadId of latest.keys()) placeOf.set(leadId, place);
      return displaced;
    },
    next(maximum) {
      if (!Number.isInteger(maximum) || maximum < 1) {
        throw new RangeError('An upload takes a whole number of leads, at least 1.');
      }
      const campaign = takeTurn(campaigns, lastCampaign, (places) => hasReady(places.values()));
      const place = campaign === undefined ? undefined : takeTurn(campaign, undefined, isReady);
      if (place === undefined) return undefined;
      lastCampaign = place.campaignId;
      const taken = place.waiting.take(place.key === ALONE ? 1 : maximum);
      for (const { leadId } of taken.leads) placeOf.delete(leadId);
      closeIfEmpty(place);
      const [first] = taken.leads;
      return first && { ...taken, campaignId: place.campaignId, options: first.options };
    },
    remove,
    drain: () => remove([...placeOf.keys()]).sort(byAge),
  };
}

function isReady({ waiting }: { readonly waiting: { readonly ready: boolean } }): boolean {
  return waiting.ready;
}

function hasReady(places: Iterable<{ readonly waiting: { readonly ready: boolean } }>): boolean {
  for (const place of places) if (isReady(place)) return true;
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
