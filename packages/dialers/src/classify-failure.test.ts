import { describe, expect, it } from 'vitest';
import { classifyUpload } from './classify-failure.ts';
import type { Break, Phase, WholeAnswer } from './exchange.ts';

const LIMITS = { connectMs: 3_000, uploadMs: 10_000 };

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
    ['written', { by: 'protocol_switch' }, 'unknown', 'HTTP 101, a switch of protocols, not followed'],
  ])('%s, %j → %s: %s', (phase, cause, kind, reason) => {
    expect(classifyUpload({ kind: 'broken', phase, cause }, LIMITS)).toEqual({ kind, reason, body: null });
  });

  it.each([200, 400, 401, 429, 500])('an answer cut short settles nothing, HTTP %i', (httpStatus) => {
    const cause = { by: 'error', code: 'ECONNRESET' } as const;
    expect(classifyUpload({ kind: 'broken', phase: 'written', cause, httpStatus }, LIMITS)).toEqual({
      kind: 'unknown',
      reason: 'answer cut short',
      httpStatus,
      body: null,
    });
  });
});

describe('a whole answer', () => {
  const counts = { leadsAccepted: 1 };
  const unreadable = 'HTTP 200 with an unreadable body';
  it.each<[number, unknown, object]>([
    [200, counts, { kind: 'answered', body: counts }],
    [201, counts, { kind: 'answered', body: counts }],
    [200, { leadsAccepted: 0 }, { kind: 'answered', body: { leadsAccepted: 0 } }],
    [200, null, { kind: 'unknown', reason: unreadable, body: null }],
    [200, 'OK', { kind: 'unknown', reason: unreadable, body: 'OK' }],
    [200, [], { kind: 'unknown', reason: unreadable, body: [] }],
    [200, { leadsInserted: 1 }, { kind: 'unknown', reason: unreadable, body: { leadsInserted: 1 } }],
    [200, { leadsAccepted: 0.5 }, { kind: 'unknown', reason: unreadable, body: { leadsAccepted: 0.5 } }],
    [204, null, { kind: 'unknown', reason: 'HTTP 204 with an unreadable body', body: null }],
    [302, null, { kind: 'unknown', reason: 'HTTP 302, a redirect, not followed', body: null }],
    [304, null, { kind: 'unknown', reason: 'HTTP 304, a redirect, not followed', body: null }],
    [400, counts, { kind: 'refused', body: counts }],
    [401, 'Jwt is expired', { kind: 'not_allowed', body: 'Jwt is expired' }],
    [402, null, { kind: 'refused', body: null }],
    [403, null, { kind: 'not_allowed', body: null }],
    [404, null, { kind: 'not_allowed', body: null }],
    [405, null, { kind: 'refused', body: null }],
    [408, null, { kind: 'unknown', reason: 'HTTP 408', body: null }],
    [409, null, { kind: 'refused', body: null }],
    [413, null, { kind: 'refused', body: null }],
    [415, null, { kind: 'refused', body: null }],
    [422, null, { kind: 'refused', body: null }],
    [429, null, { kind: 'throttled', body: null }],
    [499, null, { kind: 'refused', body: null }],
    [500, counts, { kind: 'unknown', reason: 'HTTP 500', body: counts }],
    [503, null, { kind: 'unknown', reason: 'HTTP 503', body: null }],
    [999, null, { kind: 'unknown', reason: 'HTTP 999', body: null }],
  ])('%i with %j → %j', (httpStatus, body, expected) => {
    const answer: WholeAnswer = { kind: 'answer', httpStatus, body };
    expect(classifyUpload(answer, LIMITS)).toEqual({ httpStatus, ...expected });
  });

  it('the wait that a 429 asks for is passed on', () => {
    const answer: WholeAnswer = { kind: 'answer', httpStatus: 429, retryAfterMs: 7_000, body: null };
    expect(classifyUpload(answer, LIMITS)).toEqual({
      kind: 'throttled',
      httpStatus: 429,
      retryAfterMs: 7_000,
      body: null,
    });
  });
});

describe('rows of a 2xx', () => {
  const accepted = (rest: object) => {
    const body = { leadsAccepted: 1, ...rest };
    return classifyUpload({ kind: 'answer', httpStatus: 200, body }, LIMITS);
  };

  it.each([
    { rejectedRows: null },
    { rejectedRows: [{ message: null, rowData: null }] },
    { rejectedRows: [{ message: 'bad', rowData: ['a', null], line: 3 }] },
    { leadsInserted: null, future: { x: 1 } },
  ])('go on unchanged: %j', (rest) => {
    expect(accepted(rest)).toEqual({
      kind: 'answered',
      httpStatus: 200,
      body: { leadsAccepted: 1, ...rest },
    });
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
