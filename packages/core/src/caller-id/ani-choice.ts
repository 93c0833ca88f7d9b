import { createAniLine, type WaitingAni } from './ani-line.ts';
import { createNearbyLines } from './nearby-lines.ts';
import { isAbroad, phoneRegion } from './phone-region.ts';
import { distanceKm, type Place, placeOfAreaCode, placeOfZip, stateCode } from './places.ts';

/** How near an ANI is to its lead, the nearest first. A lead gets one of the first tier that has any left. */
export const ANI_TIERS = ['sticky', 'area_code', 'nearby', 'state', 'any'] as const;

export type AniTier = (typeof ANI_TIERS)[number];

/** An ANI that may be assigned while it is under its cap. */
export interface AniCandidate {
  /** 10 digits. */
  readonly phone: string;
  /** Uses today. */
  readonly used: number;
  readonly dailyCap: number;
}

/** What is known of a lead, as far as it matters here; where nothing is, any ANI will do. */
export interface LeadToCall {
  /** 10 digits. */
  readonly phone?: string | undefined;
  readonly zip?: string | undefined;
  readonly state?: string | undefined;
  /** The ANI that this phone was last called with. */
  readonly sticky?: string | undefined;
  /** Of a lead that is tried again: the ANI that it has, and whether that use is among today's. */
  readonly had?: { readonly phone: string; readonly countedToday: boolean } | undefined;
}

/** `kept`: the lead goes on with the ANI that it had, which was chosen then. */
export type AniChoice = { readonly kind: 'kept'; readonly phone: string } | ChosenAni;

export interface ChosenAni {
  readonly kind: 'chosen';
  readonly phone: string;
  readonly tier: AniTier;
  /** From the lead's area code, or its ZIP code, to the ANI's area code; null where one of them is no place. */
  readonly distanceKm: number | null;
}

/**
 * Chooses for all leads of an upload, one after the other; within a tier the ANI with the fewest uses today, then the longest unused.
 * None goes over its cap, whatever the number of leads, and no lead is called from its own number.
 *
 * Costs O((c + l) log c) for c candidates and l leads, and for every place among the leads a look at each area code of the candidates.
 *
 * @param candidates in the order of fewest uses today, longest unused, id
 * @returns for each lead, in their order; undefined where none is left
 */
export function chooseAnis(
  candidates: readonly AniCandidate[],
  leads: readonly LeadToCall[],
): (AniChoice | undefined)[] {
  const inventory = createInventory(candidates);
  return leads.map((lead) => inventory.keep(lead) ?? inventory.choose(lead));
}

/**
 * What each of these leads would get if it came alone: nothing is used up between them.
 *
 * @param candidates as for `chooseAnis`
 */
export function previewAnis(
  candidates: readonly AniCandidate[],
  leads: readonly LeadToCall[],
): (ChosenAni | undefined)[] {
  const inventory = createInventory(candidates);
  return leads.map((lead) => inventory.find(lead));
}

