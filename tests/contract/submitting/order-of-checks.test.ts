import { issueApiKey } from '@live-feed/core/crypto/api-key';
import type { DemoKey } from '@live-feed/demo-seed/demo-companies';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXAMPLE, post, simulator } from '../../kit/http/client.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { type System, startSystem } from '../../kit/system/system.ts';

/** The API's contract, section 5: each row, and which of two comes first. */

const database = useDatabase();
const redis = useRedis();
let system: System;

beforeAll(async () => {
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url });
});
afterAll(() => system?.stop());

const BAD_BODY = { campaignId: 1 };
const BAD_PHONE = { ...EXAMPLE, lead: { leadPhone: '123' } };
const UNKNOWN_CAMPAIGN = { ...EXAMPLE, campaignId: '999999' };

interface Row {
  readonly condition: string;
  readonly key: DemoKey | 'unknown' | 'none';
  readonly body?: unknown;
  readonly status: number;
  readonly code: string;
}

const keyOf = (key: Row['key']) =>
  key === 'unknown' ? issueApiKey() : key === 'none' ? '' : system.seeded.keys[key];

async function check({ key, body = EXAMPLE, status, code }: Row): Promise<void> {
  const headers: Record<string, string> = key === 'none' ? { authorization: '' } : {};
  const answer = await post(system, body, { key: keyOf(key), headers });
  expect(answer).toMatchObject({
    status,
    body: {
      success: false,
      message: expect.stringMatching(/\.$/),
      code,
      retryable: false,
      requestId: answer.headers.get('x-request-id'),
    },
  });
  expect(answer.headers.has('x-lead-id')).toBe(false);
}

describe('each condition has its status and its code', () => {
  test.each<Row>([
    { condition: 'no key', key: 'none', status: 401, code: 'API_KEY_MISSING' },
    { condition: 'unknown key', key: 'unknown', status: 401, code: 'API_KEY_INVALID' },
    { condition: 'inactive key', key: 'inactive', status: 401, code: 'API_KEY_INACTIVE' },
    { condition: 'key of another type', key: 'notUniversal', status: 403, code: 'API_KEY_WRONG_TYPE' },
    { condition: 'validation', key: 'ringcx', body: BAD_BODY, status: 400, code: 'VALIDATION_FAILED' },
    { condition: 'phone', key: 'ringcx', body: BAD_PHONE, status: 400, code: 'PHONE_INVALID' },
    { condition: 'no dialer', key: 'noDialer', status: 400, code: 'NO_DIALER' },
    { condition: 'another family', key: 'otherFamily', status: 400, code: 'DIALER_FAMILY_UNSUPPORTED' },
    {
      condition: 'RingCX, no permanentToken',
      key: 'ringcxNoToken',
      status: 400,
      code: 'DIALER_TOKEN_MISSING',
    },
    {
      condition: 'NewBridge, no apiAuthToken',
      key: 'newbridgeNoToken',
      body: { ...EXAMPLE, campaignId: '654321' },
      status: 400,
      code: 'DIALER_TOKEN_MISSING',
    },
    {
      condition: 'unknown campaign',
      key: 'ringcx',
      body: UNKNOWN_CAMPAIGN,
      status: 404,
      code: 'CAMPAIGN_NOT_FOUND',
    },
    {
      condition: "another company's campaign",
      key: 'ringcx',
      body: { ...EXAMPLE, campaignId: '654321' },
      status: 404,
      code: 'CAMPAIGN_NOT_FOUND',
    },
  ])('$condition: $status $code', check);
});

