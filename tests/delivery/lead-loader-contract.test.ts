/**
 * The contract of a lead loader, kept by each family's adapter. The two that are served run against the simulator, whose strict schemas
 * refuse every request that is not as documented; the third one shows what `docs/adding-a-dialer-family.md` says.
 */
import { buildSimulator } from '@live-feed/dialer-simulator/simulator';
import { newbridge } from '@live-feed/dialers/families/newbridge/newbridge';
import { ringcx } from '@live-feed/dialers/families/ringcx/ringcx';
import type { Credential, UploadLead } from '@live-feed/dialers/lead-loader';
import { createLeadLoaders } from '@live-feed/dialers/lead-loaders';
import { third } from '@live-feed/dialers/testing/third-family';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  always,
  type DialingSystem,
  keepsTheContract,
  lead,
  OPTIONS,
  permitted,
  uploadOf,
} from '../kit/dialers/lead-loader-contract.ts';
import { createMemoryTokenStore } from '../kit/dialers/memory-token-store.ts';
import { startThirdDialingSystem } from '../kit/dialers/third-dialing-system.ts';

const TOKEN = 'aws80:0c5a1d52-8f7e-4b11-9d35-6c1f0a7e2b90';
const authHeaders = { newbridge: 'X-NewBridge-Key' };

interface SimulatedSystem extends DialingSystem {
  control(method: string, subject: string, body?: unknown): Promise<unknown>;
}

const CREDENTIALS = {
  token: { kind: 'token', token: TOKEN },
  jwt: { kind: 'jwt', jwt: { clientId: 'client', clientSecret: 'secret', jwt: 'header.claims.signature' } },
} as const;

function strange(credential: Credential): Credential {
  return credential.kind === 'token'
    ? { kind: 'token', token: `${credential.token}0` }
    : { kind: 'jwt', jwt: { ...credential.jwt, clientSecret: '' } };
}

/** From one test to the next, so that each may exchange. */
const MINUTES_MS = 70_000;
const LIFE_MS = 86_400_000;

async function startSimulated(
  path: string,
  credential: Credential = CREDENTIALS.token,
): Promise<SimulatedSystem> {
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const simulator = buildSimulator({
    clock: now,
    tokens: [TOKEN],
    newBridgeAuthHeader: authHeaders.newbridge,
  });
  const origin = await simulator.listen({ host: '127.0.0.1', port: 0 });

  const place = { baseUrl: `${origin}${path}`, accountId: '12' };

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

  return {
    account: { ...place, credential },
    stranger: { ...place, credential: strange(credential) },
    ...(credential.kind === 'jwt' && {
      signIn: { platformUrl: origin, ringcxUrl: origin, store: createMemoryTokenStore(now) },
    }),
    control,
    misbehave: (on, fault) => control('PUT', 'scenario', { bearerLifeMs: LIFE_MS, rules: [{ on, fault }] }),
    async reset() {
      ahead += MINUTES_MS;
      await control('PUT', 'scenario', { bearerLifeMs: LIFE_MS });
      await control('DELETE', 'leads');
    },
    async storedIds() {
      const { leads } = (await control('GET', 'leads')) as { leads: { externId: string }[] };
      return leads.map(({ externId }) => externId);
    },
    async requestCount() {
      const { requests } = (await control('GET', 'requests')) as { requests: { url: string }[] };
      return requests.filter(({ url }) => url.includes('/v1/admin/')).length;
    },
    close: () => simulator.close(),
  };
}

const simulated = [
  { family: ringcx, path: '/voice/api', authHeader: 'x-auth-token' },
  { family: newbridge, path: '/newbridge/api', authHeader: 'x-newbridge-key' },
] as const;

describe.each(simulated)('the lead loader of $family.title', ({ family, path }) => {
  keepsTheContract(family, () => startSimulated(path), authHeaders);
});

describe('the lead loader of RingCX, with a JWT credential', () => {
  keepsTheContract(ringcx, () => startSimulated('/voice/api', CREDENTIALS.jwt));
});

describe('the lead loader of a third family', () => {
  keepsTheContract(third, startThirdDialingSystem);
});

