import { describe, expect, it } from 'vitest';
import type { Break, Exchange, Phase, WholeAnswer } from '../http/exchange.ts';
import type { UploadResult } from '../lead-loader.ts';
import { classifyUpload } from './classify-upload.ts';

const LIMITS = { connectMs: 3_000, uploadMs: 10_000 };
const ALONE = [{ externId: 'lead-1', phone: '2125550123', fields: {} }];

const classified = (exchange: Exchange): UploadResult => classifyUpload(exchange, LIMITS, ALONE);

describe('an exchange that broke', () => {
  it.each<[Phase, Break, string, string]>([
    ['connecting', { by: 'error', code: 'ENOTFOUND' }, 'never_sent', 'host name not found'],
    ['connecting', { by: 'error', code: 'EAI_AGAIN' }, 'never_sent', 'name resolution failed'],
    ['connecting', { by: 'error', code: 'ECONNREFUSED' }, 'never_sent', 'connection refused'],
    ['connecting', { by: 'error', code: 'ECONNRESET' }, 'never_sent', 'connection reset'],
    ['connecting', { by: 'error', code: 'EHOSTUNREACH' }, 'never_sent', 'host unreachable'],
    ['connecting', { by: 'error', code: 'CERT_HAS_EXPIRED' }, 'never_sent', 'TLS failed (CERT_HAS_EXPIRED)'],
    ['connecting', { by: 'error', code: 'EPROTO' }, 'never_sent', 'TLS failed (EPROTO)'],
    ['connecting', { by: 'error', code: 'ODD' }, 'never_sent', 'failed (ODD)'],
    ['connecting', { by: 'connect_timeout' }, 'never_sent', 'no connection within 3 s'],
    ['connected', { by: 'fence' }, 'never_sent', 'too late to send'],
    ['connected', { by: 'error', code: 'ECONNRESET' }, 'never_sent', 'connection reset'],
    ['written', { by: 'error', code: 'ECONNRESET' }, 'unknown', 'connection reset'],
    ['written', { by: 'error', code: 'EPIPE' }, 'unknown', 'connection closed'],
    ['written', { by: 'error', code: 'ECONNREFUSED' }, 'unknown', 'connection refused'],
    ['written', { by: 'error', code: 'HPE_INVALID_CONSTANT' }, 'unknown', 'failed (HPE_INVALID_CONSTANT)'],
    ['written', { by: 'upload_timeout' }, 'unknown', 'no answer within 10 s'],
    ['written', { by: 'answer_too_large' }, 'unknown', 'answer too large'],
    ['written', { by: 'answer_too_deep' }, 'unknown', 'answer nested too deep'],
    ['written', { by: 'answer_encoding' }, 'unknown', 'answer in an encoding that cannot be read'],
    ['written', { by: 'protocol_switch' }, 'unknown', 'HTTP 101, a switch of protocols, not followed'],
  ])('%s, %j → %s: %s', (phase, cause, kind, reason) => {
    const said = kind === 'never_sent' ? {} : { unreadable: false, json: null };
    expect(classified({ kind: 'broken', phase, cause })).toEqual({ kind, reason, ...said });
  });

  it.each([200, 400, 401, 429, 500])('an answer cut short settles nothing, HTTP %i', (httpStatus) => {
    const cause = { by: 'error', code: 'ECONNRESET' } as const;
    expect(classified({ kind: 'broken', phase: 'written', cause, httpStatus })).toEqual({
      kind: 'unknown',
      reason: 'answer cut short',
      unreadable: httpStatus === 200,
      httpStatus,
      json: null,
    });
  });
});

function whole(httpStatus: number, body: unknown): WholeAnswer {
  return { kind: 'answer', httpStatus, body, json: body === null ? null : JSON.stringify(body) };
}

/** As RingCX documents it. */
const OWN = { errorCode: 'x', generalMessage: 'No.', timestamp: 1 };
const PAGE = '\r\n<!DOCTYPE html><title>403 Forbidden</title>';

