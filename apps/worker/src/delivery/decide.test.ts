import type { UploadResult } from '@live-feed/dialers/lead-loader';
import { describe, expect, test } from 'vitest';
import { decide, type LeadInUpload } from './decide.ts';

function leads(count: number): LeadInUpload[] {
  return Array.from({ length: count }, (_, n) => ({
    externId: `01980a5e-0000-7000-8000-00000000000${n}`,
    phone: `555123456${n}`,
    attempt: 1,
    random: 0.5,
  }));
}

const OK = { leadsAccepted: 1, leadsInserted: 1 };
const PAGE = '<html>no</html>';

const answered = (body: typeof OK & Record<string, unknown>, json = JSON.stringify(body)): UploadResult => ({
  kind: 'answered',
  httpStatus: 200,
  body,
  json,
});
const foreign: UploadResult = {
  kind: 'foreign',
  reason: 'HTTP 403',
  httpStatus: 403,
  body: PAGE,
  json: JSON.stringify(PAGE),
};
const unknown = (httpStatus?: number): UploadResult => ({
  kind: 'unknown',
  reason: 'x',
  ...(httpStatus !== undefined && { httpStatus }),
  body: PAGE,
  json: JSON.stringify(PAGE),
});

describe('a lead that was alone', () => {
  const of = (result: UploadResult) => decide(result, leads(1))[0];

  test('is told the very text that was answered', () => {
    const text = ' {"leadsAccepted":1.0,"id":9007199254740993}';
    expect(of(answered(OK, text))).toMatchObject({ transition: 'accept', told: text });
    const refused = { ...OK, leadsAccepted: 0, leadsInserted: 0 };
    expect(of(answered(refused, text))).toMatchObject({ transition: 'reject', told: text });
  });

  test('is what read-back says if the answer contradicts itself, and is told that answer', () => {
    const contradiction = answered({ ...OK, processingResult: 'FAILED' });
    const told = contradiction.kind === 'answered' ? contradiction.json : null;
    expect(of(contradiction)).toMatchObject({
      transition: 'doubt',
      told,
      doubt: {
        answered: true,
        ifAbsent: {
          kind: 'settled',
          decision: { transition: 'reject', reason: 'DIALER_REJECTED', source: 'read-back', told },
        },
        ifPresent: { transition: 'accept', source: 'read-back', told },
      },
    });
  });

  test('is tried again if something else answered and it is not there', () => {
    expect(of(foreign)).toMatchObject({
      transition: 'doubt',
      reason: 'DIALER_FAILED',
      told: JSON.stringify(PAGE),
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

describe('leads that shared an upload', () => {
  const HALVES = { ifAbsent: { kind: 'halves' } };
  const three = { ...OK, leadsAccepted: 3, leadsInserted: 3 };

  test.each<[string, UploadResult, object]>([
    ['something else answered', foreign, { answered: true, ...HALVES }],
    [
      'the answer contradicts itself',
      answered({ ...three, leadsSupplied: 2 }),
      { answered: true, ...HALVES },
    ],
    ['the answer cannot be read', unknown(200), { answered: false, ...HALVES }],
    ['nothing is known', unknown(), { answered: false, ifAbsent: { kind: 'again' } }],
    ['it fails', unknown(503), { answered: false, ifAbsent: { kind: 'again' } }],
  ])('%s: each is read back, and none is told of the others', (_case, result, doubt) => {
    const decisions = decide(result, leads(3));
    expect(decisions).toHaveLength(3);
    for (const decision of decisions)
      expect(decision).toMatchObject({ transition: 'doubt', told: null, doubt });
  });

  test('need less time before absence counts only where the dialing system itself refused them', () => {
    const own: UploadResult = { kind: 'refused', httpStatus: 400, body: {}, json: '{}' };
    expect(decide(own, leads(3))[0]?.doubt?.refused).toBe(true);
    expect(decide(foreign, leads(3))[0]?.doubt?.refused).toBeUndefined();
  });
});
