import { newId } from '@live-feed/core/ids';
import type { Database } from '@live-feed/database/connection/client';
import { type IntendedUpload, intend } from '@live-feed/database/leads/intend';
import { findLeads } from '@live-feed/database/leads/lead-rows';
import { pauseCampaign, resumeCampaign } from '@live-feed/database/pauses/campaign-pauses';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDatabase, useDatabase } from '../../kit/services/database.ts';
import { ATTEMPT_TIMES, leadOf, promiseOne, SENT_TO } from './leads.ts';

/** Once a campaign is paused, no upload of it begins, whatever a worker knows of the pause, and whatever is under way. */

const server = useDatabase();
let database: Database;

beforeAll(() => {
  database = connectDatabase(server.url, 4);
});
afterAll(() => database?.$disconnect());

const REFUSE = { kind: 'refuse', forMs: null, because: null } as const;

async function addCompany() {
  const companyId = newId();
  const campaigns = ['1', '2'].map((campaignId) => ({ id: newId(), campaignId }));
  await database.company.create({
    data: { id: companyId, name: companyId, campaigns: { create: campaigns } },
  });
  return { companyId, dialerId: newId() };
}

function uploadOf(company: { companyId: string; dialerId: string }, campaignId: string): IntendedUpload {
  const address = { ...company, campaignId };
  const job = leadOf(address, {});
  return { id: newId(), ...address, sentTo: SENT_TO, leads: [{ job, toCall: {} }] };
}

const leadIdsOf = ({ leads }: IntendedUpload) => leads.map(({ job }) => job.leadId);
const statesOf = (rows: Awaited<ReturnType<typeof intend>>[number]) =>
  Array.isArray(rows) ? rows.map(({ state }) => state) : rows;

test('nothing of a paused campaign begins, promised or not; other campaigns, and the resumed one, do', async () => {
  const company = await addCompany();
  const [paused, promised, other] = [uploadOf(company, '1'), uploadOf(company, '1'), uploadOf(company, '2')];
  for (const { job } of promised.leads) await promiseOne(database, job);
  await pauseCampaign(database, company.companyId, '1', REFUSE);
  const begin = async (upload: IntendedUpload) =>
    statesOf((await intend(database, ATTEMPT_TIMES, [upload]))[0]);
  expect(await begin(paused)).toBe('paused');
  expect(await begin(promised)).toBe('paused');
  expect(await findLeads(database, leadIdsOf(paused))).toEqual([]);
  expect(await findLeads(database, leadIdsOf(promised))).toMatchObject([{ state: 'QUEUED', attempt: 0 }]);
  expect(await begin(other)).toEqual(['SENDING']);
  await resumeCampaign(database, company.companyId, '1');
  expect(await begin(paused)).toEqual(['SENDING']);
  expect(await begin(promised)).toEqual(['SENDING']);
});

test('a pause whose time is over holds nothing', async () => {
  const company = await addCompany();
  await pauseCampaign(database, company.companyId, '1', { ...REFUSE, forMs: -1 });
  const [rows] = await intend(database, ATTEMPT_TIMES, [uploadOf(company, '1')]);
  expect(statesOf(rows)).toEqual(['SENDING']);
});

test('of uploads that share a statement only the paused one is left out', async () => {
  const [first, second] = [await addCompany(), await addCompany()];
  await pauseCampaign(database, first.companyId, '1', REFUSE);
  const begun = await intend(database, ATTEMPT_TIMES, [uploadOf(first, '1'), uploadOf(second, '1')]);
  expect(begun.map(statesOf)).toEqual(['paused', ['SENDING']]);
});

test('an upload whose caller IDs were read before the pause does not begin after it', async () => {
  const company = await addCompany();
  const upload = uploadOf(company, '1');
  let statements = 0;
  const between = new Proxy(database, {
    get(target, name, receiver) {
      if (name !== '$queryRaw') return Reflect.get(target, name, receiver);
      return async (...query: Parameters<Database['$queryRaw']>) => {
        statements += 1;
        if (statements === 2) await pauseCampaign(database, company.companyId, '1', REFUSE);
        return target.$queryRaw(...query);
      };
    },
  });
  expect(await intend(between, ATTEMPT_TIMES, [upload])).toEqual([undefined]);
  expect(statements).toBe(2);
  expect(await findLeads(database, leadIdsOf(upload))).toEqual([]);
  expect(await intend(database, ATTEMPT_TIMES, [upload])).toEqual(['paused']);
});
