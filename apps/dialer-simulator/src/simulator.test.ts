import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errorAnswerSchema, foundLeadSchema, loadAnswerSchema } from './api/wire.ts';
import { type Client, JANE, JOHN, OPTIONS, startSimulator, TOKEN } from './test-client.ts';

let nowMs = 0;
let simulator: Client;

beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);
  simulator = await startSimulator({ clock: () => nowMs, newBridgeAuthHeader: 'X-Auth-Token' });
});
afterEach(() => simulator.app.close());

function errorOf(text: string) {
  return errorAnswerSchema.parse(JSON.parse(text));
}

describe('direct load', () => {
  test('answers as documented and keeps what it was given', async () => {
    const lead = { ...JANE, callerId: '3055550100' };
    const { status, text } = await simulator.upload([lead]);
    expect(status).toBe(200);
    expect(loadAnswerSchema.parse(JSON.parse(text))).toMatchObject({
      message: 'Your uploaded lead list has successfully completed processing',
      leadsSupplied: 1,
      leadsAccepted: 1,
      leadsInserted: 1,
      listState: 'ACTIVE',
      timeZoneOption: 'NPA_NXX',
      processingResult: 'OK',
      processingStatus: 'DEFAULT_NOT_A_FAILURE',
      rejectedRows: [],
    });
    const { total, leads } = await simulator.control('leads?campaignId=123&externId=jane&phone=5551234567');
    expect(total).toBe(1);
    expect(leads[0]).toMatchObject({
      ...lead,
      family: 'ringcx',
      accountId: '99',
      campaignId: '123',
      options: OPTIONS,
      loadedDts: '2026-01-02T03:04:05.000Z',
    });
  });

  test.each([
    ['/voice/api', 'ringcx'],
    ['/api', 'ringcx'],
    ['/newbridge/api', 'newbridge'],
  ])('is under %s for %s', async (base, family) => {
    expect((await simulator.upload([JANE], { base })).status).toBe(200);
    expect((await simulator.control('leads')).leads).toMatchObject([{ family }]);
  });

  test.each([
    ['an unknown field', { ...OPTIONS, uploadLeads: [{ ...JANE, fristName: 'Jane' }] }],
    ['a phone that is a number', { ...OPTIONS, uploadLeads: [{ externId: 'a', leadPhone: 5551234567 }] }],
    ['a missing option', { dialPriority: 'IMMEDIATE', uploadLeads: [JANE] }],
    ['no leads', { ...OPTIONS, uploadLeads: [] }],
    ['no JSON', '{"uploadLeads":'],
  ])('refuses %s with 400', async (_flaw, body) => {
    const path = '/voice/api/v1/admin/accounts/99/campaigns/123/leadLoader/direct';
    const { status, text } = await simulator.send('POST', path, body);
    expect(status).toBe(400);
    expect(errorOf(text).timestamp).toBe(nowMs);
    expect((await simulator.control('requests')).requests).toMatchObject([{ url: path, body }]);
  });

  test('takes options beyond the published enums unless it is told to be strict', async () => {
    const options = { dialPriority: 'FIRST_PASS', listState: 'INACTIVE' };
    expect((await simulator.upload([JANE], { options })).status).toBe(200);
    await simulator.scenario({ strictOptions: true });
    const { status, text } = await simulator.upload([JANE], { options });
    expect(status).toBe(400);
    expect(errorOf(text).generalMessage).toMatch(/dialPriority[\s\S]*listState/);
  });

  test('REMOVE_ALL_EXISTING looks at the campaign, at leads loaded with the same option', async () => {
    const options = { duplicateHandling: 'REMOVE_ALL_EXISTING' };
    await simulator.upload([JANE]);
    await simulator.upload([{ ...JANE, externId: 'first' }], { options });
    await simulator.upload([{ ...JANE, externId: 'second' }], { options });
    await simulator.upload([{ ...JANE, externId: 'elsewhere' }], { options, campaignId: '124' });
    expect(await simulator.held()).toEqual(['jane', 'first', 'elsewhere']);
  });
});

