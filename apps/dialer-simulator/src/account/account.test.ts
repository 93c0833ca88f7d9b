import { afterEach, beforeEach, expect, test } from 'vitest';
import { foundLeadSchema } from '../api/wire.ts';
import { type Client, JANE, JOHN, startSimulator } from '../test-client.ts';

const ACCOUNT = '/voice/api/v1/admin/accounts/99';
const CANCEL = `${ACCOUNT}/campaignLeads/actions?leadAction=CANCEL_LEADS`;

let simulator: Client;

beforeEach(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.app.close());

async function listing(query = '') {
  const { status, text } = await simulator.send('GET', `${ACCOUNT}/dialGroups/withChildren${query}`);
  return { status, groups: status === 200 ? JSON.parse(text) : text };
}

function setCampaigns(...campaigns: object[]) {
  return simulator.send('PUT', '/simulator/campaigns', { accountId: '99', campaigns });
}

async function find(externId: string) {
  const [found] = JSON.parse((await simulator.readBack([externId])).text);
  return foundLeadSchema.parse(found);
}

test('dial groups are listed with their campaigns, page by page, as the account has them now', async () => {
  expect(
    (await listing()).groups[0].campaigns.map((each: { campaignId: number }) => each.campaignId),
  ).toEqual([123456, 123457]);
  await setCampaigns(
    { campaignId: '1', name: 'One', dialGroup: 'A' },
    { campaignId: '2', name: 'Two', dialGroup: 'B', active: false },
  );
  expect((await listing()).groups).toMatchObject([
    { dialGroupName: 'A', campaigns: [{ campaignId: 1, campaignName: 'One', isActive: 1 }] },
    { dialGroupName: 'B', campaigns: [{ campaignId: 2, campaignName: 'Two', isActive: 0 }] },
  ]);
  expect((await listing('?page=2&maxRows=1')).groups).toMatchObject([{ dialGroupName: 'B' }]);
  expect((await listing('?page=3&maxRows=1')).groups).toEqual([]);
  await setCampaigns({ campaignId: '2', name: 'Renamed', dialGroup: 'B' });
  expect((await listing()).groups).toMatchObject([{ campaigns: [{ campaignName: 'Renamed', isActive: 1 }] }]);
  await setCampaigns();
  expect((await listing()).groups).toEqual([]);
});

test('a search shows how far the dialing of a lead has come', async () => {
  await simulator.upload([JANE]);
  expect(await find('jane')).toMatchObject({ leadState: 'READY', leadPasses: 0 });
  const dialled = { leadState: 'COMPLETE', leadPasses: 2, lastPassDisposition: 'ANSWER : Sale' };
  expect((await simulator.send('PUT', '/simulator/leads/jane', dialled)).status).toBe(200);
  expect((await simulator.send('PUT', '/simulator/leads/nobody', dialled)).status).toBe(404);
  expect(await find('jane')).toMatchObject(dialled);
});

test('leads are cancelled by externId, within their campaigns', async () => {
  await simulator.upload([JANE, JOHN]);
  const cancel = (criteria: object) =>
    simulator.send('PUT', CANCEL, { campaignLeadSearchCriteria: criteria });
  expect((await cancel({})).status).toBe(400);
  expect((await cancel({ externIds: ['jane'], campaignIds: [124] })).status).toBe(200);
  expect(await find('jane')).toMatchObject({ leadState: 'READY' });
  expect((await cancel({ externIds: ['jane'], campaignIds: [123] })).status).toBe(200);
  expect(await find('jane')).toMatchObject({ leadState: 'CANCELLED' });
  expect(await find('john')).toMatchObject({ leadState: 'READY' });
});

test('each operation has limits and faults of its own', async () => {
  await simulator.scenario({
    enforceLimits: true,
    limits: { leadActions: [{ requests: 1, perMs: 60_000 }], listings: [{ requests: 2, perMs: 60_000 }] },
    rules: [{ on: 'campaigns', times: 1, fault: { kind: 'malformed' } }],
  });
  await simulator.upload([JANE]);
  const cancel = () => simulator.send('PUT', CANCEL, { campaignLeadSearchCriteria: { externIds: ['jane'] } });
  expect([(await cancel()).status, (await cancel()).status]).toEqual([200, 429]);
  const first = await simulator.send('GET', `${ACCOUNT}/dialGroups/withChildren`);
  expect(() => JSON.parse(first.text)).toThrow();
  expect([(await listing()).status, (await listing()).status]).toEqual([200, 429]);
  expect((await simulator.readBack(['jane'])).status).toBe(200);
  expect((await simulator.control('stats')).requests).toMatchObject({
    leadActions: 2,
    campaigns: 3,
    upload: 1,
  });
});

test('NewBridge has none of it', async () => {
  const path = '/newbridge/api/v1/admin/accounts/99/dialGroups/withChildren';
  expect((await simulator.send('GET', path)).status).toBe(404);
});
