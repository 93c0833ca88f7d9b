/**
 * The contract of a lead loader, kept by each family's adapter. Over HTTP, against the simulator, whose strict schemas
 * refuse every request that is not as documented.
 */
import { buildSimulator } from '@live-feed/dialer-simulator/simulator';
import { newbridge } from '@live-feed/dialers/families/newbridge/newbridge';
import { ringcx } from '@live-feed/dialers/families/ringcx/ringcx';
import type { DialerAccount, LeadLoader, UploadLead, UploadRequest } from '@live-feed/dialers/lead-loader';
import { createLeadLoaders, type LeadLoaders } from '@live-feed/dialers/lead-loaders';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const families = [
  { family: ringcx, path: '/voice/api', authHeader: 'x-auth-token' },
  { family: newbridge, path: '/newbridge/api', authHeader: 'x-newbridge-key' },
] as const;

const TOKEN = 'aws80:0c5a1d52-8f7e-4b11-9d35-6c1f0a7e2b90';
const OPTIONS = {
  description: 'web',
  dialPriority: 'IMMEDIATE',
  duplicateHandling: 'RETAIN_ALL',
  listState: 'INACTIVE',
  timeZoneOption: 'NPA_NXX',
};
const permitted = async () => true;
const always = () => true;

function lead(n: number, more: Partial<UploadLead> = {}): UploadLead {
  return { externId: `lead-${n}`, phone: String(2_125_550_000 + n), fields: {}, ...more };
}

function uploadOf(...leads: UploadLead[]): UploadRequest {
  return { campaignId: '77', options: OPTIONS, leads };
}

