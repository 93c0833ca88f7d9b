import { randomBytes } from 'node:crypto';
import { type Keyring, parseKeyring, sealedKeyId } from '@live-feed/core/crypto/sealing';
import { unsealCheckHeaders } from '@live-feed/core/directory/phone-check';
import { readStoredPhone } from '@live-feed/core/directory/suppressed-phone';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { reasonOf } from '@live-feed/core/status/lead-status';
import { unsealTarget } from '@live-feed/core/webhook/webhook-target';
import { findPhoneCheck } from '@live-feed/database/directory/phone-checks';
import { findAnyLead } from '@live-feed/database/leads/lead-status';
import { findDialersToReseal, findLeadsToReseal, writeResealed } from '@live-feed/database/upkeep/resealing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leadNumber, post } from '../kit/http/client.ts';
import { adminOf } from '../kit/processes/admin.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { addCompany, type Company } from '../kit/system/company.ts';
import { openQueues, type Queues } from '../kit/system/queues.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';

const server = useDatabase();
const redis = useRedis();
const oldKey = `old:${randomBytes(32).toString('base64')}`;
const newKey = `new_1:${randomBytes(32).toString('base64')}`;
/** The first step of a rotation is done: every process can open what the new key seals. */
const environment = { SEAL_KEYS: `${oldKey},${newKey}` };
let system: System;
let queues: Queues;
/** As every process is configured in the second step. */
const rotating = adminOf(() => ({ ...system.environment, SEAL_KEYS: `${newKey},${oldKey}` }));
const withNewKeyOnly: Keyring = parseKeyring(newKey);

beforeAll(async () => {
  system = await startSystem({ databaseUrl: server.url, redisUrl: redis.url, environment });
  queues = await openQueues(system);
});
afterAll(async () => {
  await queues?.close();
  await system?.stop();
});

async function submit(company: Company, n: number, headers: Record<string, string> = {}) {
  return post(system, leadNumber(n, company.campaignId), { key: company.key, headers });
}