describe.each(simulated)('the wire format of $family.title', ({ family, path, authHeader }) => {
  const loaders = createLeadLoaders({ authHeaders });
  const loader = loaders.loaderFor(family);
  const hastyLoaders = createLeadLoaders({ authHeaders, limits: { connectMs: 3_000, uploadMs: 500 } });
  let system: SimulatedSystem;

  beforeAll(async () => {
    system = await startSimulated(path);
  });
  beforeEach(() => system.reset());
  afterAll(async () => {
    await loaders.close();
    await hastyLoaders.close();
    await system?.close();
  });

  const upload = (...leads: UploadLead[]) => loader.upload(system.account, uploadOf(...leads), always);

  it('has options and leads as they are, and the token in its header', async () => {
    const fields = { firstName: 'Ada', zip: '00501', auxData5: 'x', email: '' };
    await upload(lead(1, { callerId: '2125550100', fields }), lead(2));
    expect(await system.control('GET', 'requests')).toMatchObject({
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
    const stored = { family: family.name };
    expect(await system.control('GET', 'leads')).toMatchObject({ total: 2, leads: [stored, stored] });
  });

  it('passes the answer to an upload of one on untouched', async () => {
    const result = await upload(lead(1));
    const { json } = result.kind === 'answered' ? result : { json: '' };
    expect(result).toMatchObject({ verdicts: [{ kind: 'accepted', response: json }] });
    expect(JSON.parse(json)).toMatchObject({ leadsSupplied: 1, leadsInserted: 1, processingResult: 'OK' });
  });

  it('requires its options', async () => {
    const request = { ...uploadOf(lead(1)), options: {} };
    expect(await loader.upload(system.account, request, always)).toMatchObject({
      kind: 'refused',
      httpStatus: 400,
      json: expect.stringContaining('"errorCode":"'),
    });
  });

  it('refuses a token in a sentence as well', async () => {
    await system.misbehave('upload', { kind: 'status', status: 401, body: 'Jwt is expired' });
    expect(await upload(lead(1))).toMatchObject({ kind: 'token_refused', httpStatus: 401 });
  });

  it('an answer that drips in too slowly leaves it unknown', async () => {
    await system.misbehave('upload', { kind: 'drip', bytes: 1, everyMs: 20 });
    const hasty = hastyLoaders.loaderFor(family);
    expect(await hasty.upload(system.account, uploadOf(lead(1)), always)).toMatchObject({
      kind: 'unknown',
      reason: 'no answer within 0.5 s',
    });
  });

  it.each(['array', 'leads', 'data'])('has leads found as %s', async (readBackForm) => {
    await system.control('PUT', 'scenario', { readBackForm });
    await upload(lead(1));
    expect(await loader.readBack(system.account, '77', ['lead-1'], permitted)).toMatchObject({
      kind: 'found',
      externIds: ['lead-1'],
    });
  });

  it('finds suppressed leads', async () => {
    await system.control('PUT', 'scenario', { suppressesLeads: true });
    await upload(lead(1));
    expect(await loader.readBack(system.account, '77', ['lead-1'], permitted)).toMatchObject({
      externIds: ['lead-1'],
    });
  });

  it('of a dialing system that ignores which leads it is asked for believes what is there, and no absence', async () => {
    await upload(...Array.from({ length: 1_000 }, (_, n) => lead(n)));
    await upload(lead(1_000));
    await system.control('PUT', 'scenario', { ignoresExternIds: true });
    const readBack = (...ids: string[]) => loader.readBack(system.account, '77', ids, permitted);
    expect(await readBack('lead-1000')).toMatchObject({ kind: 'found', externIds: ['lead-1000'] });
    expect(await readBack('lead-1001')).toMatchObject({
      kind: 'failed',
      reason: 'the search finds other leads than it was asked for',
    });
  });

  it('takes a campaign id that is no number', async () => {
    await loader.upload(system.account, { ...uploadOf(lead(1)), campaignId: 'north/2' }, always);
    expect(await loader.readBack(system.account, 'north/2', ['lead-1'], permitted)).toMatchObject({
      externIds: ['lead-1'],
    });
  });
});
