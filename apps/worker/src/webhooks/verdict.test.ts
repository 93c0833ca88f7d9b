import type { OutboundResult } from '@live-feed/outbound/http/outbound-client';
import { describe, expect, test } from 'vitest';
import { judge } from './verdict.ts';

const FIRST = { failures: 0, attempts: 0, events: 1 };
/** The longest delays. */
const LATEST = 1;

const answer = (httpStatus: number, retryAfterMs?: number): OutboundResult => ({
  kind: 'answer',
  httpStatus,
  retryAfterMs,
  body: '',
  isCut: false,
});
const failed: OutboundResult = { kind: 'failed', why: 'connection refused' };

describe('judge', () => {
  test.each([200, 201, 202, 204, 299])('%i is taken', (status) => {
    expect(judge(answer(status), FIRST, LATEST)).toEqual({ kind: 'delivered', result: `HTTP ${status}` });
  });

  test.each([
    [500, answer(500)],
    [301, answer(301)],
    [429, answer(429)],
    [408, answer(408)],
    ['no response', failed],
    ['refused', { kind: 'refused', why: 'The name leads to a private or reserved address.' } as const],
  ])('%s: the endpoint rests, longer each time', (_, outcome) => {
    const restMs = (failures: number) => {
      const verdict = judge(outcome, { ...FIRST, failures }, LATEST);
      return verdict.kind === 'failed' ? verdict.restMs : undefined;
    };
    expect([0, 1, 2, 20].map(restMs)).toEqual([5_000, 10_000, 20_000, 300_000]);
  });

  test('an event that is refused is tried later, and others at once, until everything is refused', () => {
    const restMs = (failures: number) => {
      const verdict = judge(answer(400), { ...FIRST, failures }, LATEST);
      return verdict.kind === 'failed' ? verdict.restMs : undefined;
    };
    expect([0, 1, 2, 3].map(restMs)).toEqual([0, 0, 5_000, 10_000]);
    expect(judge(answer(400), FIRST, LATEST)).toMatchObject({ retryInMs: 10_000, takeApart: false });
    expect(judge(answer(400), { ...FIRST, attempts: 30 }, LATEST)).toMatchObject({ retryInMs: 3_600_000 });
  });

  test('a list that is refused is taken apart; one that met an endpoint that is away is not', () => {
    const list = { ...FIRST, events: 3 };
    expect(judge(answer(413), list, LATEST)).toMatchObject({ takeApart: true });
    for (const outcome of [answer(500), answer(429), failed]) {
      expect(judge(outcome, list, LATEST)).toMatchObject({ takeApart: false });
    }
  });

  test('Retry-After is heeded, by the events as well', () => {
    expect(judge(answer(503, 600_000), FIRST, 0)).toMatchObject({ restMs: 600_000, retryInMs: 600_000 });
    expect(judge(answer(400, 60_000), FIRST, 0)).toMatchObject({ restMs: 60_000 });
  });

  test('only 410 is gone', () => {
    expect(judge(answer(410), FIRST, LATEST)).toMatchObject({ kind: 'failed', isGone: true });
    expect(judge(answer(404), FIRST, LATEST)).toMatchObject({ kind: 'failed', isGone: false });
  });
});
