import { EnvironmentError, readEnvironment } from '@live-feed/runtime/configuration/environment';
import { expect, it } from 'vitest';
import { ingressEnvironment } from './environment.ts';

const REQUIRED = {
  DATABASE_URL: 'postgresql://localhost/live_feed',
  REDIS_URL: 'redis://localhost',
  SEAL_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  PHONE_DIGEST_SECRET: 'x'.repeat(32),
};

function problems(given: Readonly<Record<string, string>>): string[] {
  try {
    readEnvironment(ingressEnvironment, given);
    return [];
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return error.problems.map(({ name }) => name);
  }
}

it('waits by default for as long as HAProxy takes by default to notice, and then as long as a caller may wait', () => {
  const { INGRESS_DRAIN_MS, INGRESS_DEADLINE_MS, STOP_GRACE_MS } = readEnvironment(
    ingressEnvironment,
    REQUIRED,
  );
  // "inter 2s fall 3", and the time of a check.
  expect(INGRESS_DRAIN_MS).toBeGreaterThan(3 * 2_000 + 1_000);
  expect(STOP_GRACE_MS).toBeGreaterThanOrEqual(INGRESS_DRAIN_MS + INGRESS_DEADLINE_MS + 5_000);
});

it('refuses a stop that ends before its drain and the last answers do, whatever else is wrong', () => {
  const short = { INGRESS_DRAIN_MS: '10000', STOP_GRACE_MS: '14999' };
  expect(problems({ ...REQUIRED, ...short })).toEqual(['STOP_GRACE_MS']);
  expect(problems({ ...REQUIRED, ...short, STOP_GRACE_MS: '15000' })).toEqual([]);
  const { DATABASE_URL: _missing, ...others } = REQUIRED;
  expect(problems({ ...others, ...short })).toEqual(['DATABASE_URL', 'STOP_GRACE_MS']);
});
