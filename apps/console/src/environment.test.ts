import { EnvironmentError, readEnvironment } from '@live-feed/runtime/configuration/environment';
import { expect, test } from 'vitest';
import { consoleEnvironment, firstPersonOf, OWN_PATHS } from './environment.ts';

const good = {
  DATABASE_URL: 'postgresql://127.0.0.1/live_feed',
  REDIS_URL: 'redis://127.0.0.1',
  SEAL_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  PHONE_DIGEST_SECRET: 'd'.repeat(64),
  CONSOLE_PASSWORD: 'correct horse battery',
};

/** The names of the variables that something is wrong with. */
function wrongIn(source: Record<string, string>): string[] {
  try {
    readEnvironment(consoleEnvironment, source);
    return [];
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return error.problems.map(({ name }) => name);
  }
}

test('the first person is there where a password is set', () => {
  const first = (source: Record<string, string>) =>
    firstPersonOf(readEnvironment(consoleEnvironment, source));
  expect(first(good)).toEqual({ name: 'ops', password: good.CONSOLE_PASSWORD });
  const { CONSOLE_PASSWORD: _none, ...without } = good;
  expect(first(without)).toBeUndefined();
});

test.each(OWN_PATHS)('a public address whose path begins with /%s is refused', (path) => {
  expect(wrongIn({ ...good, CONSOLE_PUBLIC_URL: `https://ops.example/${path}/` })).toEqual([
    'CONSOLE_PUBLIC_URL',
  ]);
  expect(wrongIn({ ...good, CONSOLE_PUBLIC_URL: `https://ops.example/${path}s-of-ours/` })).toEqual([]);
});

test.each([
  ['a short password', { CONSOLE_PASSWORD: 'short' }, ['CONSOLE_PASSWORD']],
  ['a usual password', { CONSOLE_PASSWORD: 'Password12345' }, ['CONSOLE_PASSWORD']],
  ['a proxy by its name', { CONSOLE_TRUSTED_PROXIES: 'nginx' }, ['CONSOLE_TRUSTED_PROXIES']],
  ['a number of proxies', { CONSOLE_TRUSTED_PROXIES: '1' }, ['CONSOLE_TRUSTED_PROXIES']],
  ['a part of an address', { CONSOLE_TRUSTED_PROXIES: '10.1/16' }, ['CONSOLE_TRUSTED_PROXIES']],
  ['a network that is none', { CONSOLE_TRUSTED_PROXIES: '10.0.0.0/99' }, ['CONSOLE_TRUSTED_PROXIES']],
  [
    'one bad proxy among good ones',
    { CONSOLE_TRUSTED_PROXIES: '10.0.0.7, 10.1.0.0/16, ::1, nginx' },
    ['CONSOLE_TRUSTED_PROXIES'],
  ],
  [
    'an issuer without what belongs to it',
    { CONSOLE_OIDC_ISSUER: 'https://login.example' },
    ['CONSOLE_OIDC_CLIENT_ID', 'CONSOLE_OIDC_CLIENT_SECRET', 'CONSOLE_PUBLIC_URL'],
  ],
  [
    'an issuer elsewhere without TLS',
    {
      CONSOLE_OIDC_ISSUER: 'http://login.example',
      CONSOLE_OIDC_CLIENT_ID: 'console',
      CONSOLE_OIDC_CLIENT_SECRET: 'secret',
      CONSOLE_PUBLIC_URL: 'https://ops.example',
    },
    ['CONSOLE_OIDC_ISSUER'],
  ],
  ['a client without an issuer', { CONSOLE_OIDC_CLIENT_ID: 'console' }, ['CONSOLE_OIDC_ISSUER']],
  [
    'all of it at once',
    { REDIS_URL: 'x', CONSOLE_PASSWORD: 'short', SEAL_KEYS: 'k1' },
    ['REDIS_URL', 'SEAL_KEYS', 'CONSOLE_PASSWORD'],
  ],
])('does not start with %s', (_case, wrong, names) => {
  expect(wrongIn({ ...good, ...wrong })).toEqual(names);
});
