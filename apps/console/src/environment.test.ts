import { EnvironmentError, readEnvironment } from '@live-feed/runtime/configuration/environment';
import { expect, test } from 'vitest';
import { accountsOf, consoleEnvironment } from './environment.ts';

const good = {
  DATABASE_URL: 'postgresql://127.0.0.1/live_feed',
  REDIS_URL: 'redis://127.0.0.1',
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

test('there is an operator, and a viewer where one is set', () => {
  const accounts = (more: Record<string, string>) =>
    accountsOf(readEnvironment(consoleEnvironment, { ...good, ...more })).map(({ user, role }) => [
      user,
      role,
    ]);
  expect(accounts({})).toEqual([['ops', 'operator']]);
  const viewer = { CONSOLE_VIEWER_USER: 'eyes', CONSOLE_VIEWER_PASSWORD: 'staple of the viewers' };
  expect(accounts(viewer)).toEqual([
    ['ops', 'operator'],
    ['eyes', 'viewer'],
  ]);
});

test.each([
  ['no password', { CONSOLE_PASSWORD: '' }, ['CONSOLE_PASSWORD']],
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
  ['a name with a colon', { CONSOLE_USER: 'o:ps' }, ['CONSOLE_USER']],
  ['a viewer without a password', { CONSOLE_VIEWER_USER: 'eyes' }, ['CONSOLE_VIEWER_PASSWORD']],
  [
    "a viewer's password without a viewer",
    { CONSOLE_VIEWER_PASSWORD: 'staple of the viewers' },
    ['CONSOLE_VIEWER_USER'],
  ],
  [
    'a viewer who is the operator',
    { CONSOLE_VIEWER_USER: 'ops', CONSOLE_VIEWER_PASSWORD: good.CONSOLE_PASSWORD },
    ['CONSOLE_VIEWER_USER', 'CONSOLE_VIEWER_PASSWORD'],
  ],
  [
    'all of it at once',
    { REDIS_URL: 'x', CONSOLE_PASSWORD: 'short', CONSOLE_VIEWER_USER: 'eyes' },
    ['REDIS_URL', 'CONSOLE_PASSWORD', 'CONSOLE_VIEWER_PASSWORD'],
  ],
])('does not start with %s', (_case, wrong, names) => {
  expect(wrongIn({ ...good, ...wrong })).toEqual(names);
});
