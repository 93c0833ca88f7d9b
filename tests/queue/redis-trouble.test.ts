import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeRedis, connectRedis, isReady } from '@live-feed/queue/redis/redis';
import { judgeServer } from '@live-feed/queue/redis/redis-inspection';
import { describeTrouble } from '@live-feed/queue/redis/redis-trouble';
import { freePort } from '@live-feed/tools/services/free-port';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { useRedis } from '../kit/services/redis.ts';
import { waitFor } from '../kit/wait-for.ts';

/** What is wrong with a Redis is told in words, and never with its password. */

const service = useRedis();
const notRedis = createServer((_request, response) => response.end());

beforeAll(() => once(notRedis.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => void notRedis.close());

/** The URL of the Redis of this file, changed. */
function urlWith(change: (url: URL) => void): string {
  const url = new URL(service.url);
  change(url);
  return url.href;
}

test.each<[string, RegExp, () => string | Promise<string>]>([
  [
    'a wrong password',
    /^Redis refuses the user or the password/,
    () => urlWith((url) => Object.assign(url, { password: 'hunter2hunter2' })),
  ],
  [
    'a wrong user',
    /^Redis refuses the user or the password/,
    () => urlWith((url) => Object.assign(url, { username: 'hunter2hunter2' })),
  ],
  ['no password', /^Redis requires a password/, () => urlWith((url) => Object.assign(url, { password: '' }))],
  [
    'the number of a database that is not there',
    /^Redis has no database with the number/,
    () => `${service.url}/99`,
  ],
  [
    'a port where nobody listens',
    /^Nothing listens at the host and port of REDIS_URL \(ECONNREFUSED\)/,
    async () => {
      const port = await freePort();
      return urlWith((url) => Object.assign(url, { port: String(port) }));
    },
  ],
  [
    'a host that does not exist',
    /^The host of REDIS_URL (?:is not known|cannot be looked up)/,
    () => urlWith((url) => Object.assign(url, { hostname: 'redis.invalid' })),
  ],
  [
    'something else that listens there',
    /^The server at REDIS_URL does not speak the Redis protocol/,
    () => urlWith((url) => Object.assign(url, { port: String((notRedis.address() as AddressInfo).port) })),
  ],
  [
    'TLS to a port without',
    /^No connection to Redis in time: .*TLS/,
    () => service.url.replace('redis:', 'rediss:'),
  ],
])('%s', async (_, sentence, url) => {
  const redis = connectRedis(await url(), 'jobs', () => {});
  onTestFinished(() => closeRedis(redis));
  const said = await waitFor(() => sentence.test(String(redis.health.why())) && redis.health.why(), {
    what: `${sentence}`,
  });
  expect(isReady(redis)).toBe(false);
  expect(said).not.toContain('hunter2');
});

test('a database number that is not there: nothing is done in another one', async () => {
  const redis = connectRedis(`${service.url}/99`, 'jobs', () => {});
  onTestFinished(() => closeRedis(redis));
  const writing = redis.set('lost', '1').catch((error: Error) => error);
  expect(await writing).toBeInstanceOf(Error);
  const right = connectRedis(service.url, 'jobs', () => {});
  onTestFinished(() => closeRedis(right));
  expect(await right.get('lost')).toBeNull();
});

test.each([
  [
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
    /cannot save to its disk/,
  ],
  [
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    /replica that has lost its primary/,
  ],
  ['LOADING Redis is loading the dataset in memory', /still loading/],
  ['BUSY Redis is busy running a script.', /busy with a script/],
  ['CLUSTERDOWN The cluster is down', /cluster does not serve all keys/],
  ['MOVED 7 10.0.0.1:6379', /node of a cluster: set REDIS_MODE to cluster/],
  ["ERR unknown command 'set', with args beginning with: ", /a sentinel at REDIS_URL: set REDIS_MODE/],
  ['ERR max number of clients reached', /maximum number of connections/],
  [
    "-ERR Error running script (call to f_1): @user_script:1: -OOM command not allowed when used memory > 'maxmemory'.",
    /over its memory limit/,
  ],
  ["ERR unknown command 'BZPOPMIN'", /does not know the command BZPOPMIN/],
  ["NOPERM this user has no permissions to run the 'xadd' command", /refuses the command XADD/],
  ['NOPERM No permissions to access a key', /refuses a command or a key/],
])('Redis says %j', (message, sentence) => {
  expect(describeTrouble(new Error(message))).toMatch(sentence);
});

test.each([
  ['5.0.14', /Redis 5.0.14 is too old: 6.2 or later is needed/],
  ['6.0.16', /too old/],
  ['6.2.0', undefined],
  ['7.0.15', undefined],
  ['10.0.0', undefined],
])('Redis %s', (version, sentence) => {
  const { refusal } = judgeServer(
    `# Server\r\nredis_version:${version}\r\nredis_mode:standalone\r\n`,
    'single',
  );
  if (sentence === undefined) expect(refusal).toBeUndefined();
  else expect(refusal).toMatch(sentence);
});
