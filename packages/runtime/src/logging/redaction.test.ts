import { FORWARDABLE, LEAD_FIELDS } from '@live-feed/core/lead/lead-fields';
import { describe, expect, it } from 'vitest';
import { redact, redactText } from './redaction.ts';

describe('redact', () => {
  it.each([
    'token',
    'permanentToken',
    'apiAuthToken',
    'X-Auth-Token',
    'authorization',
    'password',
    'client_secret',
    'clientSecret',
    'accessToken',
    'jwt',
    'jwtCredential',
    'assertion',
    'cookie',
    'set-cookie',
    'key',
    'apiKey',
    'x-api-key',
    'keys',
    'name',
    ...LEAD_FIELDS.filter((field) => field !== 'state'),
    ...FORWARDABLE.lead,
    'LASTNAME',
    'address',
    'headers',
    'body',
    'dialerResponse',
  ])('hides %s at any depth', (key) => {
    expect(redact({ [key]: 'planted' })).toEqual({ [key]: '[redacted]' });
    expect(redact({ a: [{ b: { [key]: { c: 'planted' } } }] })).toEqual({
      a: [{ b: { [key]: '[redacted]' } }],
    });
  });

  it.each(['phone', 'leadPhone', 'lead_phone', 'phones', 'callerId', 'ani', 'anis'])(
    'masks %s up to its last two digits',
    (key) => {
      expect(redact({ [key]: '+1 (555) 123-4567' })).toEqual({ [key]: '********67' });
      expect(redact({ [key]: [5551234567] })).toEqual({ [key]: ['********67'] });
      expect(redact({ [key]: '123-4567' })).toEqual({ [key]: '**********' });
    },
  );

  it('keeps a mask that is already there', () => {
    expect(redact({ phone: '********67' })).toEqual({ phone: '********67' });
  });

  it.each([
    ['campaignId', '5551234567'],
    ['leadId', '017f22e2-79b0-7cc3-98c4-dc0c0c07398f'],
    ['state', 'ACCEPTED'],
    ['hostname', 'worker-1'],
    ['uploadSize', 500],
    ['hasToken', true],
    ['token', null],
    ['receivedAtMs', 1_700_000_000_000],
  ])('keeps %s', (key, value) => {
    expect(redact({ [key]: value })).toEqual({ [key]: value });
  });
});

describe('redactText', () => {
  it.each([
    ['postgresql://jane:hunter2@db:5432/live_feed', 'postgresql://***@db:5432/live_feed'],
    ['redis://:hunter2@cache:6379/0 refused', 'redis://***@cache:6379/0 refused'],
    ['postgresql://jane:hunt@er2@db/live_feed', 'postgresql://***@db/live_feed'],
    ['postgresql://jane:hun/ter2@db/live_feed', 'postgresql://***'],
    ['postgresql://jane:hun?ter2@db/live_feed', 'postgresql://***'],
    ['GET https://host/path?token=hunter2#x failed', 'GET https://host/path?*** failed'],
    ['listening on http://127.0.0.1:3000/docs', 'listening on http://127.0.0.1:3000/docs'],
    ['redis://cache:6379: refused', 'redis://cache:6379: refused'],
    ['https://host/@scope/pkg.js', 'https://host/@scope/pkg.js'],
    ['at file:///srv/@scope/pkg.js:1:2', 'at file:///srv/@scope/pkg.js:1:2'],
    ['listening on http://[::1]:3000', 'listening on http://[::1]:3000'],
    ['Authorization: Bearer abc.def-ghi', 'Authorization: Bearer [redacted]'],
    ['the key oiq_0123456789abc is revoked', 'the key [redacted] is revoked'],
    ['signed with whsec_C2FVsBQIhrscChlQIMV+b5s/YspobA==.', 'signed with [redacted].'],
    ['whsec_abcdefghijkl', '[redacted]'],
    ['got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI2MiJ9.c2lnbmF0dXJl at once', 'got [redacted] at once'],
    ['grant_type=x&assertion=aaa.bbb.ccc', 'grant_type=x&assertion=[redacted]'],
    ['{"apiKey":"hunter2","a":1}', '{"apiKey":"[redacted]","a":1}'],
    ['{\\"lastName\\":\\"Doe\\",\\"a\\":1}', '{\\"lastName\\":\\"[redacted]\\",\\"a\\":1}'],
    [
      "data: { firstName: 'Jane', leadPhone: '555-123-4567' }",
      "data: { firstName: '[redacted]', leadPhone: '********67' }",
    ],
    ['Error: "token": "hunter2"', 'Error: "token": "[redacted]"'],
    ['"campaignId": "5551", "state": "ACCEPTED"', '"campaignId": "5551", "state": "ACCEPTED"'],
    ['password=hunter2 host=db', 'password=[redacted] host=db'],
    ['Unexpected token: < in JSON', 'Unexpected token: < in JSON'],
    ['no mailbox jane.doe@example.com here', 'no mailbox [redacted] here'],
    ['at node_modules/pino@10.4.0/pino.js:10:4', 'at node_modules/pino@10.4.0/pino.js:10:4'],
    ['Key (phone)=(5551234567) already exists', 'Key (phone)=(********67) already exists'],
    ['call +1 (555) 123-4567 now', 'call ********67 now'],
    ['lead 017f22e2-79b0-7cc3-98c4-555123456789', 'lead 017f22e2-79b0-7cc3-98c4-555123456789'],
    ['took 1700000000000 ms on 2026-01-02', 'took 1700000000000 ms on 2026-01-02'],
  ])('%s', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });

  it('cuts what is too long', () => {
    expect(redactText('a b'.repeat(10_000))).toMatch(/… \(22000 more characters\)$/);
  });
});