describe('tokens', () => {
  test.each([
    ['no token', '/voice/api', null],
    ['a token of another shape', '/voice/api', 'secret'],
    ['an empty NewBridge token', '/newbridge/api', ''],
  ])('%s is a 401', async (_case, base, token) => {
    const { status, text } = await simulator.upload([JANE], { base, token });
    expect(status).toBe(401);
    expect(errorOf(text).timestamp).toBe(nowMs);
    expect(await simulator.held()).toEqual([]);
  });

  test('NewBridge takes any text', async () => {
    expect((await simulator.upload([JANE], { base: '/newbridge/api', token: 'secret' })).status).toBe(200);
  });

  test('a revoked token is a 401 until the scenario goes', async () => {
    await simulator.scenario({ revokedTokens: [TOKEN] });
    expect((await simulator.upload([JANE])).status).toBe(401);
    expect((await simulator.readBack(['jane'])).status).toBe(401);
    await simulator.send('DELETE', '/simulator/scenario');
    expect((await simulator.upload([JANE])).status).toBe(200);
  });

  test('only the listed tokens are good where a list is given; NewBridge can have a header of its own', async () => {
    const strict = await startSimulator({ tokens: ['only-this'], newBridgeAuthHeader: 'Api-Key' });
    try {
      expect((await strict.upload([JANE])).status).toBe(401);
      expect((await strict.upload([JANE], { token: 'only-this' })).status).toBe(200);
      const viaNewBridge = await strict.upload([JANE], { base: '/newbridge/api', token: 'only-this' });
      expect(viaNewBridge.status).toBe(401);
    } finally {
      await strict.app.close();
    }
  });
});

describe('read-back', () => {
  test('shows leads of the account and campaigns by externId', async () => {
    await simulator.upload([{ ...JANE, callerId: '3055550100' }, JOHN]);
    await simulator.upload([JANE], { campaignId: '124' });
    await simulator.upload([JANE], { accountId: '98' });
    await simulator.upload([JANE], { base: '/newbridge/api' });
    const { status, text } = await simulator.readBack(['jane', 'nobody']);
    expect(status).toBe(200);
    expect(foundLeadSchema.array().parse(JSON.parse(text))).toEqual([
      {
        leadId: 1,
        externId: 'jane',
        leadPhone: '5551234567',
        leadState: 'READY',
        leadPasses: 0,
        suppressed: false,
        callerId: '3055550100',
        campaignId: '123',
        listId: 1,
        loadedDts: '2026-01-02T03:04:05.000Z',
      },
    ]);
  });

  test('goes by pages, over the whole campaign if no externIds are given', async () => {
    await simulator.upload(['a', 'b', 'c'].map((externId) => ({ ...JANE, externId })));
    const page = async (query: string) => {
      const path = `/voice/api/v1/admin/accounts/99/campaignLeads/leadSearch${query}`;
      const { text } = await simulator.send('POST', path, { campaignIds: [123] });
      return foundLeadSchema
        .array()
        .parse(JSON.parse(text))
        .map((lead) => lead.externId);
    };
    expect(await page('?page=1&maxRows=2')).toEqual(['a', 'b']);
    expect(await page('?page=2&maxRows=2')).toEqual(['c']);
    expect(await page('')).toEqual(['a', 'b', 'c']);
  });
});

describe('rate windows', () => {
  test('RingCX takes 30 uploads in 10 s and 120 in 60 s per account, and every one beyond is on record', async () => {
    await simulator.scenario({ enforceLimits: true });
    const upload = async () => (await simulator.upload([JANE])).status;
    for (let burst = 0; burst < 4; burst += 1) {
      for (let n = 0; n < 30; n += 1) expect(await upload()).toBe(200);
      expect(await upload()).toBe(429);
      nowMs += 10_000;
    }
    const { status, headers, text } = await simulator.upload([JANE]);
    expect(status).toBe(429);
    expect(headers['retry-after']).toBeUndefined();
    expect(errorOf(text).generalMessage).toBe('More than 120 requests within 60 seconds');
    expect((await simulator.upload([JANE], { accountId: '98' })).status).toBe(200);

    const { limitViolations, accounts } = await simulator.control('stats');
    expect(limitViolations.total).toBe(5);
    expect(limitViolations.last.at(-1)).toEqual({
      atMs: nowMs,
      operation: 'upload',
      account: 'ringcx/99',
      window: { requests: 120, perMs: 60_000 },
      earlyByMs: 20_000,
    });
    expect(accounts['ringcx/99']).toMatchObject({ uploads: 125, throttled: 5 });
    nowMs += 20_000;
    expect(await upload()).toBe(200);
  });

  test('RingCX takes 15 searches in 10 s, apart from uploads', async () => {
    await simulator.scenario({ enforceLimits: true });
    for (let n = 0; n < 15; n += 1) expect((await simulator.readBack(['a'])).status).toBe(200);
    expect((await simulator.readBack(['a'])).status).toBe(429);
    expect((await simulator.upload([JANE])).status).toBe(200);
  });

  test('both names of RingCX count as one, and a scenario can set windows and Retry-After', async () => {
    const limits = { upload: [{ requests: 2, perMs: 1_000 }], retryAfterSeconds: 3 };
    await simulator.scenario({ enforceLimits: true, limits });
    expect((await simulator.upload([JANE], { base: '/api' })).status).toBe(200);
    expect((await simulator.upload([JANE], { base: '/voice/api' })).status).toBe(200);
    const beyond = await simulator.upload([JANE]);
    expect(beyond).toMatchObject({ status: 429, headers: { 'retry-after': '3' } });
  });

  test('can be on from the start, and off by scenario', async () => {
    const strict = await startSimulator({ clock: () => nowMs, enforceLimits: true });
    try {
      for (let n = 0; n < 30; n += 1) await strict.upload([JANE]);
      expect((await strict.upload([JANE])).status).toBe(429);
      await strict.scenario({ enforceLimits: false });
      expect((await strict.upload([JANE])).status).toBe(200);
    } finally {
      await strict.app.close();
    }
  });
});

