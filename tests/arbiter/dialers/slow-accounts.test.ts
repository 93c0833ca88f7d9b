import { beforeEach, expect, test } from 'vitest';
import { callIngress, leadNumber, misbehave, post, simulator } from '../../kit/http/client.ts';
import { leadIdOf, submit } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** What is asked of slow dialing systems beside uploads delays nothing of other companies. */

let system: System;
useSystem({ environment: { WORKER_UPLOAD_TIMEOUT_MS: '12000' } }, (started) => {
  ({ system } = started);
});
beforeEach(() => misbehave(system, {}));

interface Delivered {
  readonly company: Company;
  readonly leadId: string;
}

async function delivered(): Promise<Delivered> {
  const company = await addCompany(system);
  return { company, leadId: leadIdOf(await submit(system, company, 1)) };
}

function look({ company, leadId }: Delivered) {
  const headers = { authorization: `Bearer ${company.key}` };
  return callIngress(system.ingresses[0]?.url ?? '', `/live-feed/leads/${leadId}?inDialer=true`, { headers });
}

const several = <Thing>(count: number, make: () => Promise<Thing>) =>
  Promise.all(Array.from({ length: count }, make));

/** Of these companies no answer comes. */
function hang(on: 'readBack' | 'campaigns', companies: readonly Company[]) {
  const accountId = companies.map(({ campaignId }) => campaignId);
  return misbehave(system, { rules: [{ on, match: { accountId }, fault: { kind: 'hang' } }] });
}

async function read(company: Company, dueAt: Date): Promise<void> {
  await system.database.campaignSync.create({
    data: { dialerId: company.dialerId, everyMs: 86_400_000, dueAt },
  });
}

const asked = async (on: 'readBack' | 'campaigns') =>
  (await simulator(system, '/stats')).requests[on] as number;

test('looks at leads, of which each company has four', async () => {
  const slow = await several(4, delivered);
  const other = await delivered();
  await hang(
    'readBack',
    slow.map(({ company }) => company),
  );
  const before = await asked('readBack');
  const looks = Promise.all(slow.flatMap((each) => Array.from({ length: 4 }, () => look(each))));
  await waitFor(async () => (await asked('readBack')) - before >= 4);
  expect((await look(other)).body.inDialer).toMatchObject({ answer: 'found' });
  await looks;
});

test('an ingress that has as many questions under way as it may says so, to a company that has few', async () => {
  const slow = await several(13, delivered);
  const [last, ...others] = slow;
  if (last === undefined) throw new Error('There is no company.');
  await hang(
    'readBack',
    slow.map(({ company }) => company),
  );
  const looks = others.flatMap((each) => Array.from({ length: 4 }, () => look(each)));
  const before = await asked('readBack');
  await waitFor(async () => (await asked('readBack')) > before);
  const own = await Promise.all([look(last), look(last), look(last)]);
  const refused = own.find(({ status }) => status === 429);
  expect(refused).toMatchObject({ body: { code: 'TOO_MANY_DIALER_REQUESTS' } });
  expect(refused?.body.message).not.toContain('Your company');
  await Promise.all(looks);
});

test('campaigns that callers name', async () => {
  const slow = await several(20, () => addCompany(system));
  const other = await delivered();
  const later = new Date(Date.now() + 86_400_000);
  for (const company of slow) await read(company, later);
  await hang('campaigns', slow);
  const before = await asked('campaigns');
  const leads = Promise.all(slow.map(({ key }, n) => post(system, leadNumber(n, '4711'), { key })));
  await waitFor(async () => (await asked('campaigns')) - before >= 16);
  expect((await look(other)).body.inDialer).toMatchObject({ answer: 'found' });
  expect((await leads).map(({ status }) => status)).toEqual(slow.map(() => 404));
});

test('campaigns that workers read by themselves', async () => {
  const slow = await several(8, () => addCompany(system));
  const other = await addCompany(system);
  await hang('campaigns', slow);
  const before = await asked('campaigns');
  for (const company of slow) await read(company, new Date(0));
  await waitFor(async () => (await asked('campaigns')) - before >= 4);
  await read(other, new Date(0));
  const { campaignSync } = system.database;
  await waitFor(
    async () => (await campaignSync.findUnique({ where: { dialerId: other.dialerId } }))?.syncedAt,
  );
  expect(await campaignSync.count({ where: { failure: { not: null } } })).toBe(0);
});
