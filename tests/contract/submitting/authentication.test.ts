import { digestApiKey, hintOf, issueApiKey } from '@live-feed/core/crypto/api-key';
import { createKeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import { newId } from '@live-feed/core/ids';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXAMPLE, post } from '../../kit/http/client.ts';
import { connectRaw } from '../../kit/http/raw-http.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany } from '../../kit/system/company.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** The API's contract, section 2. */

const database = useDatabase();
const redis = useRedis();
let system: System;

beforeAll(async () => {
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url });
});
afterAll(() => system?.stop());

const withAuthorization = (authorization: string) => post(system, EXAMPLE, { headers: { authorization } });

interface KeyOptions {
  readonly digest?: string;
  readonly type?: string;
  readonly active?: boolean;
  readonly expiresAt?: Date;
}

/** Registers a key of the RingCX demo company. */
async function register(
  key: string,
  { digest = digestApiKey(key), ...options }: KeyOptions = {},
): Promise<string> {
  const company = await system.database.company.findUniqueOrThrow({ where: { name: 'Demo RingCX' } });
  await system.database.apiKey.create({
    data: {
      id: newId(),
      companyId: company.id,
      type: 'universal',
      digest,
      hint: hintOf(key),
      ...options,
    },
  });
  return digest;
}

/** As `admin key import` stores it, whatever release it is of. */
function stored(key: string) {
  const secret = system.environment['PHONE_DIGEST_SECRET'] ?? '';
  const [digest, former] = createKeyedDigests(secret).apiKey(key);
  return { digest, former: former ?? '' };
}

describe('a key that does not open the door', () => {
  const refused = 'Bearer error="invalid_token"';

  test.each([
    ['no header', ''],
    ['a scheme that is not Bearer', 'Basic b2lxOmtleQ=='],
    ['a scheme without a key', 'Bearer'],
    ['a key without a scheme', issueApiKey()],
  ])('%s: 401, and a challenge without an error, since no key was sent', async (_case, authorization) => {
    const answer = await withAuthorization(authorization);
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ success: false, code: 'API_KEY_MISSING', retryable: false });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  test.each([
    ['an unknown one', () => issueApiKey()],
    ['one with a wrong checksum', () => withLastCharacterChanged(system.seeded.keys.ringcx)],
    ['one that was cut', () => system.seeded.keys.ringcx.slice(0, -1)],
    ['an unknown one of another shape', () => 'legacy-key-0123456789'],
    ['two at once', () => `${system.seeded.keys.ringcx} ${system.seeded.keys.ringcx}`],
    ['one that is too short to be any', () => 'abc'],
    ['one in another alphabet', () => 'ключ-ключ'],
  ])('%s: 401 invalid_token', async (_case, key) => {
    const answer = await withAuthorization(`Bearer ${Buffer.from(key()).toString('latin1')}`);
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ success: false, code: 'API_KEY_INVALID', retryable: false });
    expect(answer.headers.get('www-authenticate')).toBe(refused);
  });

  test('an inactive one: 401 invalid_token', async () => {
    const answer = await post(system, EXAMPLE, { key: system.seeded.keys.inactive });
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ success: false, code: 'API_KEY_INACTIVE' });
    expect(answer.headers.get('www-authenticate')).toBe(refused);
  });

  test('an expired one: 401 invalid_token', async () => {
    const key = issueApiKey();
    await register(key, { expiresAt: new Date(Date.now() - 1) });
    const answer = await post(system, EXAMPLE, { key });
    expect(answer.status).toBe(401);
    expect(answer.body.code).toBe('API_KEY_INACTIVE');
    expect(answer.headers.get('www-authenticate')).toBe(refused);
  });

  test('one of another type: 403 insufficient_scope', async () => {
    const answer = await post(system, EXAMPLE, { key: system.seeded.keys.notUniversal });
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ success: false, code: 'API_KEY_WRONG_TYPE', retryable: false });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope"');
  });

  test('an inactive one of another type is inactive first', async () => {
    const key = issueApiKey();
    await register(key, { type: 'reporting', active: false });
    expect((await post(system, EXAMPLE, { key })).status).toBe(401);
  });
});

