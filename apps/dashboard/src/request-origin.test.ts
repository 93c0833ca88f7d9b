import { expect, test } from 'vitest';
import { isFromElsewhere } from './request-origin.ts';

const host = 'dashboard.example:3001';

test.each([
  ['another site', { host, 'sec-fetch-site': 'cross-site' }],
  ['a neighbour of the same site', { host, 'sec-fetch-site': 'same-site' }],
  ['the address bar', { host, 'sec-fetch-site': 'none' }],
  ['another origin', { host, origin: 'https://evil.example' }],
  ['another port', { host, origin: 'http://dashboard.example:3000' }],
  ['an origin that is hidden', { host, origin: 'null' }],
  ['an origin that contains ours', { host, origin: 'http://dashboard.example:3001.evil.example' }],
])('a change from %s is from elsewhere', (_case, headers) => {
  expect(isFromElsewhere(headers)).toBe(true);
});

test.each([
  ['its own pages', { host, 'sec-fetch-site': 'same-origin', origin: 'http://dashboard.example:3001' }],
  ['its own pages over plain HTTP', { host, origin: 'http://dashboard.example:3001' }],
  [
    'its own pages behind a proxy that renames it',
    { host: 'inner', 'sec-fetch-site': 'same-origin', origin: 'https://outer' },
  ],
  ['curl', { host }],
])('a change from %s is not', (_case, headers) => {
  expect(isFromElsewhere(headers)).toBe(false);
});