describe('seal rotate', () => {
  test('the new key alone opens everything stored, leads go on meanwhile, and waiting jobs are still delivered', async () => {
    const [busy, held] = [await addCompany(system), await addCompany(system)];
    for (let n = 0; n < 5; n += 1) expect((await submit(busy, n)).status).toBe(200);
    const hooks = ['webhook', 'add', held.id, 'https://hooks.test/', '--headers-file', '-', '--json'];
    const { data: hook } = await adminOf(() => system.environment)(hooks, { stdin: 'X-Own: 1' });
    await adminOf(() => system.environment)(['webhook', 'rotate', hook.id]);
    const checked = await addCompany(system);
    const settings = [
      'company',
      'set',
      checked.id,
      '--check-url',
      'https://check.test/',
      '--check-headers-file',
      '-',
    ];
    await adminOf(() => system.environment)(settings, { stdin: 'X-Own: 1' });
    const refused = await system.database.lead.findFirstOrThrow({ where: { companyId: busy.id } });
    const reason = parseKeyring(oldKey).seal('a reason', {
      companyId: busy.id,
      column: SEALED.phoneCheckReason,
    });
    await system.database.lead.update({
      where: { id: refused.id },
      data: { phoneCheck: { result: 'refused', at: new Date().toISOString(), cached: false, reason } },
    });
    await (await queues.of(held)).pause();
    const { body } = await submit(held, 100, { prefer: 'respond-async' });
    // More than a page of them, of two companies.
    const withOldKey = adminOf(() => ({ ...system.environment, ...environment }));
    const phones = Array.from({ length: 600 }, (_, n) => String(2_065_550_000 + n));
    for (const { id } of [busy, held]) {
      const list = { stdin: ['phone', ...phones].join('\n') };
      expect((await withOldKey(['dnc', 'import', id, '-', '--json'], list)).data.added).toBe(600);
    }
    const before = await rotating(['seal', 'status', '--json']);
    expect([before.code, before.data.remaining]).toMatchObject([
      1,
      expect.arrayContaining([
        { keyId: 'old', where: 'leads.payload', count: 6 },
        { keyId: 'old', where: 'jobs', count: 1 },
        { keyId: 'old', where: 'suppressed_phones.entry', count: 1_200 },
        { keyId: 'old', where: 'phone_checks.headers', count: 1 },
        { keyId: 'old', where: 'leads.phone_check', count: 1 },
      ]),
    ]);

    const [under, ...during] = await Promise.all([
      rotating(['seal', 'rotate', '--json']),
      ...Array.from({ length: 10 }, (_, n) => submit(busy, 10 + n)),
    ]);
    expect(under.data.resealed).toBeGreaterThanOrEqual(1_208);
    expect(during.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    // Texts that the workers have encrypted meanwhile, with their own first key.
    expect((await rotating(['seal', 'rotate'])).code).toBe(0);
    const after = await rotating(['seal', 'status', '--json']);
    expect([after.code, after.data]).toEqual([0, { currentKeyId: 'new_1', remaining: [] }]);

    for (const lead of await system.database.lead.findMany()) {
      const { companyId } = lead;
      expect(
        JSON.parse(withNewKeyOnly.unseal(lead.payload, { companyId, column: SEALED.payload })).phone,
      ).toMatch(/^555/);
      if (lead.dialerResponse !== null) {
        withNewKeyOnly.unseal(lead.dialerResponse, { companyId, column: SEALED.dialerResponse });
      }
    }
    for (const { companyId, entry } of await system.database.suppressedPhone.findMany()) {
      expect(readStoredPhone(withNewKeyOnly, companyId, entry).phone).toMatch(/^206555/);
    }
    const tokens = (await system.database.dialer.findMany()).flatMap((dialer) => [
      dialer.permanentToken ?? [],
      dialer.apiAuthToken ?? [],
      dialer.jwtCredential ?? [],
    ]);
    expect(new Set(tokens.flat().map(sealedKeyId))).toEqual(new Set(['new_1']));
    const stored = await system.database.webhook.findUniqueOrThrow({ where: { id: hook.id } });
    const { secrets } = unsealTarget(withNewKeyOnly, stored);
    expect(secrets).toEqual([expect.stringMatching(/^whsec_/), hook.secret]);
    const check = await findPhoneCheck(system.database, checked.id);
    expect(unsealCheckHeaders(withNewKeyOnly, checked.id, check ?? { headers: null })).toEqual({
      'x-own': '1',
    });
    const { phoneCheck } = (await findAnyLead(system.database, refused.id)) ?? {};
    expect(reasonOf(withNewKeyOnly, busy.id, phoneCheck?.reason)).toBe('a reason');
    const [job] = await (await queues.of(held)).getJobs(['wait']);
    expect(sealedKeyId(job?.data.payload)).toBe('new_1');

    await (await queues.of(held)).resume();
    await waitFor(async () => (await rowOf(body.leadId))?.state === 'ACCEPTED');
  });

  test('a second time there is nothing to do', async () => {
    await rotating(['seal', 'rotate']);
    const { code, out } = await rotating(['seal', 'rotate']);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Encrypted 0 texts with the key "new_1"\.\n\nEverything is encrypted with the key "new_1"\./,
    );
  });

  test('interrupted, it does not say that all is done', async () => {
    const { code, out } = await rotating(['seal', 'rotate'], { signal: AbortSignal.abort() });
    expect([code, out]).toEqual([130, expect.stringContaining('Interrupted before everything was checked.')]);
  });

  test('what no key opens is left as it is, counted, and makes it fail', async () => {
    const company = await addCompany(system);
    const lost = parseKeyring(`lost:${randomBytes(32).toString('base64')}`);
    const permanentToken = lost.seal('a token', { companyId: company.id, column: SEALED.permanentToken });
    await system.database.dialer.update({ where: { id: company.dialerId }, data: { permanentToken } });
    const { code, out } = await rotating(['seal', 'rotate']);
    expect(code).toBe(1);
    expect(out).toMatch(/lost +dialers\.permanent_token +1/);
    const dialer = await system.database.dialer.findUniqueOrThrow({ where: { id: company.dialerId } });
    expect(dialer.permanentToken).toBe(permanentToken);
    await system.database.dialer.delete({ where: { id: company.dialerId } });
  });

  test('a text written during the re-encryption is kept', async () => {
    const company = await addCompany(system);
    const { headers } = await submit(company, 200);
    const id = headers.get('x-lead-id') ?? '';
    const [dialer] = await findDialersToReseal(system.database, 'new_1');
    const { rows } = await findLeadsToReseal(system.database, {
      currentKeyId: 'new_1',
      afterId: undefined,
      limit: 1_000,
    });
    const found = [dialer, rows.find((row) => row.id === id)];
    const texts = found.flatMap((row) =>
      (row?.texts ?? []).map((text) => ({ id: row?.id ?? '', ...text, becomes: 'sealed anew' })),
    );
    expect(texts.map(({ column }) => column)).toEqual([
      ...[SEALED.permanentToken, SEALED.payload, SEALED.dialerResponse],
    ]);
    await system.database.lead.update({ where: { id }, data: { dialerResponse: 'a newer answer' } });
    await system.database.dialer.update({
      where: { id: company.dialerId },
      data: { permanentToken: 'a newer token' },
    });
    expect(await writeResealed(system.database, texts)).toBe(1);
    expect(await rowOf(id)).toMatchObject({ payload: 'sealed anew', dialerResponse: 'a newer answer' });
    expect(await system.database.dialer.findUnique({ where: { id: company.dialerId } })).toMatchObject({
      permanentToken: 'a newer token',
    });
  });
});

const rowOf = (id: string) => system.database.lead.findUnique({ where: { id } });
