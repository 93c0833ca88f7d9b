/** What a family can do beside loading leads, against the simulator, whose schemas refuse every request that is not as documented. */
import { createServer } from 'node:http';
import { buildSimulator } from '@live-feed/dialer-simulator/simulator';
import type { CampaignSource, LeadControl } from '@live-feed/dialers/account';
import { newbridge } from '@live-feed/dialers/families/newbridge/newbridge';
import { ringcx } from '@live-feed/dialers/families/ringcx/ringcx';
import type { DialerAccount } from '@live-feed/dialers/lead-loader';
import { createLeadLoaders } from '@live-feed/dialers/lead-loaders';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { always, lead, permitted, uploadOf } from '../kit/dialers/lead-loader-contract.ts';
import { simulator as askSimulator } from '../kit/http/client.ts';

const simulator = buildSimulator({ tokens: ['aws80:0c5a1d52-8f7e-4b11-9d35-6c1f0a7e2b90'] });
const loaders = createLeadLoaders({ limits: { connectMs: 3_000, uploadMs: 500 } });
const campaigns = loaders.campaignsFor(ringcx) as CampaignSource;
const control = loaders.leadControlFor(ringcx) as LeadControl;
let account: DialerAccount;
let origin: string;

beforeAll(async () => {
  origin = await simulator.listen({ host: '127.0.0.1', port: 0 });
  account = {
    baseUrl: `${origin}/voice/api`,
    accountId: '12',
    credential: { kind: 'token', token: 'aws80:0c5a1d52-8f7e-4b11-9d35-6c1f0a7e2b90' },
  };
});
afterAll(async () => {
  await loaders.close();
  await simulator.close();
});
beforeEach(async () => {
  await tell('DELETE', 'scenario');
  await tell('DELETE', 'leads');
});

const tell = (method: string, subject: string, body?: unknown) =>
  askSimulator({ simulatorUrl: origin }, `/${subject}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

const misbehave = (on: string, fault: object) => tell('PUT', 'scenario', { rules: [{ on, fault }] });
const setCampaigns = (...of: object[]) => tell('PUT', 'campaigns', { accountId: '12', campaigns: of });

/** A dialing system that answers the n-th request with the n-th of these, and the last one from then on. */
async function answering(...answers: readonly unknown[]): Promise<DialerAccount> {
  let asked = 0;
  const server = createServer((_request, response) => {
    const body = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    response.writeHead(body === 500 ? 500 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    baseUrl: `http://127.0.0.1:${port}/voice/api`,
    accountId: '12',
    credential: { kind: 'token', token: 'a-token-of-tests' },
  };
}

const group = (name: string, ...rows: unknown[]) => ({ dialGroupName: name, campaigns: rows });
const row = (campaignId: unknown, campaignName?: unknown) => ({ campaignId, campaignName });

test('NewBridge is not known to have any of it, and RingCX has limits for each', () => {
  expect([loaders.campaignsFor(newbridge), loaders.leadControlFor(newbridge)]).toEqual([
    undefined,
    undefined,
  ]);
  expect(ringcx.campaigns?.windows.length).toBeGreaterThan(0);
  expect(ringcx.leadControl?.windows).toEqual([
    { requests: 30, perMs: 10_000 },
    { requests: 120, perMs: 60_000 },
  ]);
});

