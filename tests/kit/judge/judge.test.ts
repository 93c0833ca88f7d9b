import type { LeadAnswer } from '@live-feed/tools/demo/post-lead';
import { describe, expect, test } from 'vitest';
import type { Asked, History } from './history.ts';
import { judge } from './judge.ts';

/** Each history below is a good one with one thing changed. */

const INGRESS = 7;

function asked(told: Partial<LeadAnswer> = {}, request: Partial<Asked> = {}): Asked {
  return {
    kind: 'waiting',
    phone: '5550000001',
    key: null,
    companyId: 'company',
    ingressPid: INGRESS,
    sentAtMs: 1_000,
    answer: { atMs: 1_500, status: 200, code: null, leadId: 'lead', retryAfterMs: 0, ...told },
    ...request,
  };
}

function history(planted: Partial<History>): History {
  return {
    asked: [asked()],
    copies: [copy('lead')],
    rows: new Map([['lead', { state: 'ACCEPTED', reason: 'DIALER_ACCEPTED' }]]),
    statuses: new Map([['lead', 'ACCEPTED']]),
    takenBack: new Set(),
    silences: [],
    expectations: [],
    answersWithinMs: 25_000,
    brokenWindows: [],
    overusedAnis: [],
    wrongFigures: [],
    ...planted,
  };
}

const copy = (externId: string, phone = '5550000001') => ({ externId, phone });
const row = (state: 'QUEUED' | 'PARKED' | 'FAILED' | 'ABANDONED', reason: string | null = 'WHY') =>
  ({ rows: new Map([['lead', { state, reason }]]), statuses: new Map() }) as const;

const kinds = (planted: Partial<History>) => judge(history(planted)).map(({ kind }) => kind);

const nothing = { copies: [] };
const keyed = { kind: 'keyed', key: 'key' } as const;

describe('a planted breach is found', () => {
  test.each<[string, Partial<History>, string]>([
    ['a lead that the dialing system holds twice', { copies: [copy('lead'), copy('lead')] }, 'doubled'],
    ['a request that became two leads', { copies: [copy('lead'), copy('other')] }, 'doubled'],
    ['a 200 that is not there', nothing, 'lost'],
    ['a 200 whose row says otherwise', row('FAILED'), 'wrong'],
    ['a 200 that names no lead', { asked: [asked({ leadId: null })] }, 'wrong'],
    ['a 502 that is there', { asked: [asked({ status: 502 })], ...row('FAILED') }, 'wrong'],
    ['a 503 that is there', { asked: [asked({ status: 503, leadId: null })] }, 'wrong'],
    ['a 429 that is there', { asked: [asked({ status: 429, leadId: null })] }, 'wrong'],
    ['a 404 that is there', { asked: [asked({ status: 404, leadId: null })] }, 'wrong'],
    ['a 500', { asked: [asked({ status: 500, leadId: null })], ...nothing }, 'wrong'],
    ['a 504 that is still open', { asked: [asked({ status: 504 })], ...nothing, ...row('QUEUED') }, 'lost'],
    [
      'a 504 without a row',
      { asked: [asked({ status: 504 })], rows: new Map(), statuses: new Map() },
      'lost',
    ],
    ['a 202 that is said to be there', { asked: [asked({ status: 202 })], ...nothing }, 'lost'],
    ['a 202 that is said to have failed', { asked: [asked({ status: 202 })], ...row('FAILED') }, 'wrong'],
    [
      'a 202 that ended, and nobody can tell why',
      { asked: [asked({ status: 202 })], ...nothing, ...row('PARKED', null) },
      'wrong',
    ],
    ['an answer after the deadline', { asked: [asked({ atMs: 30_001 })] }, 'late'],
    ['a caller that still waits', { asked: [{ ...asked(), answer: undefined } as never] }, 'late'],
    ['no answer, from an ingress that ran', { asked: [asked({ status: null, leadId: null })] }, 'late'],
    ['a status that denies a lead', { statuses: new Map([['lead', null]]) }, 'wrong'],
    ['a status that contradicts the row', { statuses: new Map([['lead', 'QUEUED']]) }, 'wrong'],
    ['a lead that nobody submitted', { copies: [copy('lead'), copy('stranger', '5559999999')] }, 'wrong'],
    ['a lead that was taken back and is there', { takenBack: new Set(['lead']) }, 'wrong'],
    [
      'a lead that was delivered with another content',
      {
        asked: [asked({}, { wanted: 'Jane' })],
        copies: [{ ...copy('lead'), content: 'John' }],
      },
      'wrong',
    ],
    ['a broken rate window', { brokenWindows: ['31 of 30 in 10 s'] }, 'wrong'],
    ['an ANI used beyond its cap', { overusedAnis: ['76 of 75'] }, 'wrong'],
    [
      'two rivals of one phone, both taken',
      {
        asked: [asked({}, { kind: 'rival' }), asked({ leadId: 'other' }, { kind: 'rival' })],
        copies: [copy('lead'), copy('other')],
        rows: new Map(['lead', 'other'].map((id) => [id, { state: 'ACCEPTED', reason: 'WHY' } as const])),
      },
      'doubled',
    ],
    ['a lead of a suppressed phone that was sent', { asked: [asked({}, { kind: 'suppressed' })] }, 'wrong'],
    ['leads that are counted wrong', { wrongFigures: ['77, ACCEPTED: 1 instead of 2'] }, 'wrong'],
    [
      'a caller that should have noticed nothing',
      { expectations: [{ what: 'the others', share: 1, asked: [asked({ status: 504 })] }] },
      'wrong',
    ],
  ])('%s', (_, planted, kind) => {
    expect(kinds(planted)).toContain(kind);
  });

  test('one Idempotency-Key, two leads, one of them for another ingress', () => {
    const other = asked({ leadId: 'other' }, keyed);
    const rows = new Map(['lead', 'other'].map((id) => [id, { state: 'ACCEPTED', reason: 'WHY' } as const]));
    const copies = [copy('lead'), copy('other')];
    expect(kinds({ asked: [asked({}, keyed), other], copies, rows }).toSorted()).toEqual([
      'doubled',
      'wrong',
    ]);
  });
});