describe.each(families)('the lead loader of $family.title', ({ family, path, authHeader }) => {
  const simulator = buildSimulator({ tokens: [TOKEN], newBridgeAuthHeader: 'X-NewBridge-Key' });
  let closables: LeadLoaders[];
  let loader: LeadLoader;
  /** Gives up after half a second, for answers that never come. */
  let hasty: LeadLoader;
  let origin: string;
  let account: DialerAccount;

  beforeAll(async () => {
    origin = await simulator.listen({ host: '127.0.0.1', port: 0 });
    account = { baseUrl: `${origin}${path}`, accountId: '12', token: TOKEN };
  });
  afterAll(() => simulator.close());

  beforeEach(async () => {
    const authHeaders = { newbridge: 'X-NewBridge-Key' };
    const patientLoaders = createLeadLoaders({ authHeaders });
    const hastyLoaders = createLeadLoaders({
      authHeaders,
      limits: { connectMs: 3_000, uploadMs: 500 },
    });
    closables = [patientLoaders, hastyLoaders];
    loader = patientLoaders.loaderFor(family);
    hasty = hastyLoaders.loaderFor(family);
    await control('DELETE', 'scenario');
    await control('DELETE', 'leads');
  });
  afterEach(() => Promise.all(closables.map((loaders) => loaders.close())));

  async function control(method: string, subject: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${origin}/simulator/${subject}`, {
      method,
      ...(body !== undefined && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    });
    expect(response.ok).toBe(true);
    return response.status === 204 ? null : response.json();
  }

  const misbehave = (on: 'upload' | 'readBack', fault: object) =>
    control('PUT', 'scenario', { rules: [{ on, fault }] });
  const upload = (...leads: UploadLead[]) => loader.upload(account, uploadOf(...leads), always);
  const storedLeads = () => control('GET', 'leads');
  const requests = () => control('GET', 'requests');

  it('is the one of its family, and can read back', () => {
    expect(loader.family).toBe(family);
    expect(family.canReadBack).toBe(true);
  });

  describe('upload', () => {
    it('sends options and leads as they are, and the token in its header', async () => {
      const full = lead(1, {
        callerId: '2125550100',
        fields: { firstName: 'Ada', zip: '00501', auxData5: 'x', email: '' },
      });
      expect(await upload(full, lead(2))).toMatchObject({
        kind: 'answered',
        httpStatus: 200,
        tookSome: true,
        verdicts: [{ kind: 'accepted' }, { kind: 'accepted' }],
      });
      expect(await requests()).toMatchObject({
        requests: [
          {
            method: 'POST',
            url: `${path}/v1/admin/accounts/12/campaigns/77/leadLoader/direct`,
            headers: { [authHeader]: expect.stringMatching(/2b90$/), 'content-type': 'application/json' },
            body: {
              ...OPTIONS,
              uploadLeads: [
                {
                  externId: 'lead-1',
                  leadPhone: '2125550001',
                  callerId: '2125550100',
                  firstName: 'Ada',
                  zip: '00501',
                  auxData5: 'x',
                },
                { externId: 'lead-2', leadPhone: '2125550002' },
              ],
            },
          },
        ],
      });
      expect(await storedLeads()).toMatchObject({
        total: 2,
        leads: [{ family: family.name }, { family: family.name }],
      });
    });

    it('says of each lead what became of it', async () => {
      expect(await upload(lead(1), lead(2, { phone: '123' }))).toMatchObject({
        kind: 'answered',
        tookSome: true,
        verdicts: [{ kind: 'accepted' }, { kind: 'rejected', response: expect.stringContaining('lead-2') }],
      });
    });

    it('answers a refusal with status 200 as what it is', async () => {
      expect(await upload(lead(1, { phone: '123' }))).toMatchObject({
        kind: 'answered',
        tookSome: false,
        verdicts: [{ kind: 'rejected', response: expect.stringContaining('"Failed"') }],
      });
    });

    it('takes 500 leads', async () => {
      const leads = Array.from({ length: 500 }, (_, n) => lead(n));
      const result = await upload(...leads);
      expect(result).toMatchObject({ kind: 'answered', verdicts: leads.map(() => ({ kind: 'accepted' })) });
    });

    it('is not made once the fence has passed', async () => {
      expect(await loader.upload(account, uploadOf(lead(1)), () => false)).toMatchObject({
        kind: 'never_sent',
      });
      expect(await requests()).toEqual({ requests: [] });
    });

    it('is not allowed with another token', async () => {
      const result = await loader.upload({ ...account, token: `${TOKEN}0` }, uploadOf(lead(1)), always);
      expect(result).toMatchObject({ kind: 'token_refused', httpStatus: 401 });
    });

    it('is refused without the options that are required', async () => {
      const result = await loader.upload(account, { ...uploadOf(lead(1)), options: {} }, always);
      expect(result).toMatchObject({
        kind: 'refused',
        httpStatus: 400,
        body: { errorCode: expect.any(String) },
      });
    });

    it.each<[object, object]>([
      [
        { kind: 'status', status: 403 },
        { kind: 'token_refused', httpStatus: 403 },
      ],
      [
        { kind: 'status', status: 404 },
        { kind: 'campaign_unknown', httpStatus: 404 },
      ],
      [
        { kind: 'status', status: 413 },
        { kind: 'refused', httpStatus: 413 },
      ],
      [
        { kind: 'status', status: 422 },
        { kind: 'refused', httpStatus: 422, body: { errorCode: 'invalid.request.exception' } },
      ],
      [
        { kind: 'status', status: 422, body: 'poison' },
        { kind: 'foreign', httpStatus: 422, body: 'poison' },
      ],
      [
        { kind: 'status', status: 403, body: { message: 'Forbidden' } },
        { kind: 'foreign', httpStatus: 403 },
      ],
      [
        { kind: 'status', status: 404, body: '404 page not found' },
        { kind: 'foreign', httpStatus: 404 },
      ],
      [
        { kind: 'status', status: 401, body: 'Jwt is expired' },
        { kind: 'token_refused', httpStatus: 401 },
      ],
      [
        { kind: 'status', status: 429, retryAfter: 9 },
        { kind: 'throttled', retryAfterMs: 9_000 },
      ],
      [{ kind: 'status', status: 429 }, { kind: 'throttled' }],
    ])('%j → %j, and nothing is stored', async (fault, expected) => {
      await misbehave('upload', fault);
      const result = await upload(lead(1));
      expect(result).toMatchObject(expected);
      expect('retryAfterMs' in result).toBe('retryAfterMs' in expected);
      expect(await storedLeads()).toMatchObject({ total: 0 });
    });

    describe.each(['beforeStoring', 'afterStoring'])('unknown, whatever it did: %s', (when) => {
      it.each<[object, string]>([
        [{ kind: 'status', status: 500 }, 'HTTP 500'],
        [{ kind: 'status', status: 503 }, 'HTTP 503'],
        [{ kind: 'reset' }, 'connection reset'],
        [{ kind: 'hang' }, 'no answer within 0.5 s'],
        [{ kind: 'malformed', form: 'brokenJson' }, 'HTTP 200 with an unreadable body'],
        [{ kind: 'malformed', form: 'truncated' }, 'answer cut short'],
        [{ kind: 'malformed', form: 'empty' }, 'HTTP 200 with an unreadable body'],
        [{ kind: 'malformed', form: 'html' }, 'HTTP 200 with an unreadable body'],
        [{ kind: 'malformed', form: 'otherShape' }, 'HTTP 200 with an unreadable body'],
      ])('%j', async (fault, reason) => {
        await misbehave('upload', { ...fault, when });
        const isPage = 'form' in fault && fault.form === 'html';
        expect(await hasty.upload(account, uploadOf(lead(1)), always)).toMatchObject({
          kind: isPage ? 'foreign' : 'unknown',
          reason,
        });
        expect(await storedLeads()).toMatchObject({ total: when === 'afterStoring' ? 1 : 0 });
      });
    });

    it('unknown after an answer that drips in too slowly', async () => {
      await misbehave('upload', { kind: 'drip', bytes: 1, everyMs: 20 });
      expect(await hasty.upload(account, uploadOf(lead(1)), always)).toMatchObject({
        kind: 'unknown',
        reason: 'no answer within 0.5 s',
      });
    });

    it('of something else after a redirect, which the token does not follow', async () => {
      await misbehave('upload', { kind: 'redirect', location: `${account.baseUrl}/elsewhere` });
      expect(await upload(lead(1))).toMatchObject({ kind: 'foreign', httpStatus: 307 });
      expect(await requests()).toMatchObject({ requests: [{ method: 'POST' }] });
    });
  });

  describe('read-back', () => {
    it.each(['array', 'leads', 'data'])('finds what is held, and only that: %s', async (readBackForm) => {
      await control('PUT', 'scenario', { readBackForm });
      await upload(lead(1, { callerId: '2125550100' }), lead(2), lead(3));
      expect(await loader.readBack(account, '77', ['lead-1', 'lead-3', 'lead-9'], permitted)).toMatchObject({
        kind: 'found',
        leads: [
          { externId: 'lead-1', body: { leadPhone: '2125550001', callerId: '2125550100' } },
          { externId: 'lead-3', body: { leadPhone: '2125550003' } },
        ],
      });
    });

    it('finds nothing in another campaign, nor without ids', async () => {
      await upload(lead(1));
      expect(await loader.readBack(account, '78', ['lead-1'], permitted)).toEqual({
        kind: 'found',
        leads: [],
      });
      expect(await loader.readBack(account, '77', [], permitted)).toEqual({ kind: 'found', leads: [] });
    });

    it('takes a campaign id that is no number', async () => {
      await loader.upload(account, { ...uploadOf(lead(1)), campaignId: 'north/2' }, always);
      expect(await loader.readBack(account, 'north/2', ['lead-1'], permitted)).toMatchObject({
        leads: [{ externId: 'lead-1' }],
      });
    });

    it('finds every one of many', async () => {
      const leads = Array.from({ length: 1_200 }, (_, n) => lead(n));
      await upload(...leads);
      const ids = leads.map(({ externId }) => externId);
      const result = await loader.readBack(account, '77', ['absent', ...ids], permitted);
      expect(result.kind === 'found' && result.leads.map(({ externId }) => externId)).toEqual(ids);
    });

    it.each<[object, object]>([
      [
        { kind: 'status', status: 429, retryAfter: 2 },
        { kind: 'throttled', retryAfterMs: 2_000 },
      ],
      [{ kind: 'status', status: 429 }, { kind: 'throttled' }],
      [
        { kind: 'status', status: 401 },
        { kind: 'failed', reason: 'HTTP 401' },
      ],
      [
        { kind: 'status', status: 500 },
        { kind: 'failed', reason: 'HTTP 500' },
      ],
      [{ kind: 'reset' }, { kind: 'failed', reason: 'connection reset' }],
      [{ kind: 'hang' }, { kind: 'failed', reason: 'no answer within 0.5 s' }],
      [
        { kind: 'malformed', form: 'truncated' },
        { kind: 'failed', reason: 'answer cut short' },
      ],
      [
        { kind: 'malformed', form: 'html' },
        { kind: 'failed', reason: 'HTTP 200 with an unreadable body' },
      ],
      [
        { kind: 'malformed', form: 'otherShape' },
        { kind: 'failed', reason: 'HTTP 200 with an unreadable body' },
      ],
    ])('%j → %j, and never "nothing found"', async (fault, expected) => {
      await upload(lead(1));
      await misbehave('readBack', fault);
      expect(await hasty.readBack(account, '77', ['lead-1'], permitted)).toEqual(expected);
    });
  });

  describe('check', () => {
    it('asks for a lead that cannot exist, and changes nothing', async () => {
      await upload(lead(1));
      expect(await loader.check(account, '77')).toEqual({ kind: 'works' });
      expect(await storedLeads()).toMatchObject({ total: 1 });
    });

    it('is told of another token', async () => {
      expect(await loader.check({ ...account, token: `${TOKEN}0` }, '77')).toEqual({
        kind: 'token_refused',
        reason: 'HTTP 401',
      });
    });

    it.each([
      ['http://127.0.0.1:1/voice/api', 'connection refused'],
      [
        'http://nobody.invalid/voice/api',
        expect.stringMatching(/^host name not found|^name resolution failed/),
      ],
      ['no url', 'no usable URL from base URL, account id and campaign id'],
    ])('cannot reach %s', async (baseUrl, reason) => {
      expect(await loader.check({ ...account, baseUrl }, '77')).toEqual({ kind: 'unreachable', reason });
    });

    it('cannot reach what does not speak TLS', async () => {
      const baseUrl = account.baseUrl.replace('http:', 'https:');
      expect(await loader.check({ ...account, baseUrl }, '77')).toEqual({
        kind: 'unreachable',
        reason: expect.stringMatching(/TLS failed/),
      });
    });

    it.each<[object, object]>([
      [
        { kind: 'status', status: 403 },
        { kind: 'token_refused', reason: 'HTTP 403' },
      ],
      [
        { kind: 'status', status: 404 },
        { kind: 'not_found', reason: 'HTTP 404' },
      ],
      [
        { kind: 'status', status: 429, retryAfter: 9 },
        { kind: 'throttled', retryAfterMs: 9_000 },
      ],
      [{ kind: 'status', status: 429 }, { kind: 'throttled' }],
      [
        { kind: 'status', status: 503 },
        { kind: 'failed', reason: 'HTTP 503' },
      ],
      [{ kind: 'reset' }, { kind: 'failed', reason: 'connection reset' }],
      [{ kind: 'hang' }, { kind: 'failed', reason: 'no answer within 0.5 s' }],
      [
        { kind: 'malformed', form: 'html' },
        { kind: 'failed', reason: 'HTTP 200 with an unreadable body' },
      ],
    ])('%j → %j, and never "works"', async (fault, expected) => {
      await misbehave('readBack', fault);
      expect(await hasty.check(account, '77')).toEqual(expected);
    });
  });
});
