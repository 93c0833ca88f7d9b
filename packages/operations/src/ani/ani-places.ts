import { phoneRegion } from '@live-feed/core/caller-id/phone-region';
import { placeOfAreaCode, STATE_CODES } from '@live-feed/core/caller-id/places';
import type { AniStanding, AreaCodeUses } from '@live-feed/database/caller-ids/ani-inventory';

/** Where a number is, for people: a state or territory by its code, Canada, or neither (toll-free numbers, for example). */
export const CANADA = 'CANADA';
export const ELSEWHERE = 'OTHER';

export const ANI_PLACES = [...STATE_CODES, CANADA, ELSEWHERE] as const;

export function placeOf(areaCode: string): string {
  const state = placeOfAreaCode(areaCode)?.state;
  if (state !== undefined) return state;
  return phoneRegion(`${areaCode}5550100`) === 'canada' ? CANADA : ELSEWHERE;
}

export interface PlaceUses extends Omit<AreaCodeUses, 'areaCode'> {
  /** See `ANI_PLACES`. */
  readonly place: string;
}

/** In the order of their names. */
export function usesByPlace(byAreaCode: readonly AreaCodeUses[]): PlaceUses[] {
  const places = new Map<string, PlaceUses>();
  for (const { areaCode, ...uses } of byAreaCode) {
    const place = placeOf(areaCode);
    const known = places.get(place);
    places.set(place, { place, ...(known === undefined ? uses : sum(known, uses)) });
  }
  return [...places.values()].sort((one, other) => (one.place < other.place ? -1 : 1));
}

function sum(one: Omit<PlaceUses, 'place'>, other: Omit<PlaceUses, 'place'>): Omit<PlaceUses, 'place'> {
  const standing = (name: AniStanding) => one.standings[name] + other.standings[name];
  return {
    anis: one.anis + other.anis,
    standings: {
      free: standing('free'),
      at_cap: standing('at_cap'),
      cooling: standing('cooling'),
      paused: standing('paused'),
    },
    used: one.used + other.used,
    capacity: one.capacity + other.capacity,
  };
}
