import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildSimulator } from './simulator.ts';
import { errorAnswerSchema, foundLeadSchema, loadAnswerSchema } from './wire.ts';

const TOKEN = 'aws80:4f1f1f0e-6d5c-4b3a-9a2b-1c0d9e8f7a6b';
const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

let app: FastifyInstance;

beforeEach(() => {
  app = buildSimulator({ clock: () => NOW_MS });
});
afterEach(() => app.close());

function upload(
  leads: object[],
  { base = '/voice/api', token = TOKEN, campaignId = '123', ...options } = {},
) {
  return app.inject({
    method: 'POST',
    url: `${base}/v1/admin/accounts/99/campaigns/${campaignId}/leadLoader/direct`,
    headers: { 'x-auth-token': token },
    payload: {
      dialPriority: 'IMMEDIATE',
      duplicateHandling: 'RETAIN_ALL',
      listState: 'ACTIVE',
      timeZoneOption: 'NPA_NXX',
      ...options,
      uploadLeads: leads,
    },
  });
}

async function control(path: string) {
  return (await app.inject({ url: `/simulator/${path}` })).json();
}

describe('direct load', () => {
  test('answers as documented and keeps what it was given', async () => {
    const lead = { externId: 'a', leadPhone: '5551234567', callerId: '3055550100', firstName: 'Jane' };
    const response = await upload([lead]);
    expect(response.statusCode).toBe(200);
    expect(loadAnswerSchema.parse(response.json())).toMatchObject({
      message: 'Your uploaded lead list has successfully completed processing',
      leadsSupplied: 1,
      leadsAccepted: 1,
      leadsInserted: 1,
      processingResult: 'OK',
      processingStatus: 'DEFAULT_NOT_A_FAILURE',
      rejectedRows: [],
    });
    const { total, leads } = await control('leads?campaignId=123&externId=a&phone=5551234567');
    expect(total).toBe(1);
    expect(leads[0]).toMatchObject({
      ...lead,
      family: 'ringcx',
      accountId: '99',
      campaignId: '123',
      options: { dialPriority: 'IMMEDIATE', duplicateHandling: 'RETAIN_ALL' },
      loadedDts: '2026-01-02T03:04:05.000Z',
    });
  });
});

describe('read-back', () => {
  test('shows the leads of the campaign by externId', async () => {
    await upload([
      { externId: 'a', leadPhone: '5551234567', callerId: '3055550100' },
      { externId: 'b', leadPhone: '5551234568' },
    ]);
    const response = await app.inject({
      method: 'POST',
      url: '/voice/api/v1/admin/accounts/99/campaignLeads/leadSearch?page=1&maxRows=10',
      headers: { 'x-auth-token': TOKEN },
      payload: { campaignIds: [123], externIds: ['b', 'c'] },
    });
    expect(response.statusCode).toBe(200);
    const leads = foundLeadSchema.array().parse(response.json());
    expect(leads.map((lead) => lead.externId)).toEqual(['b']);
  });
});

test('refuses a request without a token', async () => {
  const response = await upload([], { token: '' });
  expect(response.statusCode).toBe(401);
  expect(errorAnswerSchema.parse(response.json()).timestamp).toBe(NOW_MS);
});
