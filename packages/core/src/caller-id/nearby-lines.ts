import { type AniLine, byTurn, type WaitingAni } from './ani-line.ts';
import { areWithin, distanceKm, type Place, placeOfAreaCode } from './places.ts';

/** Farther away, an ANI is no better than any of the state. */
const NEARBY_KM = 150;

interface NearbyLine {
  readonly line: AniLine;
  readonly km: number;
}

/**
 * Finds the ANIs of the nearest area code that has one left. Area codes that are equally near, as those laid over one another are,
 * are as one.
 *
 * @param lines by area code
 */
export function createNearbyLines(lines: ReadonlyMap<string, AniLine>) {
  const places = [...lines].flatMap(([areaCode, line]) => {
    const place = placeOfAreaCode(areaCode);
    return place === undefined ? [] : [{ place, line }];
  });
  const nearOf = new Map<Place, readonly NearbyLine[]>();

  function linesNear(from: Place): readonly NearbyLine[] {
    const known = nearOf.get(from);
    if (known !== undefined) return known;
    const near = places
      .filter(({ place }) => areWithin(NEARBY_KM, from, place))
      .map(({ place, line }) => ({ line, km: distanceKm(from, place) }))
      .sort((a, b) => a.km - b.km);
    nearOf.set(from, near);
    return near;
  }

  return {
    /** @param callee as for a line */
    first(from: Place, callee: string | undefined): WaitingAni | undefined {
      let best: WaitingAni | undefined;
      let bestKm = 0;
      for (const { line, km } of linesNear(from)) {
        if (best !== undefined && km > bestKm) break;
        const ani = line.first(callee);
        if (ani === undefined) continue;
        if (best === undefined || byTurn(ani, best) < 0) best = ani;
        bestKm = km;
      }
      return best;
    },
  };
}
