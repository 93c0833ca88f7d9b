import { loadAnswerSchema } from '@live-feed/dialer-simulator/api/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, EXAMPLE, misbehave, post, simulator, uploadOf } from '../../kit/http/client.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany } from '../../kit/system/company.ts';
import { type System, startSystem } from '../../kit/system/system.ts';

/** The API's contract, section 5, 502: the dialer's own words reach the caller. `tests/arbiter` has the failures that are retried. */

const database = useDatabase();
const redis = useRedis();
let system: System;

interface Case {
  readonly fault: string;
  readonly answer: { readonly kind: 'status'; readonly status: number; readonly body: unknown };
  readonly code: string;
  readonly retryable: boolean;
}

const ERROR = {
  errorCode: 'x',
  generalMessage: 'No.',
  timestamp: 1,
  details: [null, { deep: [1.5, '"é"'] }],
  empty: '',
};
const status = (code: number, body: unknown = ERROR) => ({ kind: 'status' as const, status: code, body });

const cases: readonly Case[] = [
  ...[400, 413, 422].map((refusal) => ({
    fault: `HTTP ${refusal}`,
    answer: status(refusal),
    code: 'DIALER_REJECTED',
    retryable: false,
  })),
  // Not in the dialer's own words: something in front of it may have answered, and the lead is tried again until the deadline.
  { fault: 'HTTP 400 with text', answer: status(400, 'Bad lead'), code: 'DIALER_FAILED', retryable: true },
  {
    fault: 'HTTP 400 with a list',
    answer: status(400, [1, 'two', null]),
    code: 'DIALER_FAILED',
    retryable: true,
  },
  { fault: 'HTTP 401', answer: status(401, 'Jwt is expired'), code: 'DIALER_TOKEN_REFUSED', retryable: true },
  { fault: 'HTTP 403', answer: status(403), code: 'DIALER_TOKEN_REFUSED', retryable: true },
  { fault: 'HTTP 404', answer: status(404), code: 'DIALER_CAMPAIGN_UNKNOWN', retryable: false },
  { fault: 'HTTP 500', answer: status(500), code: 'DIALER_FAILED', retryable: true },
];

const told = new Map<string, { readonly answer: Answer; readonly campaignId: string }>();

async function submitAll(): Promise<void> {
  const companies = await Promise.all(cases.map(() => addCompany(system)));
  await misbehave(system, {
    rules: cases.map(({ answer }, n) => ({
      on: 'upload',
      match: { campaignId: companies[n]?.campaignId ?? '' },
      fault: answer,
    })),
  });
  await Promise.all(
    companies.map(async ({ key, campaignId }, n) => {
      const answer = await post(system, { ...EXAMPLE, campaignId }, { key });
      told.set(cases[n]?.fault ?? '', { answer, campaignId });
    }),
  );
}

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    environment: { INGRESS_DEADLINE_MS: '15000' },
  });
  await submitAll();
});
afterAll(() => system?.stop());

describe('HTTP failure of the lead loader', () => {
  test.each(cases)(
    '$fault: 502 $code, with its body as it is',
    async ({ fault, answer: sent, code, retryable }) => {
      const { answer, campaignId } = told.get(fault) ?? {};
      const leadId = answer?.headers.get('x-lead-id');
      expect(answer).toMatchObject({
        status: 502,
        body: { success: false, message: expect.stringMatching(/\.$/), code, retryable, leadId },
      });
      expect(answer?.body.dialerResponse).toEqual(sent.body);
      expect((await simulator(system, `/leads?campaignId=${campaignId}`)).total).toBe(0);
    },
  );
});

describe('leadsAccepted 0', () => {
  test.each([
    ['the rejected row in full', 'full', 1],
    ['a row with the phone only', 'phone', 1],
    ['a row that tells nothing', 'anonymous', 1],
    ['no row at all', 'none', 0],
  ])('%s: 502, dialerResponse unchanged', async (_case, row, rows) => {
    const { key, campaignId } = await addCompany(system);
    const reject = { kind: 'reject', message: 'Number is on a do-not-call list', row };
    await misbehave(system, { rules: [{ on: 'upload', match: { campaignId }, fault: reject }] });
    const answer = await post(system, { ...EXAMPLE, campaignId }, { key });
    expect(answer).toMatchObject({
      status: 502,
      body: { success: false, code: 'DIALER_REJECTED', retryable: false },
    });
    const { dialerResponse } = answer.body;
    // Nothing left out, nothing added: the simulator's answers have exactly these members.
    expect(loadAnswerSchema.parse(dialerResponse)).toEqual(dialerResponse);
    expect(dialerResponse).toMatchObject({ leadsSupplied: 1, leadsAccepted: 0, processingResult: 'Failed' });
    expect(dialerResponse.rejectedRows).toHaveLength(rows);
    if (row === 'full') {
      const { uploadLeads } = await uploadOf(system, answer.headers.get('x-lead-id'));
      const [rejected] = dialerResponse.rejectedRows;
      expect(rejected.message).toBe(reject.message);
      expect(rejected.rowData.toSorted()).toEqual(Object.values(uploadLeads[0]).toSorted());
    }
  });
});

test('accepted but not inserted, a duplicate say, is the success that the dialer calls it', async () => {
  const { key, campaignId } = await addCompany(system);
  await misbehave(system, {
    rules: [{ on: 'upload', match: { campaignId }, fault: { kind: 'acceptedNotInserted' } }],
  });
  expect(await post(system, { ...EXAMPLE, campaignId }, { key })).toMatchObject({
    status: 200,
    body: { success: true, dialerResponse: { leadsAccepted: 1, leadsInserted: 0 } },
  });
});
