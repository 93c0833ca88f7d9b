/**
 * Callers that were asked to come back, by the second they were given. This makes `Retry-After` right: their room is kept, so a caller
 * that comes for the first time in the meantime is given a later second.
 */
export interface ReturnLine {
  /** Callers that are still expected. */
  readonly size: number;
  /**
   * The first whole second from now, 0 for now, at which one more lead finds room without taking it from a caller that was asked to come.
   *
   * @param nowMs Unix time
   * @param overMs by how much a lead that comes now would wait for too long; negative where there is room
   * @param perLeadMs by how much each lead makes the wait of those behind it longer
   * @returns undefined if there is none within `LONGEST_S`
   */
  earliest(nowMs: number, overMs: number, perLeadMs: number): number | undefined;
  /** @param second Unix time in whole seconds */
  expect(second: number): void;
  /** One that was expected has come, or is not expected any more. */
  forget(second: number): void;
}

/** No caller is asked to come back later than that. */
export const LONGEST_S = 600;

export function createReturnLine(): ReturnLine {
  const expected = new Map<number, number>();
  let size = 0;

  /** Expected until that many seconds from now, for each; who is overdue counts as due now. */
  function expectedWithin(nowS: number): Float64Array {
    const counts = new Float64Array(LONGEST_S + 1);
    for (const [second, count] of expected) {
      const place = Math.min(LONGEST_S, Math.max(0, second - nowS));
      counts[place] = (counts[place] ?? 0) + count;
    }
    for (let at = 1; at <= LONGEST_S; at += 1) counts[at] = (counts[at] ?? 0) + (counts[at - 1] ?? 0);
    return counts;
  }

  return {
    get size() {
      return size;
    },

    earliest(nowMs, overMs, perLeadMs) {
      if (size === 0) {
        const second = Math.max(0, Math.ceil(overMs / 1_000));
        return second <= LONGEST_S ? second : undefined;
      }
      const within = expectedWithin(Math.floor(nowMs / 1_000));
      let found: number | undefined;
      // A second that is too full is so for all who would come before it: from the last one backwards, up to the first of those.
      for (let second = LONGEST_S; second >= 0; second -= 1) {
        const tooLongMs = overMs + perLeadMs * (within[second] ?? 0) - second * 1_000;
        if (tooLongMs > 0) return found;
        found = second;
      }
      return found;
    },

    expect(second) {
      expected.set(second, (expected.get(second) ?? 0) + 1);
      size += 1;
    },

    forget(second) {
      const count = expected.get(second);
      if (count === undefined) return;
      if (count > 1) expected.set(second, count - 1);
      else expected.delete(second);
      size -= 1;
    },
  };
}