describe('campaigns', () => {
  test('are listed with their names and dial groups, over several pages', async () => {
    const many = Array.from({ length: 250 }, (_, n) => ({
      ...{ campaignId: String(n + 1), name: `Campaign ${n + 1}`, dialGroup: `Group ${n + 1}` },
    }));
    await setCampaigns(...many);
    const listing = await campaigns.listCampaigns(account, permitted);
    expect(listing).toEqual({ kind: 'listed', campaigns: many, incomplete: null });
  });

  test('none at all is a whole answer', async () => {
    await setCampaigns();
    const listing = await campaigns.listCampaigns(account, permitted);
    expect(listing).toEqual({ kind: 'listed', campaigns: [], incomplete: null });
  });

  test('names are cut and cleaned; ids are numbers or text, and others are counted as unreadable', async () => {
    const page = [
      group('A\u0000B', row(1, `x${'y'.repeat(400)}`), row('2'), row(2 ** 60), row('a b'), row(null)),
    ];
    const listing = await campaigns.listCampaigns(await answering(page, []), permitted);
    expect(listing).toMatchObject({
      campaigns: [
        { campaignId: '1', name: `x${'y'.repeat(254)}`, dialGroup: 'A B' },
        { campaignId: '2', name: '', dialGroup: 'A B' },
      ],
      incomplete: '3 of its entries could not be read',
    });
  });

  test.each<[string, unknown[], object]>([
    ['a second page that fails', [[group('A', row(1))], 500], { incomplete: 'page 2: HTTP 500' }],
    ['a group without its campaigns', [[{ dialGroupName: 'A' }], []], { incomplete: expect.any(String) }],
    ['an empty group', [[{ dialGroupName: 'A', campaigns: null }], []], { incomplete: null }],
    ['one page again and again', [[group('A', row(1))]], { incomplete: null }],
    [
      'a full page again and again',
      [Array.from({ length: 100 }, (_, n) => group(`${n}`, row(n + 1)))],
      { incomplete: 'it shows the same page again and again' },
    ],
    ['the rows in a member', [{ dialGroups: [group('A', row(1))] }, []], { incomplete: null }],
    ['another shape', [{ status: 'ok' }], { kind: 'failed' }],
  ])('%s', async (_case, answers, expected) => {
    expect(await campaigns.listCampaigns(await answering(...answers), permitted)).toMatchObject(expected);
  });

  test('pages without end are not followed, and not believed to be all', async () => {
    let page = 0;
    const server = createServer((_request, response) => {
      page += 1;
      response.end(JSON.stringify([group('A', row(page))]));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close().closeAllConnections());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const endless = { ...account, baseUrl: `http://127.0.0.1:${port}/api` };
    const listing = await campaigns.listCampaigns(endless, permitted);
    expect(listing).toMatchObject({ kind: 'listed', incomplete: 'more than 20 pages' });
    expect(page).toBe(20);
  });

  test.each<[object, object]>([
    [{ kind: 'status', status: 401 }, { kind: 'token_refused' }],
    [{ kind: 'status', status: 404 }, { kind: 'not_found' }],
    [
      { kind: 'status', status: 429, retryAfter: 7 },
      { kind: 'throttled', retryAfterMs: 7_000 },
    ],
    [{ kind: 'page', status: 403 }, { kind: 'failed' }],
    [{ kind: 'hang' }, { kind: 'failed', reason: 'no answer within 0.5 s' }],
    [{ kind: 'reset' }, { kind: 'failed' }],
    [{ kind: 'malformed', form: 'html' }, { kind: 'failed' }],
    [
      { kind: 'verbatim', body: `[${'"x",'.repeat(2_000_000)}1]` },
      { kind: 'failed', reason: 'answer too large' },
    ],
    [{ kind: 'encoded', coding: 'bomb' }, { kind: 'failed' }],
  ])('$kind ends without a list', async (fault, expected) => {
    await misbehave('campaigns', fault);
    expect(await campaigns.listCampaigns(account, permitted)).toMatchObject(expected);
  });

  test('nothing is asked without a permit, nor of a base URL that makes no URL', async () => {
    expect(await campaigns.listCampaigns(account, async () => false)).toEqual({ kind: 'throttled' });
    const odd = { ...account, accountId: '..' };
    expect(await campaigns.listCampaigns(odd, permitted)).toMatchObject({ kind: 'unreachable' });
  });

  test('the accounts of a token are listed', async () => {
    expect(await campaigns.listAccounts(account)).toEqual({
      kind: 'listed',
      accounts: [{ accountId: '99', name: 'Simulated' }],
    });
    await misbehave('accounts', { kind: 'status', status: 401 });
    expect(await campaigns.listAccounts(account)).toMatchObject({ kind: 'token_refused' });
  });
});

describe('leads that are there', () => {
  beforeEach(async () => {
    const loader = loaders.loaderFor(ringcx);
    expect(await loader.upload(account, uploadOf(lead(1), lead(2)), always)).toMatchObject({
      kind: 'answered',
    });
  });

  const progress = (externId: string) => control.progressOf(account, '77', externId);
  const cancel = () => control.cancel(account, '77', ['lead-1']);

  test('show how far their dialing has come', async () => {
    expect(await progress('lead-1')).toEqual({
      kind: 'found',
      progress: {
        ...{ leadState: 'READY', leadPasses: 0, lastPassDisposition: null },
        ...{ lastPassDts: null, nextDialTime: null },
      },
    });
    const dialled = {
      ...{ leadState: 'CALLBACK', leadPasses: 3, lastPassDisposition: 'BUSY' },
      ...{ lastPassDts: '2026-11-30T01:02:03Z', nextDialTime: '2026-11-30T05:00:00Z' },
    };
    await tell('PUT', 'leads/lead-1', dialled);
    expect(await progress('lead-1')).toEqual({ kind: 'found', progress: dialled });
    expect(await progress('nobody')).toEqual({ kind: 'absent' });
  });

  test('a search that ignores which lead it was asked for says nothing', async () => {
    const rows = (count: number) => Array.from({ length: count }, (_, n) => ({ externId: `other-${n}` }));
    const ask = async (found: object[]) => control.progressOf(await answering(found), '77', 'lead-1');
    expect(await ask(rows(10))).toMatchObject({ kind: 'failed' });
    expect(await ask(rows(3))).toEqual({ kind: 'absent' });
    expect(await ask([{ externId: 'lead-1' }])).toMatchObject({ kind: 'failed' });
  });

  test('are cancelled one by one', async () => {
    expect(await cancel()).toEqual({ kind: 'taken' });
    expect(await progress('lead-1')).toMatchObject({ progress: { leadState: 'CANCELLED' } });
    expect(await progress('lead-2')).toMatchObject({ progress: { leadState: 'READY' } });
    await expect(control.cancel(account, '77', [])).rejects.toThrow(RangeError);
  });

  test.each<[object, string]>([
    [{ kind: 'status', status: 401 }, 'token_refused'],
    [{ kind: 'status', status: 429 }, 'throttled'],
    [{ kind: 'status', status: 400 }, 'failed'],
    [{ kind: 'page', status: 403 }, 'unknown'],
    [{ kind: 'page', status: 429 }, 'unknown'],
    [{ kind: 'status', status: 500 }, 'unknown'],
    [{ kind: 'hang' }, 'unknown'],
    [{ kind: 'reset', when: 'afterStoring' }, 'unknown'],
    [{ kind: 'malformed', form: 'html' }, 'unknown'],
    [{ kind: 'malformed', form: 'empty' }, 'taken'],
  ])('%j of a cancellation is %s', async (fault, kind) => {
    await misbehave('leadActions', fault);
    expect(await cancel()).toMatchObject({ kind });
  });

  test.each([
    ['READY', 'open'],
    ['CALLBACK', 'open'],
    ['CANCELLED', 'cancelled'],
    ['COMPLETE', 'ended'],
    ['MAX_DIAL_LIMIT', 'ended'],
    ['Complete', 'ended'],
    ['Cancelled', 'cancelled'],
  ])('%s is %s', (state, standing) => {
    expect(control.standingOf(state)).toBe(standing);
  });
});