describe('what is promised is no breach', () => {
  test.each<[string, Partial<History>]>([
    ['a 200 that is there', {}],
    ['a 502 that is not there', { asked: [asked({ status: 502 })], ...nothing, ...row('FAILED') }],
    ['a 504 that was delivered', { asked: [asked({ status: 504 })] }],
    ['a 504 that is parked, and there', { asked: [asked({ status: 504 })], ...row('PARKED') }],
    ['a 503 that was given back', { asked: [asked({ status: 503 })], ...nothing, ...row('ABANDONED') }],
    ['a 429, then a 200', { asked: [asked({ status: 429, leadId: null }), asked()] }],
    [
      'no answer from an ingress that was killed, whether the lead is there or not',
      {
        asked: [asked({ status: null, leadId: null })],
        silences: [{ pid: INGRESS, fromMs: 1_600, toMs: Number.POSITIVE_INFINITY }],
      },
    ],
    [
      'an answer that is late by as long as the ingress was frozen',
      { asked: [asked({ atMs: 36_000 })], silences: [{ pid: INGRESS, fromMs: 2_000, toMs: 12_000 }] },
    ],
    [
      'equal requests, the second after the first one had ended',
      {
        asked: [asked({}, { kind: 'joining' }), asked({ leadId: 'other' }, { kind: 'joining' })],
        copies: [copy('lead'), copy('other')],
        rows: new Map(['lead', 'other'].map((id) => [id, { state: 'ACCEPTED', reason: 'WHY' } as const])),
      },
    ],
    [
      'one Idempotency-Key, used again after its lead was taken back',
      {
        asked: [asked({ status: 202 }, keyed), asked({ leadId: 'other' }, { ...keyed, phone: '5550000002' })],
        copies: [copy('other', '5550000002')],
        rows: new Map([
          ['lead', { state: 'ABANDONED', reason: 'WHY' }],
          ['other', { state: 'ACCEPTED', reason: 'WHY' }],
        ]),
        statuses: new Map(),
        takenBack: new Set(['lead']),
      },
    ],
  ])('%s', (_, planted) => {
    expect(judge(history(planted))).toEqual([]);
  });
});
