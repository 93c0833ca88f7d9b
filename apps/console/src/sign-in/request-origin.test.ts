import { describe, expect, test } from 'vitest';
import { isFromElsewhere, ownOrigins } from './request-origin.ts';

const host = 'console.example:3001';

test.each([
  ['another site', { host, 'sec-fetch-site': 'cross-site' }],
  ['a neighbour of the same site', { host, 'sec-fetch-site': 'same-site' }],
  ['the address bar', { host, 'sec-fetch-site': 'none' }],
  ['another origin', { host, origin: 'https://evil.example' }],
  ['another port', { host, origin: 'http://console.example:3000' }],
  ['an origin that is hidden', { host, origin: 'null' }],
  ['an origin that contains ours', { host, origin: 'http://console.example:3001.evil.example' }],
])('a change from %s is from elsewhere', (_case, headers) => {
  expect(isFromElsewhere(headers, [host])).toBe(true);
});

test.each([
  ['its own pages', { host, 'sec-fetch-site': 'same-origin', origin: 'http://console.example:3001' }],
  ['its own pages over plain HTTP', { host, origin: 'http://console.example:3001' }],
  [
    'its own pages behind a proxy that renames it',
    { host: 'inner', 'sec-fetch-site': 'same-origin', origin: 'https://outer' },
  ],
  ['curl', { host }],
])('a change from %s is not', (_case, headers) => {
  expect(isFromElsewhere(headers, [host])).toBe(false);
});

describe('behind a proxy over plain HTTP, where browsers send no Sec-Fetch-Site', () => {
  const origin = 'http://ops.example:8080';
  const behind = (headers: Record<string, string>, publicUrl?: string, remoteAddress = '10.0.0.1') =>
    isFromElsewhere(
      { origin, host: 'console:3001', ...headers },
      ownOrigins(publicUrl, (address) => address === '10.0.0.1').of({
        headers: { host: 'console:3001', ...headers },
        socket: { remoteAddress },
      }),
    );

  test.each([
    ['that passes the host on', { host: 'ops.example:8080' }],
    ['that is trusted and tells the host', { 'x-forwarded-host': 'ops.example:8080' }],
    ['and another one', { 'x-forwarded-host': 'OPS.example:8080, inner' }],
  ])('%s', (_case, headers) => {
    expect(behind(headers)).toBe(false);
  });

  test('that tells nothing, with CONSOLE_PUBLIC_URL', () => {
    expect(behind({}, 'http://ops.example:8080/live-feed/')).toBe(false);
    expect(behind({ host: 'ops.example' }, 'http://ops.example:8080')).toBe(false);
  });

  test('a default port may be written or not', () => {
    const own = (host: string, from: string) => isFromElsewhere({ origin: from }, [host]);
    expect(own('ops.example:443', 'https://ops.example')).toBe(false);
    expect(own('ops.example:80', 'http://ops.example')).toBe(false);
    expect(own('ops.example:443', 'http://ops.example')).toBe(true);
  });

  test.each([
    ['another origin', {}, 'http://ops.example', undefined],
    ['a host that only a stranger tells', { 'x-forwarded-host': 'ops.example:8080' }, undefined, '192.0.2.1'],
    ['nothing that tells its address', {}, undefined, undefined],
  ])('not from %s', (_case, headers, publicUrl, remoteAddress) => {
    expect(behind(headers, publicUrl, remoteAddress)).toBe(true);
  });
});