describe('a key that opens it', () => {
  test.each(['Bearer', 'bearer', 'BEARER'])('the name of the scheme in any case: %s', async (scheme) => {
    expect((await withAuthorization(`${scheme} ${system.seeded.keys.ringcx}`)).status).toBe(200);
  });

  test('one of another shape that was imported, and is kept as a keyed digest', async () => {
    const key = 'sk_live_4f9!legacy/key=~';
    await register(key, { digest: stored(key).digest });
    expect((await post(system, EXAMPLE, { key })).status).toBe(200);
  });

  test('one that a former release imported, which kept its SHA-256', async () => {
    const key = 'short-1!';
    await register(key, { digest: stored(key).former });
    expect((await post(system, EXAMPLE, { key })).status).toBe(200);
    expect((await post(system, EXAMPLE, { key })).status).toBe(200);
  });

  test('one that has not expired yet', async () => {
    const key = issueApiKey();
    await register(key, { expiresAt: new Date(Date.now() + 3_600_000) });
    expect((await post(system, EXAMPLE, { key })).status).toBe(200);
  });

  test('one that was unknown a moment ago: misses are not remembered', async () => {
    const key = issueApiKey();
    expect((await post(system, EXAMPLE, { key })).status).toBe(401);
    await register(key);
    expect((await post(system, EXAMPLE, { key })).status).toBe(200);
  });

  // What is known of a key is remembered for seconds: they wait together.
  test.concurrent('stops to when it is revoked', async () => {
    const { key, campaignId } = await addCompany(system);
    const request = { ...EXAMPLE, campaignId };
    expect((await post(system, request, { key })).status).toBe(200);
    await system.database.apiKey.update({ where: { digest: digestApiKey(key) }, data: { active: false } });
    const refused = await waitFor(
      async () => {
        const answer = await post(system, request, { key });
        return answer.status === 401 && answer;
      },
      { everyMs: 200, what: 'the refusal of a revoked key' },
    );
    expect(refused.body.code).toBe('API_KEY_INACTIVE');
  });

  test.concurrent('stops to when it is deleted', async () => {
    const key = issueApiKey();
    const digest = await register(key);
    expect((await post(system, EXAMPLE, { key })).status).toBe(200);
    await system.database.apiKey.delete({ where: { digest } });
    await waitFor(async () => (await post(system, EXAMPLE, { key })).status === 401, { everyMs: 200 });
  });
});

describe('the key is looked at before the body', () => {
  const HUGE = 10 ** 12;

  test.each([
    ['without a key', () => [], 401],
    ['with a wrong key', () => [`authorization: Bearer ${issueApiKey()}`], 401],
    ['with a key of another type', () => [`authorization: Bearer ${system.seeded.keys.notUniversal}`], 403],
  ] as const)('a body that never comes, %s: refused at once', async (_case, authorization, status) => {
    const connection = await connectRaw(system.ingresses[0]?.url ?? '');
    connection.send([
      'POST /live-feed/ringcx HTTP/1.1',
      'host: test',
      'content-type: application/json',
      `content-length: ${HUGE}`,
      ...authorization(),
    ]);
    expect((await connection.answer()).status).toBe(status);
    connection.destroy();
  });

  test('a client that waits to be invited (Expect: 100-continue) is invited only with a right key', async () => {
    const body = JSON.stringify(EXAMPLE);
    const waitingClient = async (key: string) => {
      const connection = await connectRaw(system.ingresses[0]?.url ?? '');
      connection.send([
        'POST /live-feed/ringcx HTTP/1.1',
        'host: test',
        `authorization: Bearer ${key}`,
        'content-type: application/json',
        `content-length: ${body.length}`,
        'expect: 100-continue',
      ]);
      return connection;
    };
    const refused = await waitingClient(issueApiKey());
    expect((await refused.answer()).status).toBe(401);
    expect(await refused.closed()).toEqual([]);

    const invited = await waitingClient(system.seeded.keys.ringcx);
    expect((await invited.answer()).status).toBe(100);
    invited.send(body);
    expect((await invited.answer()).status).toBe(200);
    invited.destroy();
  });

  test.each([
    ['a body that is not JSON', '{', 'application/json'],
    ['a body that fails validation', '{}', 'application/json'],
    ['a content type that is not JSON', 'x', 'text/plain'],
    ['a body that is too large', 'x'.repeat(100_000), 'application/json'],
  ])('wrong key and %s: 401; key of another type and the same: 403', async (_case, body, contentType) => {
    const headers = { 'content-type': contentType };
    expect((await post(system, body, { key: issueApiKey(), headers })).status).toBe(401);
    expect((await post(system, body, { key: system.seeded.keys.notUniversal, headers })).status).toBe(403);
  });
});

function withLastCharacterChanged(key: string): string {
  return key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
}
