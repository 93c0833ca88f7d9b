import { type AniCandidate, chooseAnis } from '@live-feed/core/caller-id/ani-choice';
import { placeOfAreaCode } from '@live-feed/core/caller-id/places';

/** How a day's ANIs are found for leads. */
export interface Strategy {
  readonly name: string;
  /** @param phones of an upload @returns the ANI of each */
  assign(phones: readonly string[]): (string | undefined)[];
  /** Midnight. */
  newDay(): void;
}

/** As the worker does it: the candidates in the order of their uses today, then the longest unused. */
export function liveFeedStrategy(anis: readonly string[], dailyCap: number): Strategy {
  const uses = new Map(anis.map((phone) => [phone, { used: 0, last: 0 }]));
  let now = 0;
  return {
    name: 'Live Feed',
    assign(phones) {
      const candidates = [...uses]
        .sort(([, a], [, b]) => a.used - b.used || a.last - b.last)
        .map(([phone, { used }]): AniCandidate => ({ phone, used, dailyCap }));
      return chooseAnis(
        candidates,
        phones.map((phone) => ({ phone })),
      ).map((choice) => {
        const use = uses.get(choice?.phone ?? '');
        now += 1;
        if (use !== undefined) Object.assign(use, { used: use.used + 1, last: now });
        return choice?.phone;
      });
    },
    newDay() {
      for (const use of uses.values()) use.used = 0;
    },
  };
}

export function randomStrategy(anis: readonly string[], random: () => number): Strategy {
  return {
    name: 'random',
    assign: (phones) => phones.map(() => pick(anis, random)),
    newDay() {},
  };
}

export function areaCodeStrategy(anis: readonly string[], random: () => number): Strategy {
  return {
    name: 'area code, else random',
    assign: (phones) =>
      phones.map((phone) => {
        const own = anis.filter((ani) => areaCodeOf(ani) === areaCodeOf(phone));
        return pick(own.length === 0 ? anis : own, random);
      }),
    newDay() {},
  };
}

function pick<T>(values: readonly T[], random: () => number): T | undefined {
  return values[Math.floor(random() * values.length)];
}

export function areaCodeOf(phone: string): string {
  return phone.slice(0, 3);
}

export const placeOf = (phone: string) => placeOfAreaCode(areaCodeOf(phone));