describe('of two conditions the earlier one is told', () => {
  test.each<Row>([
    {
      condition: 'key before validation',
      key: 'unknown',
      body: BAD_BODY,
      status: 401,
      code: 'API_KEY_INVALID',
    },
    {
      condition: 'key before phone',
      key: 'inactive',
      body: BAD_PHONE,
      status: 401,
      code: 'API_KEY_INACTIVE',
    },
    {
      condition: 'key before campaign',
      key: 'unknown',
      body: UNKNOWN_CAMPAIGN,
      status: 401,
      code: 'API_KEY_INVALID',
    },
    {
      condition: 'type of key before validation',
      key: 'notUniversal',
      body: BAD_BODY,
      status: 403,
      code: 'API_KEY_WRONG_TYPE',
    },
    {
      condition: 'type of key before campaign',
      key: 'notUniversal',
      body: UNKNOWN_CAMPAIGN,
      status: 403,
      code: 'API_KEY_WRONG_TYPE',
    },
    {
      condition: 'validation before phone',
      key: 'ringcx',
      body: { lead: { leadPhone: '123' } },
      status: 400,
      code: 'VALIDATION_FAILED',
    },
    {
      condition: 'validation before dialer',
      key: 'noDialer',
      body: BAD_BODY,
      status: 400,
      code: 'VALIDATION_FAILED',
    },
    {
      condition: 'phone before dialer',
      key: 'noDialer',
      body: BAD_PHONE,
      status: 400,
      code: 'PHONE_INVALID',
    },
    {
      condition: 'phone before family',
      key: 'otherFamily',
      body: BAD_PHONE,
      status: 400,
      code: 'PHONE_INVALID',
    },
    {
      condition: 'phone before token',
      key: 'ringcxNoToken',
      body: BAD_PHONE,
      status: 400,
      code: 'PHONE_INVALID',
    },
    {
      condition: 'dialer before campaign',
      key: 'noDialer',
      body: UNKNOWN_CAMPAIGN,
      status: 400,
      code: 'NO_DIALER',
    },
    {
      condition: 'family before campaign',
      key: 'otherFamily',
      body: UNKNOWN_CAMPAIGN,
      status: 400,
      code: 'DIALER_FAMILY_UNSUPPORTED',
    },
    {
      condition: 'token before campaign',
      key: 'ringcxNoToken',
      body: UNKNOWN_CAMPAIGN,
      status: 400,
      code: 'DIALER_TOKEN_MISSING',
    },
    {
      condition: 'phone before campaign',
      key: 'ringcx',
      body: { ...UNKNOWN_CAMPAIGN, lead: { leadPhone: '123' } },
      status: 400,
      code: 'PHONE_INVALID',
    },
  ])('$condition', check);

  test('an unsupported family without a token is an unsupported family', async () => {
    await system.database.dialer.updateMany({ where: { family: 'five9' }, data: { apiAuthToken: null } });
    await check({ condition: '', key: 'otherFamily', status: 400, code: 'DIALER_FAMILY_UNSUPPORTED' });
  });
});

test.each([
  ['ringcxNoToken', '123456', ['RingCX', 'JWT credential', 'permanentToken']],
  ['newbridgeNoToken', '654321', ['NewBridge', 'apiAuthToken']],
] as const)('%s: the caller is told what the operator has to add', async (key, campaignId, words) => {
  const { body } = await post(system, { ...EXAMPLE, campaignId }, { key: system.seeded.keys[key] });
  for (const word of ['Ask the operator', 'API token', ...words]) expect(body.message).toContain(word);
  expect(body.message.includes('JWT')).toBe(key === 'ringcxNoToken');
});

test('nothing of all this reached a dialer or left a row', async () => {
  expect((await simulator(system, '/requests')).requests).toEqual([]);
  expect(await system.database.lead.count()).toBe(0);
});

test('a campaign that has just been added is found', async () => {
  const before = await post(system, UNKNOWN_CAMPAIGN);
  expect(before.status).toBe(404);
  const company = await system.database.company.findUniqueOrThrow({ where: { name: 'Demo RingCX' } });
  await system.database.campaign.create({
    data: { id: crypto.randomUUID(), companyId: company.id, campaignId: UNKNOWN_CAMPAIGN.campaignId },
  });
  await expect
    .poll(async () => (await post(system, UNKNOWN_CAMPAIGN)).status, { timeout: 30_000, interval: 200 })
    .toBe(200);
});