function createInventory(candidates: readonly AniCandidate[]) {
  const anis = candidates.map(
    ({ phone, used, dailyCap }, turn): WaitingAni => ({ phone, used, dailyCap, turn }),
  );
  const byPhone = new Map(anis.map((ani) => [ani.phone, ani]));
  const ofAreaCode = groupByAreaCode(anis);
  const byAreaCode = new Map(
    [...ofAreaCode].map(([areaCode, group]) => [areaCode, createAniLine(() => group)]),
  );
  const byState = new Map(
    [...areaCodesByState(ofAreaCode.keys())].map(([state, areaCodes]) => [
      state,
      createAniLine(() => areaCodes.flatMap((areaCode) => ofAreaCode.get(areaCode) ?? [])),
    ]),
  );
  const nearby = createNearbyLines(byAreaCode);
  const all = createAniLine(() => anis);
  let nextTurn = anis.length;

  /** @param callee not to be called from it, even if it is an ANI */
  function byNumber(phone: string | undefined, callee: string | undefined): WaitingAni | undefined {
    return phone === undefined || phone === callee ? undefined : byPhone.get(phone);
  }

  function use(ani: WaitingAni): void {
    ani.used += 1;
    ani.turn = nextTurn;
    nextTurn += 1;
  }

  function first(
    tier: AniTier,
    { callee, sticky, areaCode, isSomewhere, place, state }: Whereabouts,
  ): WaitingAni | undefined {
    switch (tier) {
      case 'sticky':
        return withRoom(byNumber(sticky, callee));
      case 'area_code':
        return isSomewhere ? byAreaCode.get(areaCode)?.first(callee) : undefined;
      case 'nearby':
        return place === undefined ? undefined : nearby.first(place, callee);
      case 'state':
        return state === undefined ? undefined : byState.get(state)?.first(callee);
      case 'any':
        return all.first(callee);
    }
  }

  /** Without using it. */
  function find(lead: LeadToCall): ChosenAni | undefined {
    const areaCode = areaCodeOf(lead.phone ?? '');
    const home = placeOfAreaCode(areaCode);
    // A number of another country is in no state, whatever address came with it.
    const abroad = isAbroad(phoneRegion(lead.phone ?? ''));
    const place = abroad ? undefined : (home ?? placeOfZip(lead.zip ?? ''));
    const state = abroad ? undefined : (place?.state ?? stateCode(lead.state ?? ''));
    const isSomewhere = home !== undefined || abroad;
    const { phone: callee, sticky } = lead;
    for (const tier of ANI_TIERS) {
      const ani = first(tier, { callee, sticky, areaCode, isSomewhere, place, state });
      if (ani === undefined) continue;
      return { kind: 'chosen', phone: ani.phone, tier, distanceKm: wholeKm(place, ani) };
    }
    return undefined;
  }

  return {
    /** A use that is counted already does not stand in its own way. */
    keep({ phone: callee, had }: LeadToCall): AniChoice | undefined {
      const ani = byNumber(had?.phone, callee);
      if (had === undefined || ani === undefined) return undefined;
      if (ani.used - (had.countedToday ? 1 : 0) >= ani.dailyCap) return undefined;
      if (!had.countedToday) use(ani);
      return { kind: 'kept', phone: ani.phone };
    },
    choose(lead: LeadToCall): AniChoice | undefined {
      const choice = find(lead);
      const ani = choice && byPhone.get(choice.phone);
      if (ani !== undefined) use(ani);
      return choice;
    },
    find,
  };
}

/** What is to be known of a lead for each of the tiers. */
interface Whereabouts {
  /** The lead's own number. */
  readonly callee: string | undefined;
  readonly sticky: string | undefined;
  readonly areaCode: string;
  /** Whether the area code is that of a place, here or abroad. */
  readonly isSomewhere: boolean;
  /** Of the area code, else of the ZIP code. */
  readonly place: Place | undefined;
  readonly state: string | undefined;
}

function withRoom(ani: WaitingAni | undefined): WaitingAni | undefined {
  return ani !== undefined && ani.used < ani.dailyCap ? ani : undefined;
}

function wholeKm(from: Place | undefined, { phone }: WaitingAni): number | null {
  const to = placeOfAreaCode(areaCodeOf(phone));
  return from === undefined || to === undefined ? null : Math.round(distanceKm(from, to));
}

function groupByAreaCode(anis: readonly WaitingAni[]): Map<string, WaitingAni[]> {
  const groups = new Map<string, WaitingAni[]>();
  for (const ani of anis) {
    const areaCode = areaCodeOf(ani.phone);
    const group = groups.get(areaCode);
    if (group === undefined) groups.set(areaCode, [ani]);
    else group.push(ani);
  }
  return groups;
}

function areaCodesByState(areaCodes: Iterable<string>): Map<string, string[]> {
  const states = new Map<string, string[]>();
  for (const areaCode of areaCodes) {
    const state = placeOfAreaCode(areaCode)?.state;
    if (state === undefined) continue;
    const codes = states.get(state);
    if (codes === undefined) states.set(state, [areaCode]);
    else codes.push(areaCode);
  }
  return states;
}

function areaCodeOf(phone: string): string {
  return phone.slice(0, 3);
}
