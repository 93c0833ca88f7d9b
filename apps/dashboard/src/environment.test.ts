import { EnvironmentError, readEnvironment } from '@live-feed/runtime/configuration/environment';
import { expect, test } from 'vitest';
import { accountsOf, dashboardEnvironment } from './environment.ts';

const good = {
  DATABASE_URL: 'postgresql://127.0.0.1/live_feed',
  REDIS_URL: 'redis://127.0.0.1',
  DASHBOARD_PASSWORD: 'correct horse battery',
};

/** The names of the variables that something is wrong with. */
function wrongIn(source: Record<string, string>): string[] {
  try {
    readEnvironment(dashboardEnvironment, source);
    return [];
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return error.problems.map(({ name }) => name);
  }
}

test('there is an operator, and a viewer where one is set', () => {
  const accounts = (more: Record<string, string>) =>
    accountsOf(readEnvironment(dashboardEnvironment, { ...good, ...more })).map(({ user, role }) => [
      user,
      role,
    ]);
  expect(accounts({})).toEqual([['ops', 'operator']]);
  const viewer = { DASHBOARD_VIEWER_USER: 'eyes', DASHBOARD_VIEWER_PASSWORD: 'staple of the viewers' };
  expect(accounts(viewer)).toEqual([
    ['ops', 'operator'],
    ['eyes', 'viewer'],
  ]);
});

test.each([
  ['no password', { DASHBOARD_PASSWORD: '' }, ['DASHBOARD_PASSWORD']],
  ['a short password', { DASHBOARD_PASSWORD: 'short' }, ['DASHBOARD_PASSWORD']],
  ['a usual password', { DASHBOARD_PASSWORD: 'Password12345' }, ['DASHBOARD_PASSWORD']],
  ['a proxy by its name', { DASHBOARD_TRUSTED_PROXIES: 'nginx' }, ['DASHBOARD_TRUSTED_PROXIES']],
  ['a number of proxies', { DASHBOARD_TRUSTED_PROXIES: '1' }, ['DASHBOARD_TRUSTED_PROXIES']],
  ['a part of an address', { DASHBOARD_TRUSTED_PROXIES: '10.1/16' }, ['DASHBOARD_TRUSTED_PROXIES']],
  ['a network that is none', { DASHBOARD_TRUSTED_PROXIES: '10.0.0.0/99' }, ['DASHBOARD_TRUSTED_PROXIES']],
  [
    'one bad proxy among good ones',
    { DASHBOARD_TRUSTED_PROXIES: '10.0.0.7, 10.1.0.0/16, ::1, nginx' },
    ['DASHBOARD_TRUSTED_PROXIES'],
  ],
  ['a name with a colon', { DASHBOARD_USER: 'o:ps' }, ['DASHBOARD_USER']],
  ['a viewer without a password', { DASHBOARD_VIEWER_USER: 'eyes' }, ['DASHBOARD_VIEWER_PASSWORD']],
  [
    "a viewer's password without a viewer",
    { DASHBOARD_VIEWER_PASSWORD: 'staple of the viewers' },
    ['DASHBOARD_VIEWER_USER'],
  ],
  [
    'a viewer who is the operator',
    { DASHBOARD_VIEWER_USER: 'ops', DASHBOARD_VIEWER_PASSWORD: good.DASHBOARD_PASSWORD },
    ['DASHBOARD_VIEWER_USER', 'DASHBOARD_VIEWER_PASSWORD'],
  ],
  [
    'all of it at once',
    { REDIS_URL: 'x', DASHBOARD_PASSWORD: 'short', DASHBOARD_VIEWER_USER: 'eyes' },
    ['REDIS_URL', 'DASHBOARD_PASSWORD', 'DASHBOARD_VIEWER_PASSWORD'],
  ],
])('does not start with %s', (_case, wrong, names) => {
  expect(wrongIn({ ...good, ...wrong })).toEqual(names);
});