describe('the simulator’s own API', () => {
  test('counts', async () => {
    await simulator.upload([JANE, JOHN, { ...JANE, leadPhone: '1' }]);
    await simulator.upload([JANE]);
    await simulator.readBack(['jane']);
    await simulator.send('GET', '/nowhere');
    expect(await simulator.control('stats')).toMatchObject({
      requests: { upload: 2, readBack: 1, other: 1 },
      answers: { 200: 3 },
      throttled: 0,
      loads: 2,
      leads: { supplied: 4, accepted: 3, inserted: 3, rejected: 1 },
      leadsStored: { held: 3, evicted: 0 },
      uploadSizes: { max: 3, mean: 2, upTo: { 1: 1, 4: 1 } },
      concurrent: { upload: { now: 0, max: 1 }, readBack: { now: 0, max: 1 } },
      accounts: { 'ringcx/99': { uploads: 2, readBacks: 1, maxConcurrentUploads: 1 } },
      duplicateExternIds: { total: 1, times: { jane: 2 } },
    });
  });

  test('pages through leads and forgets them when told to', async () => {
    await simulator.upload([JANE, JOHN]);
    const page = await simulator.control('leads?limit=1&offset=1');
    expect(page).toMatchObject({ total: 2, leads: [{ externId: 'john' }] });
    expect((await simulator.send('DELETE', '/simulator/leads')).status).toBe(204);
    expect(await simulator.control('leads')).toEqual({ total: 0, leads: [] });
    expect(await simulator.control('stats')).toMatchObject({ loads: 0, leadsStored: { held: 0 } });
    expect(await simulator.control('requests')).toEqual({ requests: [] });
  });

  test('shows the requests, with the token masked', async () => {
    await simulator.upload([JANE]);
    const { requests } = await simulator.control('requests?limit=1');
    expect(requests).toMatchObject([
      {
        method: 'POST',
        url: '/voice/api/v1/admin/accounts/99/campaigns/123/leadLoader/direct',
        headers: { 'x-auth-token': '***7a6b', 'content-type': 'application/json' },
        body: { ...OPTIONS, uploadLeads: [JANE] },
      },
    ]);
  });

  test.each([
    ['a rule that does not say what it is on', { rules: [{ fault: { kind: 'reset' } }] }, 'on'],
    [
      'a fault that does not exist',
      { rules: [{ on: 'upload', fault: { kind: 'explode' } }] },
      'rules[0].fault.kind',
    ],
    ['a lag of uploads', { rules: [{ on: 'upload', fault: { kind: 'lag', ms: 1 } }] }, 'rules[0].fault.kind'],
    [
      'a misspelt match',
      { rules: [{ on: 'upload', match: { fone: '1' }, fault: { kind: 'reset' } }] },
      'fone',
    ],
    [
      'a probability beyond 1',
      { rules: [{ on: 'upload', probability: 2, fault: { kind: 'reset' } }] },
      'probability',
    ],
  ])('refuses %s, says where, and keeps the scenario in force', async (_flaw, scenario, where) => {
    await simulator.scenario({ strictOptions: true });
    const { status, text } = await simulator.send('PUT', '/simulator/scenario', scenario);
    expect(status).toBe(400);
    expect(JSON.parse(text).message).toContain(where);
    expect((await simulator.control('scenario')).scenario.strictOptions).toBe(true);
  });

  test('a new scenario replaces the old one, with no rule used up', async () => {
    const scenario = { rules: [{ on: 'upload', times: 1, fault: { kind: 'status', status: 500 } }] };
    for (let n = 0; n < 2; n += 1) {
      await simulator.scenario(scenario);
      expect((await simulator.upload([JANE])).status).toBe(500);
      expect((await simulator.upload([JANE])).status).toBe(200);
      expect((await simulator.control('scenario')).applied).toEqual([1]);
    }
  });
});
