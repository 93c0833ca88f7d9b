import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Admin, adminOf } from '../kit/processes/admin.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { addCompany, type Company } from '../kit/system/company.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { answerWith, startReceiver, verified } from '../kit/webhooks/receiver.ts';

/** No worker runs: what the commands do is all that happens. */

const server = useDatabase();
const redis = useRedis();
let system: System;
const admin: Admin = (argv, input) => adminOf(() => system.environment)(argv, input);

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: server.url,
    redisUrl: redis.url,
    workers: 0,
    environment: { WEBHOOK_ALLOW_PRIVATE: 'true' },
  });
});
afterAll(() => system?.stop());

const URL_ = 'https://hooks.example.com/leads';

async function add(company: Company, ...more: string[]) {
  const { data } = await admin(['webhook', 'add', company.id, URL_, ...more, '--json']);
  return data as { readonly id: string; readonly secret: string };
}

async function listed({ id }: Company) {
  return (await admin(['webhook', 'list', id, '--json'])).data;
}

describe('webhook add', () => {
  test('prints the secret once, and takes three for a company', async () => {
    const company = await addCompany(system);
    const added = await admin(['webhook', 'add', company.id, URL_]);
    expect([added.code, added.out]).toEqual([
      0,
      expect.stringMatching(
        /^secret +whsec_[A-Za-z0-9+/]{43}=\n.*The secret is not shown again: store it now\./s,
      ),
    ]);
    await add(company);
    await add(company);
    const fourth = await admin(['webhook', 'add', company.id, URL_]);
    expect([fourth.code, fourth.err]).toEqual([1, expect.stringContaining('has 3 webhooks already')]);
    const list = await admin(['webhook', 'list', company.id]);
    expect(list.out).not.toContain('whsec_');
    expect(JSON.stringify(await listed(company))).not.toMatch(/whsec_|"secret"|"headers"/);
  });

  test.each([
    [['http://user:password@hooks.example.com/'], 1, 'must have no user name or password'],
    [['gopher://hooks.example.com/'], 1, 'must begin with https://'],
    [[URL_, '--events', 'lead.sold'], 2, 'separated by commas'],
    [[URL_, '--max-events', '101'], 2, 'from 1 to 100'],
    [[URL_, '--headers-file', '/does/not/exist'], 1, 'cannot be read'],
  ])('%j is refused', async (args, code, err) => {
    const company = await addCompany(system);
    const refused = await admin(['webhook', 'add', company.id, ...args]);
    expect([refused.code, refused.err]).toEqual([code, expect.stringContaining(err)]);
    expect(await listed(company)).toEqual([]);
  });

  test.each([
    ['webhook-id: 1', 'Live Feed sets this header itself'],
    ['Host: elsewhere', 'Live Feed sets this header itself'],
    ['no colon', 'is not of the form'],
    ['X-Own: tö', 'ASCII'],
    [Array.from({ length: 11 }, (_, n) => `X-${n}: 1`).join('\n'), 'at most 10 headers'],
  ])('the header %j is refused, and not repeated', async (headers, err) => {
    const company = await addCompany(system);
    const refused = await admin(['webhook', 'add', company.id, URL_, '--headers-file', '-'], {
      stdin: headers,
    });
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining(err)]);
  });
});

describe('webhook set', () => {
  test('changes what is named, and switches off and on', async () => {
    const company = await addCompany(system);
    const { id } = await add(company, '--events', 'lead.accepted');
    expect((await admin(['webhook', 'set', id])).code).toBe(2);
    const other = 'https://other.example.com/';
    expect((await admin(['webhook', 'set', id, '--url', other, '--max-events', '5', '--off'])).code).toBe(0);
    expect(await listed(company)).toMatchObject([
      {
        url: other,
        events: ['lead.accepted'],
        maxEvents: 5,
        state: expect.stringMatching(/^off since .* \(BY_HAND\)$/),
      },
    ]);
    expect((await admin(['webhook', 'set', id, '--on', '--events', 'all'])).code).toBe(0);
    expect(await listed(company)).toMatchObject([{ events: [], state: 'works' }]);
    const headers = (stdin: string) => admin(['webhook', 'set', id, '--headers-file', '-'], { stdin });
    await headers('X-Own: 1');
    expect(await listed(company)).toMatchObject([{ hasHeaders: true }]);
    await headers('');
    expect(await listed(company)).toMatchObject([{ hasHeaders: false }]);
  });

  test('no command takes a webhook that there is not', async () => {
    const id = '019a3f6e-7c1b-7d20-9a57-1f0c8e2b4d61';
    for (const argv of [
      ['set', id, '--off'],
      ['test', id],
      ['rotate', id],
      ['remove', id],
      ['redeliver', id],
    ]) {
      const refused = await admin(['webhook', ...argv]);
      expect([argv, refused.code, refused.err]).toEqual([
        argv,
        1,
        expect.stringContaining('There is no webhook with that id'),
      ]);
    }
  });
});

