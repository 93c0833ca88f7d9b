import { parseKeyring } from '@live-feed/core/crypto/sealing';
import { unsealCheckHeaders } from '@live-feed/core/directory/phone-check';
import type { Database } from '@live-feed/database/connection/client';
import { findPhoneCheck } from '@live-feed/database/directory/phone-checks';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { adminOf } from '../kit/processes/admin.ts';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';
import { startReceiver } from '../kit/webhooks/receiver.ts';

/** `company set --check-…` and `company check`: the endpoint that a company has asked about phones. */

const server = useDatabase();
let database: Database;
const SEAL_KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const environment = () => ({
  DATABASE_URL: server.url,
  REDIS_URL: 'redis://:not-shown@127.0.0.1:1',
  SEAL_KEYS,
  PHONE_DIGEST_SECRET: 'a secret of at least thirty-two characters',
  WEBHOOK_ALLOW_PRIVATE: 'true',
});
const admin = adminOf(environment);
const strict = adminOf(() => ({ ...environment(), WEBHOOK_ALLOW_PRIVATE: 'false' }));

beforeAll(() => {
  database = connectDatabase(server.url);
});
afterAll(() => database?.$disconnect());

const CHECK_URL = 'https://check.example.com/phone';
let companies = 0;

async function newCompany(...options: string[]): Promise<{ readonly id: string; readonly name: string }> {
  companies += 1;
  const { data } = await admin(['company', 'add', `Company ${companies}`, '--json']);
  if (options.length > 0) expect(await set(data.name, ...options)).toMatchObject({ code: 0, err: '' });
  return data;
}

const set = (name: string, ...options: string[]) => admin(['company', 'set', name, ...options]);
const found = ({ id }: { readonly id: string }) => findPhoneCheck(database, id);

describe('company set', () => {
  test('switches a check on with the defaults, changes what is named, and switches it off', async () => {
    const company = await newCompany('--check-url', CHECK_URL);
    const first = await found(company);
    expect(first).toMatchObject({
      ...{ url: CHECK_URL, headers: null, timeoutMs: 2_000, cacheMs: 86_400_000, unanswered: 'refuse' },
    });
    await set(company.name, '--check-timeout', '1s', '--check-cache', '0s', '--check-unanswered', 'send');
    const changed = await found(company);
    expect(changed).toEqual({ ...first, timeoutMs: 1_000, cacheMs: 0, unanswered: 'send' });
    expect((await admin(['company', 'list', '--json'])).data).toContainEqual(
      expect.objectContaining({ id: company.id, checkUrl: CHECK_URL }),
    );
    await set(company.name, '--check-url', 'none');
    expect(await found(company)).toBeNull();
  });

  test('headers are stored sealed, never shown, and not sent to another host', async () => {
    const company = await newCompany('--check-url', CHECK_URL);
    const argv = ['company', 'set', company.name, '--check-headers-file', '-', '--json'];
    const { out, err } = await admin(argv, { stdin: 'Authorization: Bearer of-the-company\n' });
    expect([out, err, JSON.stringify(await admin(['company', 'list', '--json']))].join()).not.toContain(
      'of-the-company',
    );
    const stored = await found(company);
    expect(stored?.headers).toMatch(/^v1\.k1\./);
    if (stored === null) throw new Error('There is no check.');
    expect(unsealCheckHeaders(parseKeyring(SEAL_KEYS), company.id, stored)).toEqual({
      authorization: 'Bearer of-the-company',
    });
    await set(company.name, '--check-url', `${CHECK_URL}/v2`);
    const moved = await found(company);
    expect(moved?.headers).toBe(stored.headers);
    expect(moved?.id).not.toBe(stored.id);
    await set(company.name, '--check-url', 'https://other.example.com/');
    expect((await found(company))?.headers).toBeNull();
  });

  test.each([
    [['--check-url', 'gopher://check.example.com/'], 'must begin with https://'],
    [['--check-url', 'https://user:password@check.example.com/'], 'must have no user name or password'],
    [['--check-url', CHECK_URL, '--check-timeout', '6s'], 'from 1s to 5s'],
    [['--check-url', CHECK_URL, '--check-cache', '15d'], 'from 0s to 14d'],
    [['--check-url', CHECK_URL, '--check-unanswered', 'ask'], 'Allowed choices are send, refuse'],
    [['--check-url', 'none', '--check-cache', '1h'], 'goes with no other setting'],
    [['--check-timeout', '1s'], 'has no check of phones'],
  ])('%j is refused, and changes nothing', async (options, message) => {
    const company = await newCompany();
    const { code, err } = await set(company.name, ...options);
    expect([code > 0, err]).toEqual([true, expect.stringContaining(message)]);
    expect(await found(company)).toBeNull();
  });

  test('a private address and plain HTTP are refused unless they are allowed', async () => {
    const { name } = await newCompany();
    for (const url of ['https://127.0.0.1/', 'http://check.example.com/', 'https://169.254.169.254/']) {
      expect((await strict(['company', 'set', name, '--check-url', url])).code).toBe(1);
    }
  });
});

describe('company check', () => {
  const asked = async (body: string, status = 200) => {
    const to = await startReceiver((response) => void response.writeHead(status).end(body));
    onTestFinished(() => to.stop());
    const { name } = await newCompany('--check-url', to.url);
    return { to, name };
  };

  test.each([
    ['{"allow":true}', 200, 0, 'Allowed: its leads are taken.'],
    ['{"allow":false,"reason":"known\\u001b litigator"}', 200, 0, 'Reason: known litigator'],
    ['{"allow":false}', 200, 0, 'Refused: its leads get 422. No reason was given.'],
    ['{"allowed":true}', 200, 1, 'No answer: its answer is not {"allow": true}'],
    ['oops', 500, 1, 'No answer: HTTP 500. Leads would be refused with 503.'],
  ])('says what %s means', async (body, status, code, text) => {
    const { to, name } = await asked(body, status);
    const said = await admin(['company', 'check', name, '(555) 123-4567']);
    expect([said.code, said.out]).toEqual([code, expect.stringContaining(text)]);
    expect(JSON.parse(to.requests[0]?.body ?? '')).toMatchObject({ phone: '+15551234567' });
  });

  test('asks about a phone that nobody has if none is named', async () => {
    const { to, name } = await asked('{"allow":true}');
    await admin(['company', 'check', name]);
    expect(JSON.parse(to.requests[0]?.body ?? '')).toMatchObject({ phone: '+12025550143' });
  });

  test('of a company without a check there is nothing to ask', async () => {
    const { name } = await newCompany();
    const { code, err } = await admin(['company', 'check', name]);
    expect([code, err]).toEqual([1, expect.stringContaining('has no check of phones. Give it one:')]);
  });
});
