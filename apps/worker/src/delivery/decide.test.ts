import type { LeadVerdict, UploadResult } from '@live-feed/dialers/lead-loader';
import { describe, expect, test } from 'vitest';
import { type DecisionContext, decide } from './decide.ts';

function leads(count: number): DecisionContext[] {
  return Array.from({ length: count }, () => ({ attempt: 1, random: 0.5 }));
}

const PAGE = '<html>no</html>';

const answered = (...verdicts: readonly LeadVerdict[]): UploadResult => ({
  kind: 'answered',
  httpStatus: 200,
  tookSome: true,
  verdicts,
  json: '{}',
});
const foreign: UploadResult = {
  kind: 'foreign',
  reason: 'HTTP 403',
  httpStatus: 403,
  json: JSON.stringify(PAGE),
};
const unknown = (httpStatus?: number): UploadResult => ({
  kind: 'unknown',
  reason: 'x',
  unreadable: httpStatus === 200,
  ...(httpStatus !== undefined && { httpStatus }),
  json: JSON.stringify(PAGE),
});

describe('a lead that was alone', () => {
  const of = (result: UploadResult) => decide(result, leads(1))[0];

  test('gets the very text that was answered', () => {
    const response = ' {"leadsAccepted":1.0,"id":9007199254740993}';
    expect(of(answered({ kind: 'accepted', response }))).toMatchObject({
      transition: 'accept',
      response: response,
    });
    expect(of(answered({ kind: 'rejected', response }))).toMatchObject({
      transition: 'reject',
      response: response,
    });
  });

  test('is what read-back says if the answer contradicts itself, and gets that answer', () => {
    const response = '{"processingResult":"FAILED"}';
    const contradiction = answered({ kind: 'contradicted', response: response });
    expect(of(contradiction)).toMatchObject({
      transition: 'doubt',
      response,
      doubt: {
        answered: true,
        ifAbsent: {
          kind: 'settled',
          decision: { transition: 'reject', reason: 'DIALER_REJECTED', source: 'read-back', response },
        },
        ifPresent: { transition: 'accept', source: 'read-back', response },
      },
    });
  });

  test('is tried again if something else answered and it is not there', () => {
    expect(of(foreign)).toMatchObject({
      transition: 'doubt',
      reason: 'DIALER_FAILED',
      response: JSON.stringify(PAGE),
      doubt: { answered: true, ifAbsent: { kind: 'again' }, ifPresent: { transition: 'accept' } },
    });
  });

  test.each([undefined, 200, 408, 503])(
    'may still be under way if nothing is known: HTTP %s',
    (httpStatus) => {
      expect(of(unknown(httpStatus))).toMatchObject({
        transition: 'doubt',
        doubt: { answered: false, ifAbsent: { kind: 'again' } },
      });
    },
  );
});

describe('a lead whose upload was throttled', () => {
  const delayOf = (result: UploadResult) => decide(result, leads(1))[0];

  test.each<[string, UploadResult]>([
    ['by the lead loader', { kind: 'throttled', httpStatus: 429, retryAfterMs: 3_600_000, json: null }],
    ['while signing in', { kind: 'never_sent', reason: 'no access token', retryAfterMs: 3_600_000 }],
  ])('%s: waits for as long as the dialer is held, a minute at most', (_where, result) => {
    expect(delayOf(result)).toMatchObject({ reason: 'DIALER_THROTTLED', delayMs: 60_000 });
  });

  test('without being told for how long waits as after any failure', () => {
    expect(delayOf({ kind: 'throttled', httpStatus: 429, json: null })).toMatchObject({ delayMs: 250 });
    expect(delayOf({ kind: 'never_sent', reason: 'connection refused' })).toMatchObject({
      reason: 'DIALER_UNREACHABLE',
      delayMs: 250,
    });
  });
});

describe('leads that shared an upload', () => {
  const HALVES = { ifAbsent: { kind: 'halves' } };
  const contradicted: LeadVerdict = { kind: 'contradicted', response: null };

  test.each<[string, UploadResult, object]>([
    ['something else answered', foreign, { answered: true, ...HALVES }],
    [
      'the answer contradicts itself',
      answered(contradicted, contradicted, contradicted),
      { answered: true, ...HALVES },
    ],
    ['the answer cannot be read', unknown(200), { answered: false, ...HALVES }],
    ['nothing is known', unknown(), { answered: false, ifAbsent: { kind: 'again' } }],
    ['it fails', unknown(503), { answered: false, ifAbsent: { kind: 'again' } }],
  ])('%s: each is read back, and none is told of the others', (_case, result, doubt) => {
    const decisions = decide(result, leads(3));
    expect(decisions).toHaveLength(3);
    for (const decision of decisions)
      expect(decision).toMatchObject({ transition: 'doubt', response: null, doubt });
  });

  test('need less time before absence counts only where the dialing system itself refused them', () => {
    const own: UploadResult = { kind: 'refused', httpStatus: 400, json: '{}' };
    expect(decide(own, leads(3))[0]?.doubt?.refused).toBe(true);
    expect(decide(foreign, leads(3))[0]?.doubt?.refused).toBeUndefined();
  });
});