describe('webhook rotate', () => {
  test('is refused while an earlier secret still signs, as its owner was promised; --overlap 0s ends both', async () => {
    const company = await addCompany(system);
    const { data } = await admin(['webhook', 'add', company.id, 'http://127.0.0.1:9/', '--json']);
    const secrets = async () => {
      const row = await system.database.webhook.findUniqueOrThrow({ where: { id: data.id } });
      return { secret: row.secret, old: row.oldSecret, until: row.oldSecretUntil };
    };
    expect((await admin(['webhook', 'rotate', data.id])).code).toBe(0);
    const rotated = await secrets();
    const again = await admin(['webhook', 'rotate', data.id]);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('with an overlap of 0')]);
    expect(await secrets()).toEqual(rotated);
    expect((await admin(['webhook', 'rotate', data.id, '--overlap', '0s'])).code).toBe(0);
    expect((await secrets()).secret).not.toBe(rotated.secret);
    // Nothing signs beside the new one.
    expect((await admin(['webhook', 'rotate', data.id])).code).toBe(0);
  });
});

describe('webhook test', () => {
  test('sends one signed event and prints the response, cut and without control characters', async () => {
    const company = await addCompany(system);
    const to = await startReceiver((response) => response.end(`\u001b[2Jthanks ${'x'.repeat(2_000)}`));
    onTestFinished(() => to.stop());
    const { data } = await admin(['webhook', 'add', company.id, to.url, '--json']);
    const taken = await admin(['webhook', 'test', data.id]);
    expect([taken.code, taken.out]).toEqual([
      0,
      expect.stringMatching(/^HTTP 200 in \d+ ms: taken\.\n\n \[2Jthanks x+ …\n$/),
    ]);
    const [request] = to.requests;
    if (request === undefined) throw new Error('Nothing arrived.');
    expect(verified(request, data.secret)).toMatchObject({
      type: 'webhook.test',
      data: { webhookId: data.id },
    });
    to.answer = answerWith(404);
    const refused = await admin(['webhook', 'test', data.id]);
    expect([refused.code, refused.out]).toEqual([
      1,
      expect.stringContaining('not taken. Any status but 200'),
    ]);
    await to.stop();
    const away = await admin(['webhook', 'test', data.id]);
    expect([away.code, away.out]).toEqual([1, `Not delivered to ${to.url}: connection refused\n`]);
    expect(await system.database.webhookEvent.count({ where: { webhookId: data.id } })).toBe(0);
  });

  test('leads to no private address where these are not allowed', async () => {
    const company = await addCompany(system);
    const to = await startReceiver();
    onTestFinished(() => to.stop());
    const { data } = await admin(['webhook', 'add', company.id, to.url.replace('http:', 'https:'), '--json']);
    const strict = adminOf(() => ({ ...system.environment, WEBHOOK_ALLOW_PRIVATE: 'false' }));
    const refused = await strict(['webhook', 'test', data.id]);
    expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('private or reserved address')]);
    expect(to.requests).toEqual([]);
  });
});

describe('webhook remove', () => {
  test('makes room for another', async () => {
    const company = await addCompany(system);
    const added = [await add(company), await add(company), await add(company)];
    expect((await admin(['webhook', 'remove', added[1]?.id ?? ''])).code).toBe(0);
    expect(await listed(company)).toHaveLength(2);
    await add(company);
    expect(await listed(company)).toHaveLength(3);
  });
});
