import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TEST_CERTIFICATE, TEST_KEY } from '@live-feed/dialers/testing/certificate';
import { closeRedis, connectRedis, isReady, type Redis } from '@live-feed/queue/redis/redis';
import { cloneDir } from '@live-feed/tools/clone';
import type { EmbeddedRedis } from '@live-feed/tools/services/redis';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { call, callIngress, EXAMPLE, post } from '../kit/http/client.ts';
import { useDatabase } from '../kit/services/database.ts';
import { startTestRedis } from '../kit/services/redis.ts';
import { serverIn } from '../kit/services/redis-environment.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';

/** A Redis that speaks only TLS, whose user may do what docs/operations/redis.md says, in a database of its own. */

const PASSWORD = 'sp ce@:/?#%,ä';
const DATABASE = 3;
const database = useDatabase();
let folder: string;
let server: EmbeddedRedis;
let operator: Redis;
let environment: Record<string, string>;
let system: System;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'live-feed-redis-tls-'));
  const [certificate, key] = [join(folder, 'own.crt'), join(folder, 'own.key')];
  await writeFile(certificate, TEST_CERTIFICATE);
  await writeFile(key, TEST_KEY, { mode: 0o600 });
  server = await startTestRedis({
    settings: (port) => [
      'port 0',
      `tls-port ${port}`,
      `tls-cert-file ${certificate}`,
      `tls-key-file ${key}`,
      'tls-auth-clients no',
      documentedUser().replace('>PASSWORD', JSON.stringify(`>${PASSWORD}`)),
    ],
  });
  const hosts = `127.0.0.1:${server.port}`;
  environment = {
    REDIS_URL: `rediss://live-feed:${encodeURIComponent(PASSWORD)}@${hosts}/${DATABASE}`,
    REDIS_TLS_CA_FILE: certificate,
  };
  operator = connect({ ...environment, REDIS_URL: `${server.url.replace('redis:', 'rediss:')}/${DATABASE}` });
  system = await startSystem({ databaseUrl: database.url, redisUrl: '', environment });
});
afterAll(async () => {
  await system?.stop();
  if (operator !== undefined) await closeRedis(operator);
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

function documentedUser(): string {
  const page = readFileSync(join(cloneDir, 'docs/operations/redis.md'), 'utf8');
  const line = /^user live-feed .*$/m.exec(page)?.[0];
  if (line === undefined) throw new Error('docs/operations/redis.md has no line "user live-feed".');
  return line;
}

function connect(variables: Record<string, string>): Redis {
  return connectRedis(serverIn(variables), 'jobs', () => {});
}

test('all that the processes do is permitted, in that database', async () => {
  const answers = await Promise.all([
    post(system, EXAMPLE),
    post(system, EXAMPLE),
    post(system, EXAMPLE, { headers: { prefer: 'respond-async' } }),
    post(system, EXAMPLE, { headers: { prefer: 'handling=dry-run' } }),
    post(system, EXAMPLE, { headers: { 'idempotency-key': 'one' } }),
  ]);
  // Who prefers not to wait is answered with the outcome all the same, if it is there.
  const expected = [[200], [200], [200, 202], [200], [200]];
  for (const [at, { status }] of answers.entries()) expect(expected[at]).toContain(status);
  for (const { metricsUrl } of system.workers) expect((await call(`${metricsUrl}/readyz`)).status).toBe(200);
  for (const { url } of system.ingresses) expect((await callIngress(url, '/readyz')).status).toBe(200);
  expect(await operator.call('ACL', 'LOG')).toEqual([]);
  expect(await operator.info('keyspace')).toMatch(new RegExp(`^db${DATABASE}:keys=`, 'm'));
  expect(await operator.info('keyspace')).not.toMatch(/^db0:/m);
});

test('a certificate of an authority that is not trusted is told', async () => {
  await expectTold({ REDIS_URL: String(environment['REDIS_URL']) }, /^TLS with Redis fails/);
});

test('a server that speaks only TLS is told', async () => {
  const url = String(environment['REDIS_URL']).replace('rediss:', 'redis:');
  await expectTold({ REDIS_URL: url }, /^The connection to Redis was lost/);
});

async function expectTold(variables: Record<string, string>, sentence: RegExp): Promise<void> {
  const redis = connect(variables);
  onTestFinished(() => closeRedis(redis));
  await waitFor(() => sentence.test(String(redis.health.why())), { what: `${sentence}` });
  expect(isReady(redis)).toBe(false);
}
