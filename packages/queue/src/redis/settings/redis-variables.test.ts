import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { checkRedis, redisServerOf, redisVariables } from './redis-variables.ts';

const schema = z.object(redisVariables).superRefine(checkRedis, { when: () => true });
const folder = mkdtempSync(join(tmpdir(), 'live-feed-redis-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Any that is one. */
const CERTIFICATE = rootCertificates.slice(0, 1).join();
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const CA = file('ca.pem', CERTIFICATE);

const plain = { username: undefined, password: undefined, database: 0, family: undefined, tls: undefined };

test.each([
  [{ REDIS_URL: 'redis://redis' }, { mode: 'single', nodes: [{ host: 'redis' }], ...plain }],
  [
    { REDIS_URL: 'redis://[::1]:6380/?family=6' },
    { mode: 'single', nodes: [{ host: '::1', port: 6380 }], ...plain, family: 6 },
  ],
  [
    { REDIS_URL: 'redis://:a%40b%2F%3F%23%25%3A@redis/15' },
    { mode: 'single', nodes: [{ host: 'redis' }], ...plain, password: 'a@b/?#%:', database: 15 },
  ],
  // As browsers do: the last @ counts.
  [
    { REDIS_URL: 'redis://user:a@b@redis' },
    { mode: 'single', nodes: [{ host: 'redis' }], ...plain, username: 'user', password: 'a@b' },
  ],
  [
    { REDIS_URL: 'rediss://live-feed:p%C3%A4ss,word@redis:6380', REDIS_TLS_CA_FILE: CA },
    {
      mode: 'single',
      nodes: [{ host: 'redis', port: 6380 }],
      ...plain,
      username: 'live-feed',
      password: 'päss,word',
      tls: { ca: CERTIFICATE },
    },
  ],
  [
    {
      REDIS_URL: 'rediss://:pw@s1:26380, s2,[::1]/2',
      REDIS_MODE: 'sentinel',
      REDIS_SENTINEL_NAME: 'mymaster',
      REDIS_SENTINEL_PASSWORD: 'other',
    },
    {
      mode: 'sentinel',
      nodes: [{ host: 's1', port: 26380 }, { host: 's2' }, { host: '::1' }],
      ...plain,
      password: 'pw',
      database: 2,
      tls: {},
      sentinel: { name: 'mymaster', password: 'other' },
    },
  ],
  [
    { REDIS_URL: 'redis://:pw@n1,n2:7001/0', REDIS_MODE: 'cluster' },
    { mode: 'cluster', nodes: [{ host: 'n1' }, { host: 'n2', port: 7001 }], ...plain, password: 'pw' },
  ],
])('%o', (env, server) => {
  expect(redisServerOf(schema.parse(env))).toEqual(server);
});

const two = { REDIS_URL: 'redis://a,b' };
const one = { REDIS_URL: 'redis://a' };

test.each<[Record<string, string>, string, RegExp]>([
  [{}, 'REDIS_URL', /must be a URL that begins with redis:/],
  [{ REDIS_URL: 'http://redis' }, 'REDIS_URL', /must be a URL that begins with redis:/],
  [{ REDIS_URL: 'redis://' }, 'REDIS_URL', /must name a host|must be a URL/],
  [{ REDIS_URL: 'redis://redis:99999' }, 'REDIS_URL', /must be a URL/],
  [{ REDIS_URL: 'redis://redis/live_feed' }, 'REDIS_URL', /number of a database/],
  [{ REDIS_URL: 'redis://redis/-1' }, 'REDIS_URL', /number of a database/],
  [{ REDIS_URL: 'redis://redis?keyPrefix=x' }, 'REDIS_URL', /no parameters but family/],
  [{ REDIS_URL: 'redis://redis#1' }, 'REDIS_URL', /write %23/],
  [{ REDIS_URL: 'redis://:100%@redis' }, 'REDIS_URL', /every % is written as %25/],
  [{ REDIS_URL: 'redis://a,,b', REDIS_MODE: 'cluster' }, 'REDIS_URL', /must name a host|must be a URL/],
  [{ REDIS_URL: 'redis://a,redis://b', REDIS_MODE: 'cluster' }, 'REDIS_URL', /all hosts in one URL/],
  [two, 'REDIS_URL', /must name one host, unless REDIS_MODE is sentinel or cluster/],
  [{ ...one, REDIS_MODE: 'replica' }, 'REDIS_MODE', /must be one of single, sentinel, cluster/],
  [{ ...two, REDIS_MODE: 'sentinel' }, 'REDIS_SENTINEL_NAME', /must be set if REDIS_MODE is sentinel/],
  [{ ...one, REDIS_SENTINEL_NAME: 'x' }, 'REDIS_SENTINEL_NAME', /only be set if REDIS_MODE is sentinel/],
  [
    { ...two, REDIS_MODE: 'cluster', REDIS_SENTINEL_PASSWORD: 'x' },
    'REDIS_SENTINEL_PASSWORD',
    /only be set if REDIS_MODE is sentinel/,
  ],
  [{ ...one, REDIS_SENTINEL_USERNAME: 'x' }, 'REDIS_SENTINEL_USERNAME', /only be set/],
  [{ REDIS_URL: 'redis://a,b/1', REDIS_MODE: 'cluster' }, 'REDIS_URL', /no database but 0/],
  [{ ...one, REDIS_TLS_CA_FILE: CA }, 'REDIS_TLS_CA_FILE', /if REDIS_URL begins with rediss:/],
  [
    { REDIS_URL: 'rediss://a', REDIS_TLS_CA_FILE: join(folder, 'none.pem') },
    'REDIS_TLS_CA_FILE',
    /file that can be read \(ENOENT\)/,
  ],
  [
    { REDIS_URL: 'rediss://a', REDIS_TLS_CA_FILE: file('text.pem', 'not a certificate') },
    'REDIS_TLS_CA_FILE',
    /certificates in PEM/,
  ],
])('%o is refused', (env, name, sentence) => {
  const { success, error } = schema.safeParse(env);
  expect(success).toBe(false);
  const [issue] = error?.issues ?? [];
  expect(issue).toMatchObject({ path: [name] });
  expect(issue?.message).toMatch(sentence);
});
