import { createReturnLine, type ReturnLine } from '@live-feed/core/limits/return-line';
import type { ExpectedReturn } from '@live-feed/queue/limits/admission-notes';

/** The requests that were told to come back, here or by another ingress: whichever one they come back to lets them in. */
export interface ExpectedReturns {
  /** Undefined where the request was not told to come back, or came too late. */
  find(request: string): ExpectedReturn | undefined;
  /** Who is expected for a group of a dialer. */
  lineOf(group: Omit<ExpectedReturn, 'request' | 'second'>): ReturnLine;
  /** Keeps room. The other ingresses are told with the next `toTell`. */
  expect(expected: ExpectedReturn): void;
  /** What another ingress has told. */
  learn(returns: readonly ExpectedReturn[]): void;
  forget(request: string): void;
  /** Forgets who has not come. */
  expire(nowMs: number): void;
  /** What was expected here since this was last asked. */
  toTell(): ExpectedReturn[];
}

/** Who comes later than this has lost its room: a client may take a while to get round to it. */
const GRACE_S = 5;
/** For more than that no room is kept: they are told a second to come back, and take their chance then. */
const MOST_EXPECTED = 50_000;

const nobody = createReturnLine();

export function createExpectedReturns(): ExpectedReturns {
  const expected = new Map<string, ExpectedReturn>();
  const bySecond = new Map<number, Set<string>>();
  const lines = new Map<string, ReturnLine>();
  let untold: ExpectedReturn[] = [];
  let expiredTo = 0;

  const nameOf = ({ dialerId, campaignId, group }: Omit<ExpectedReturn, 'request' | 'second'>) =>
    `${dialerId} ${campaignId} ${group}`;

  function note(one: ExpectedReturn): boolean {
    forget(one.request);
    if (expected.size >= MOST_EXPECTED) return false;
    expected.set(one.request, one);
    const together = bySecond.get(one.second) ?? new Set();
    bySecond.set(one.second, together.add(one.request));
    const line = lines.get(nameOf(one)) ?? createReturnLine();
    lines.set(nameOf(one), line);
    line.expect(one.second);
    return true;
  }

  function forget(request: string): void {
    const one = expected.get(request);
    if (one === undefined) return;
    expected.delete(request);
    const together = bySecond.get(one.second);
    together?.delete(request);
    if (together?.size === 0) bySecond.delete(one.second);
    const line = lines.get(nameOf(one));
    line?.forget(one.second);
    if (line?.size === 0) lines.delete(nameOf(one));
  }

  return {
    find: (request) => expected.get(request),
    lineOf: (group) => lines.get(nameOf(group)) ?? nobody,
    expect(one) {
      if (note(one)) untold.push(one);
    },
    learn(returns) {
      for (const one of returns) note(one);
    },
    forget,
    expire(nowMs) {
      const nowS = Math.floor(nowMs / 1_000);
      if (nowS === expiredTo) return;
      expiredTo = nowS;
      for (const [second, requests] of bySecond) {
        if (second < nowS - GRACE_S) for (const request of requests) forget(request);
      }
    },
    toTell() {
      const telling = untold;
      untold = [];
      return telling;
    },
  };
}