describe('a whole answer', () => {
  const counts = { leadsAccepted: 1 };
  const unreadable = 'HTTP 200 with an unreadable body';
  it.each<[number, unknown, object]>([
    [200, counts, { kind: 'answered', tookSome: true }],
    [201, counts, { kind: 'answered', tookSome: true }],
    [200, { leadsAccepted: 0 }, { kind: 'answered', tookSome: false }],
    [200, null, { kind: 'unknown', reason: unreadable }],
    [200, 'OK', { kind: 'unknown', reason: unreadable }],
    [200, [], { kind: 'unknown', reason: unreadable }],
    [200, { leadsInserted: 1 }, { kind: 'unknown', reason: unreadable }],
    [200, { leadsAccepted: '1' }, { kind: 'unknown', reason: unreadable }],
    [200, { leadsAccepted: null }, { kind: 'unknown', reason: unreadable }],
    [200, { leadsAccepted: 0.5 }, { kind: 'answered', tookSome: true }],
    [204, null, { kind: 'unknown', reason: 'HTTP 204 with an unreadable body' }],
    [200, PAGE, { kind: 'foreign', reason: unreadable }],
    [200, OWN, { kind: 'unknown', reason: unreadable }],
    [302, null, { kind: 'foreign', reason: 'HTTP 302, a redirect, not followed' }],
    [304, null, { kind: 'foreign', reason: 'HTTP 304, a redirect, not followed' }],
    [401, 'Jwt is expired', { kind: 'token_refused' }],
    [408, OWN, { kind: 'unknown', reason: 'HTTP 408' }],
    [429, null, { kind: 'throttled' }],
    [429, 'local_rate_limited', { kind: 'throttled' }],
    [429, { message: 'Too Many Requests' }, { kind: 'throttled' }],
    [429, PAGE, { kind: 'foreign', reason: 'HTTP 429' }],
    [500, counts, { kind: 'unknown', reason: 'HTTP 500' }],
    [501, PAGE, { kind: 'unknown', reason: 'HTTP 501' }],
    [503, null, { kind: 'unknown', reason: 'HTTP 503' }],
    [999, null, { kind: 'unknown', reason: 'HTTP 999' }],
  ])('%i with %j → %j', (httpStatus, body, expected) => {
    const { json } = whole(httpStatus, body);
    expect(classified(whole(httpStatus, body))).toMatchObject({ httpStatus, json, ...expected });
  });

  it.each([
    ['throttled', null],
    ['foreign', PAGE],
  ])('the wait that a 429 asks for is passed on: %s', (kind, body) => {
    const answer: WholeAnswer = { ...whole(429, body), retryAfterMs: 7_000 };
    expect(classified(answer)).toMatchObject({ kind, httpStatus: 429, retryAfterMs: 7_000 });
  });
});

describe('a 4xx is a refusal only in the words of the dialing system', () => {
  const refusals = [
    400, 402, 405, 406, 409, 410, 411, 413, 414, 415, 417, 418, 421, 422, 423, 424, 425, 428, 431, 451, 499,
  ];
  const about = new Map([
    [401, 'token_refused'],
    [403, 'token_refused'],
    [404, 'campaign_unknown'],
  ]);

  it.each([...refusals, ...about.keys()])('HTTP %i', (httpStatus) => {
    const kind = about.get(httpStatus) ?? 'refused';
    for (const own of [OWN, { ...OWN, timestamp: '2026-11-29T12:00:00Z', more: [1] }]) {
      expect(classified(whole(httpStatus, own))).toMatchObject({
        kind,
        httpStatus,
        json: JSON.stringify(own),
      });
    }
    const foreign: readonly unknown[] = [
      PAGE,
      null,
      [OWN],
      [1, 'two', null],
      {},
      7,
      { leadsAccepted: 0 },
      { message: 'Forbidden' },
      { errorCode: '404', message: 'no Route matched with those values' },
      { errorCode: 404, generalMessage: 'No.' },
      { timestamp: 1, status: 404, error: 'Not Found', path: '/' },
      { fault: { faultstring: 'No.' } },
      ...(httpStatus === 401 ? [] : ['404 page not found', 'RBAC: access denied', 'Jwt is expired']),
    ];
    for (const other of foreign) {
      expect(classified(whole(httpStatus, other))).toMatchObject({
        kind: 'foreign',
        reason: `HTTP ${httpStatus}`,
        json: other === null ? null : JSON.stringify(other),
      });
    }
  });

  it('401 with a long text is no word of the dialing system', () => {
    expect(classified(whole(401, 'no '.repeat(100)))).toMatchObject({ kind: 'foreign' });
  });
});

describe('rows of a 2xx', () => {
  const accepted = (rest: object) => {
    return classified(whole(200, { leadsAccepted: 1, ...rest }));
  };

  it.each([
    { rejectedRows: null },
    { rejectedRows: [{ message: null, rowData: null }] },
    { rejectedRows: [{ message: 'bad', rowData: ['a', null], line: 3 }] },
    { leadsInserted: null, future: { x: 1 } },
  ])('go on unchanged: %j', (rest) => {
    const body = { leadsAccepted: 1, ...rest };
    expect(accepted(rest)).toMatchObject({ kind: 'answered', httpStatus: 200, json: JSON.stringify(body) });
  });

  it('too many to be looked at leave it unknown', () => {
    expect(accepted({ rejectedRows: Array(10_000).fill({}) })).toMatchObject({ kind: 'answered' });
    expect(accepted({ rejectedRows: Array(10_001).fill({}) })).toMatchObject({ kind: 'unknown' });
  });

  it.each([
    { rejectedRows: 'none' },
    { rejectedRows: [7] },
    { rejectedRows: [{ rowData: 'a' }] },
    { leadsInserted: '1' },
  ])('that cannot be read leave it unknown: %j', (rest) => {
    expect(accepted(rest)).toMatchObject({ kind: 'unknown' });
  });
});
