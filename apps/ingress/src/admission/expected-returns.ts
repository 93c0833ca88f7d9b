import { createReturnLine, type ReturnLine } from '@live-feed/core/limits/return-line';
import type { ExpectedReturn } from '@live-feed/queue/limits/admission-notes';

/** The requests that were asked to come back, by this ingress or another. Each ingress keeps room for all of them, since they may come back to any. */
export interface ExpectedReturns {
  /** Undefined if the request was not asked to come back, or came too late. */
  find(request: string): ExpectedReturn | undefined;
  /** The requests expected for a group of a dialer. */
  lineOf(group: Omit<ExpectedReturn, 'request' | 'second'>): ReturnLine;
  /** Keeps room for a request. The next `toPublish` has it for the other ingresses. */
  expect(expected: ExpectedReturn): void;
  /** Keeps room for the requests that another ingress has published. */
  learn(returns: readonly ExpectedReturn[]): void;
  forget(request: string): void;
  /** Forgets the requests that have not come. */
  expire(nowMs: number): void;
  /** The requests asked to come back here since the last call. */
  toPublish(): ExpectedReturn[];
}

/** A request may be this late before it loses its room: clients do not come back on the second. */
const GRACE_S = 5;
/** No room is kept for more requests than this: they are still asked to come back, and may be refused again. */
const MOST_EXPECTED = 50_000;

const empty = createReturnLine();

export function createExpectedReturns(): ExpectedReturns {
  const expected = new Map<string, ExpectedReturn>();
  const bySecond = new Map<number, Set<string>>();
  const lines = new Map<string, ReturnLine>();
  let unpublished: ExpectedReturn[] = [];
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
    lineOf: (group) => lines.get(nameOf(group)) ?? empty,
    expect(one) {
      if (note(one)) unpublished.push(one);
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
    toPublish() {
      const publishing = unpublished;
      unpublished = [];
      return publishing;
    },
  };
}
