import { createKeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import { parseKeyring } from '@live-feed/core/crypto/sealing';
import type { Actor } from '@live-feed/operations/actor';
import { leadCancel } from '@live-feed/operations/lead/lead-changes';
import { leadList } from '@live-feed/operations/lead/lead-list';
import { leadShow } from '@live-feed/operations/lead/lead-show';
import { perform } from '@live-feed/operations/perform';
import type { Resources } from '@live-feed/operations/resources';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { misbehave, post } from '../kit/http/client.ts';
import { untilAdmitted } from '../kit/leads/lead-effects.ts';
import { type Admin, adminOf } from '../kit/processes/admin.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { addCompany, type Company } from '../kit/system/company.ts';
import { addCompanyWithoutPermits } from '../kit/system/company-without-permits.ts';
import { openQueues, type Queues } from '../kit/system/queues.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';

const server = useDatabase();
const redis = useRedis();
let system: System;
let queues: Queues;
const admin: Admin = (argv, input) => adminOf(() => system.environment)(argv, input);

beforeAll(async () => {
  system = await startSystem({ databaseUrl: server.url, redisUrl: redis.url });
  queues = await openQueues(system);
});
afterAll(async () => {
  await queues?.close();
  await system?.stop();
});
beforeEach(() => misbehave(system, {}));

const PHONE = '5551234567';

function submit(company: Company, phone: string, headers: Record<string, string> = {}) {
  const body = { campaignId: company.campaignId, lead: { leadPhone: phone, firstName: 'Jane' } };
  return untilAdmitted(() => post(system, body, { key: company.key, headers }));
}

/** @returns the id of a lead that its caller was promised */
async function promised(company: Company, phone = PHONE): Promise<string> {
  return (await submit(company, phone, { prefer: 'respond-async' })).body.leadId;
}

const stateOf = async (id: string) => (await system.database.lead.findUniqueOrThrow({ where: { id } })).state;
const becomes = (id: string, state: string) =>
  waitFor(async () => (await stateOf(id)) === state, { what: state });

describe('lead cancel-all', () => {
  test('counts without a change, then gives back what the filter fits and nothing else', async () => {
    const [company, other] = [
      await addCompanyWithoutPermits(system, queues),
      await addCompanyWithoutPermits(system, queues),
    ];
    const ids = [await promised(company), await promised(company, '5551234568')];
    const [older] = ids;
    const elsewhere = await promised(other);
    const argv = ['lead', 'cancel-all', company.id];
    const trial = await admin([...argv, '--dry-run']);
    expect(trial.out).toMatch(/^Would give back 2 queued leads of ".+"\. Nothing was changed\.\n$/);
    expect(await stateOf(ids[1] ?? '')).toBe('QUEUED');

    const one = await admin([...argv, '--phone', PHONE, '--json']);
    expect(one.data).toMatchObject({ found: 1, givenBack: 1, staying: 0 });
    expect(await Promise.all([...ids, elsewhere].map(stateOf))).toEqual(['ABANDONED', 'QUEUED', 'QUEUED']);
    expect((await admin([...argv, '--campaign', 'none', '--json'])).data).toMatchObject({ found: 0 });
    expect((await admin([...argv, '--json'])).data).toMatchObject({ found: 1, givenBack: 1 });
    expect(await Promise.all([...ids, elsewhere].map(stateOf))).toEqual([
      ...['ABANDONED', 'ABANDONED', 'QUEUED'],
    ]);
    expect(await system.database.lead.findUnique({ where: { id: older ?? '' } })).toMatchObject({
      reason: 'GIVEN_BACK',
    });
    const log = await admin(['audit', 'list', '--company', company.id, '--json']);
    expect(log.data[0]).toMatchObject({
      ...{ operation: 'lead.cancel-all', end: { outcome: 'done', after: { found: 1, givenBack: 1 } } },
    });
  });
});

describe('lead retry-all', () => {
  test('retries the parked leads of one campaign, also by its other name', async () => {
    const company = await addCompany(system);
    await misbehave(system, {
      rules: [{ on: 'upload', fault: { kind: 'status', status: 401 } }],
    });
    const ids = [await promised(company), await promised(company, '5551234568')];
    for (const id of ids) await becomes(id, 'PARKED');
    await misbehave(system, {});
    const argv = ['lead', 'release-all', company.id, '--campaign', company.campaignId];
    expect((await admin([...argv, '--dry-run', '--json'])).data).toEqual({ dryRun: true, found: 2 });
    expect(await stateOf(ids[0] ?? '')).toBe('PARKED');
    expect((await admin([...argv, '--json'])).data).toMatchObject({ sentAgain: 2, staying: 0 });
    for (const id of ids) await becomes(id, 'ACCEPTED');
  });
});

describe('people see of leads', () => {
  const olga: Actor = {
    ...{ id: null, name: 'olga', via: 'console', from: '203.0.113.7', role: 'operator', companyId: null },
  };
  const as = (actor: Partial<Actor>) => ({
    actor: { ...olga, ...actor },
    resources: {
      database: system.database,
      keyring: parseKeyring(system.environment['SEAL_KEYS'] ?? ''),
      digests: createKeyedDigests(system.environment['PHONE_DIGEST_SECRET'] ?? ''),
    } as unknown as Resources,
  });

  test('what their role allows: whole phones and answers from operator up', async () => {
    const company = await addCompany(system);
    const id = (await submit(company, PHONE)).headers.get('x-lead-id') ?? '';
    const whole = await perform(as({}), leadShow, { lead: id });
    expect(whole).toMatchObject({
      ...{ id, phone: PHONE, state: 'ACCEPTED', attempts: 1, callerIdTier: 'any' },
      ...{ dialerResponse: { leadsAccepted: 1 }, resentFrom: null },
    });
    const masked = await perform(as({ role: 'viewer' }), leadShow, { lead: PHONE, company: company.id });
    expect(masked).toMatchObject({ phone: '********67', dialerResponse: null });
    expect(masked.dialerAnswer).toMatchObject({ leadsAccepted: 1 });
  });

  test('nothing of another company, by id or by phone, and no sign that it is there', async () => {
    const [company, other] = [await addCompany(system), await addCompany(system)];
    const id = (await submit(company, PHONE)).headers.get('x-lead-id') ?? '';
    const client = as({ companyId: other.id });
    const missing = id.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    const refusals = await Promise.all(
      [id, missing].map((lead) => perform(client, leadShow, { lead }).catch((error) => error.message)),
    );
    expect(refusals[0]).toMatch(/^There is no lead with that id/);
    expect(refusals[1]).toBe(refusals[0]);
    await expect(perform(client, leadCancel, { lead: id })).rejects.toThrow(refusals[0]);
    await expect(perform(client, leadShow, { lead: PHONE, company: company.id })).rejects.toThrow(
      `There is no company "${company.id}".`,
    );
    expect((await perform(client, leadList, {})).leads).toEqual([]);
    await expect(perform(client, leadList, { company: company.id })).rejects.toThrow('There is no company');
    expect((await perform(as({ companyId: company.id }), leadList, {})).leads).toMatchObject([{ id }]);
  });

  test('leads by caller ID and time', async () => {
    const company = await addCompany(system);
    const ani = await system.database.ani.findFirstOrThrow({ where: { companyId: company.id } });
    const id = (await submit(company, PHONE)).headers.get('x-lead-id') ?? '';
    const found = await admin([
      'lead',
      'list',
      '--company',
      company.id,
      '--caller-id',
      `+1 ${ani.phone}`,
      '--json',
    ]);
    expect(found.data).toMatchObject([{ id, callerId: ani.phone }]);
    const none = await admin(['lead', 'list', '--company', company.id, '--until', '1h', '--json']);
    expect(none.data).toEqual([]);
    const shown = await admin(['lead', 'show', id]);
    expect(shown.out).toMatch(/chosen by +any/);
  });

  test('a phone needs its company, and what is neither id nor phone is said to be', async () => {
    expect(await admin(['lead', 'show', PHONE])).toMatchObject({
      ...{ code: 2, err: expect.stringContaining('A phone needs its company: name it.') },
    });
    expect(await admin(['lead', 'show', 'x'])).toMatchObject({
      ...{ code: 2, err: expect.stringContaining('neither the id of a lead nor a phone') },
    });
  });
});
