import { FORWARDABLE, FORWARDABLE_FIELDS } from '@live-feed/core/lead/lead-fields';
import {
  type LoadRequest,
  leadSearchRequestSchema,
  loadLeadSchema,
  loadRequestSchema,
} from '@live-feed/dialer-simulator/api/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, EXAMPLE, misbehave, post, simulator } from '../../kit/http/client.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import { type System, startSystem } from '../../kit/system/system.ts';

/** What we send to dialing systems is what their documentation says, field by field. */

const database = useDatabase();
const redis = useRedis();
let system: System;

const WHOLE = {
  ...Object.fromEntries(FORWARDABLE.lead.map((name) => [name, `the ${name}`])),
  leadPriority: 1,
  maxPasses: 2,
  nextDialTime: '2026-12-01T09:30:00-05:00',
  extendedLeadData: { colour: 'blue' },
};

beforeAll(async () => {
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url });
});
afterAll(() => system?.stop());

describe.each([
  { family: 'ringcx' },
  { family: 'newbridge' },
  { family: 'ringcx', signsIn: 'with a JWT' },
] as const)('%j', (how) => {
  let company: Company;
  let requests: { url: string; body: unknown; headers: Record<string, string> }[];

  beforeAll(async () => {
    const leadSettings = { forward: FORWARDABLE_FIELDS, phoneFormat: 'e164' as const };
    company = await addCompany(system, { ...how, leadSettings });
    // The first answer is lost, so that there is a read-back among the requests.
    const lost = { kind: 'reset', when: 'afterStoring' };
    await misbehave(system, {
      rules: [{ on: 'upload', match: { campaignId: company.campaignId }, times: 1, fault: lost }],
    });
    for (const lead of [{ ...EXAMPLE.lead, ...WHOLE }, { leadPhone: '2125550123' }]) {
      const { campaignId, key } = company;
      const options = { ...EXAMPLE.options, dncTags: ['federal'] };
      expect((await post(system, { campaignId, lead, options }, { key })).status).toBe(200);
    }
    const sent = await simulator(system, '/requests?limit=200');
    requests = sent.requests.filter(({ url }: { url: string }) => url.includes(company.campaignId));
  });

  test('every upload and every read-back conforms to the written schema', () => {
    const kindOf = (url: string) =>
      url.includes('leadSearch') ? leadSearchRequestSchema : loadRequestSchema;
    for (const { url, body } of requests)
      expect(kindOf(url).safeParse(body)).toMatchObject({ success: true });
    const paths = requests.map(({ url }) => url.split('?')[0]?.split('/').at(-1));
    expect(paths.filter((path) => path === 'direct')).toHaveLength(2);
    expect(paths).toContain('leadSearch');
    for (const { url, body } of requests)
      if (url.includes('leadSearch')) expect(body).toMatchObject({ suppressed: 'ALL' });
    const [whole, bare] = requests
      .toReversed()
      .flatMap(({ body }) => (body as Partial<LoadRequest>).uploadLeads ?? []);
    const documented = Object.keys(whole ?? {}).concat(Object.keys(bare ?? {}));
    expect(documented).toEqual(expect.arrayContaining([...FORWARDABLE.lead, 'leadPhoneE164', 'callerId']));
  });

  test('the token goes in its header and nowhere else', () => {
    for (const { url, body, headers } of requests) {
      const [own, other] =
        'signsIn' in how ? ['authorization', 'x-auth-token'] : ['x-auth-token', 'authorization'];
      expect(headers[own]).toMatch(/^\*{3}/);
      expect(headers).not.toHaveProperty(other);
      expect(`${url}${JSON.stringify(body)}`).not.toContain('aws80');
    }
  });
});

describe('the schema is strict', () => {
  const upload = { ...EXAMPLE.options, timeZoneOption: 'NPA_NXX', uploadLeads: [EXAMPLE.lead] };

  test.each([
    ['an unknown field beside the leads', { ...upload, priority: 'HIGH' }],
    ['an unknown field of a lead', { ...upload, uploadLeads: [{ ...EXAMPLE.lead, phone: '5551234567' }] }],
    ['a phone that is a number', { ...upload, uploadLeads: [{ leadPhone: 5_551_234_567 }] }],
    ['null for an absent field', { ...upload, uploadLeads: [{ ...EXAMPLE.lead, zip: null }] }],
    ['no leads', { ...upload, uploadLeads: [] }],
  ])('the simulator refuses %s with 400', async (_case, body) => {
    const answer = await call(
      `${system.simulatorUrl}/voice/api/v1/admin/accounts/1/campaigns/1/leadLoader/direct`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-auth-token': `aws80:${crypto.randomUUID()}` },
        body: JSON.stringify(body),
      },
    );
    expect(answer.status).toBe(400);
  });

  test('and the same upload without the mistake is taken', async () => {
    expect(loadLeadSchema.safeParse(EXAMPLE.lead).success).toBe(true);
    expect(loadRequestSchema.safeParse(upload).success).toBe(true);
  });
});
