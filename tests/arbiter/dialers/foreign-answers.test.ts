import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, leadNumber, misbehave, simulator } from '../../kit/http/client.ts';
import { leadIdOf, rowOf, storedLeadIds, submit, untilState } from '../../kit/leads/lead-effects.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import { openQueues, type Queues } from '../../kit/system/queues.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/**
 * Answers that are not what they seem: pages of something in front of the dialing system, answers that contradict themselves, that are
 * encoded, or too much of a good thing. What a caller is told is held against what the dialing system has.
 */

const database = useDatabase();
const redis = useRedis();
let system: System;
let queues: Queues;

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    environment: { INGRESS_DEADLINE_MS: '20000' },
  });
  queues = await openQueues(system);
  await prepare();
});
afterAll(async () => {
  await queues?.close();
  await system?.stop();
});

const before = { when: 'beforeStoring' };
const after = { when: 'afterStoring' };
const altered = (members: object, when: object) => ({ kind: 'altered', members, ...when });
const verbatim = (body: string, more: object = {}) => ({ kind: 'verbatim', body, ...more });

const FAILED = { leadsInserted: 0, processingResult: 'FAILED', processingStatus: 'GENERAL_FAILURE' };
const EXACT =
  ' {"leadsAccepted" : 1.0,\t"id":9007199254740993,"b":-0,"a":1e400,"a":"\\u0041\\/","leadsInserted":1}\n';

interface Case {
  readonly fault: object;
  readonly times?: number;
  readonly status: 200 | 502;
  readonly code?: string;
  readonly source: 'answer' | 'read-back';
  /** Of the answer, if it is told. */
  readonly told?: object;
}

/** One lead each, of a company of its own, all at once. */
const cases: Readonly<Record<string, Case>> = {
  'gzip unasked': { fault: { kind: 'encoded' }, status: 200, source: 'answer' },
  'brotli unasked': { fault: { kind: 'encoded', coding: 'br' }, status: 200, source: 'answer' },
  'a coding that nobody knows': {
    fault: { kind: 'encoded', coding: 'unknown' },
    status: 200,
    source: 'read-back',
  },
  'a bomb': { fault: { kind: 'encoded', coding: 'bomb' }, status: 200, source: 'read-back' },
  'nested 10,000 deep': {
    fault: { kind: 'bloated', form: 'nested', count: 10_000 },
    status: 200,
    source: 'read-back',
  },
  '24,000 rows': {
    fault: { kind: 'bloated', form: 'rows', count: 24_000 },
    status: 200,
    source: 'read-back',
  },
  'taken, and failed, and there': {
    fault: altered(FAILED, after),
    status: 200,
    source: 'read-back',
    told: { leadsAccepted: 1, ...FAILED },
  },
  'taken, and failed, and not there': {
    fault: altered(FAILED, before),
    status: 502,
    code: 'DIALER_REJECTED',
    source: 'read-back',
    told: { leadsAccepted: 1, ...FAILED },
  },
  'another number supplied, and not there': {
    fault: altered({ leadsSupplied: 2 }, before),
    status: 502,
    code: 'DIALER_REJECTED',
    source: 'read-back',
    told: { leadsSupplied: 2 },
  },
  'refused, and inserted, and there': {
    fault: altered({ leadsAccepted: 0, leadsInserted: 1 }, after),
    status: 200,
    source: 'read-back',
    told: { leadsAccepted: 0 },
  },
  'a page once': { fault: { kind: 'page', status: 404 }, times: 1, status: 200, source: 'answer' },
  'a page though it was taken': {
    fault: { kind: 'page', status: 403, ...after },
    status: 200,
    source: 'read-back',
  },
  'a page with status 200 once': {
    fault: { kind: 'page', status: 200 },
    times: 1,
    status: 200,
    source: 'answer',
  },
  'a 429 page though it was taken': {
    fault: { kind: 'page', status: 429, retryAfter: 1, ...after },
    times: 1,
    status: 200,
    source: 'read-back',
  },
  'other JSON with 403 once': {
    fault: { kind: 'status', status: 403, body: { message: 'Forbidden' } },
    times: 1,
    status: 200,
    source: 'answer',
  },
};

const told = new Map<string, { readonly company: Company; readonly answer: Answer }>();
let troubled: Company;
let exact: Company;
let forAWhile: Company;
let always: Company;

async function prepare(): Promise<void> {
  [troubled, exact, forAWhile, always] = await Promise.all([
    addCompany(system, { maxLeadsPerUpload: 100 }),
    addCompany(system),
    addCompany(system),
    addCompany(system),
  ]);
  const companies = await Promise.all(Object.keys(cases).map(() => addCompany(system)));
  const match = ({ campaignId }: Company) => ({ campaignId });
  await misbehave(system, {
    rules: [
      {
        on: 'upload',
        match: { ...match(troubled), phone: '5550000007' },
        fault: { kind: 'page', status: 403 },
      },
      { on: 'upload', match: match(exact), fault: verbatim(EXACT) },
      { on: 'upload', match: match(forAWhile), times: 3, fault: { kind: 'page', status: 404 } },
      { on: 'upload', match: match(always), fault: { kind: 'page', status: 403 } },
      ...Object.values(cases).map(({ fault, times }, n) => ({
        on: 'upload',
        match: match(companies[n] ?? always),
        ...(times !== undefined && { times }),
        fault,
      })),
    ],
  });
  await Promise.all(
    Object.keys(cases).map(async (name, n) => {
      const company = companies[n] ?? always;
      const answer = await submit(system, company, n);
      told.set(name, { company, answer });
    }),
  );
}

test.each(Object.entries(cases))('%s: the caller gets the truth', async (name, expected) => {
  const { company, answer } = told.get(name) ?? {};
  if (company === undefined || answer === undefined) throw new Error('Nobody was told anything.');
  expect(answer).toMatchObject({ status: expected.status });
  expect(answer.headers.get('x-outcome-source')).toBe(expected.source);
  if (expected.code !== undefined) expect(answer.body).toMatchObject({ code: expected.code });
  if (expected.told !== undefined) expect(answer.body.dialerResponse).toMatchObject(expected.told);
  expect(await storedLeadIds(system, company)).toEqual(expected.status === 200 ? [leadIdOf(answer)] : []);
});

describe('a firewall that does not like the text of one lead', () => {
  test('refuses that lead, and none of the 23 that shared its upload', async () => {
    const answers = await postTogether(
      troubled,
      Array.from({ length: 24 }, (_, n) => n),
    );
    const poison = answers.splice(7, 1)[0];
    expect(poison).toMatchObject({ status: 502, body: { code: 'DIALER_FAILED', retryable: true } });
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect((await storedLeadIds(system, troubled)).toSorted()).toEqual(answers.map(leadIdOf).toSorted());
    // Some of them were in one upload with it.
    const { requests } = await simulator(system, '/requests?limit=200');
    const together = requests.filter(
      ({ url, body }: { url: string; body: { uploadLeads?: { leadPhone: string }[] } }) =>
        url.includes(`/campaigns/${troubled.campaignId}/`) &&
        (body.uploadLeads?.length ?? 0) > 1 &&
        body.uploadLeads?.some(({ leadPhone }) => leadPhone === '5550000007'),
    );
    expect(together.length).toBeGreaterThan(0);
    expect((await queues.standing(troubled)).reason).not.toBe('token_refused');
  });

  test('holds the dialer as failing if it likes none', async () => {
    const answers = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map((n) => submit(system, always, n, { prefer: 'respond-async' })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    const standing = await waitFor(
      async () => {
        const now = await queues.standing(always);
        return now.heldForMs > 0 && now;
      },
      { what: 'the hold', everyMs: 20, timeoutMs: 45_000 },
    );
    expect(standing.reason).toBe('failing');
    for (const answer of answers) {
      expect(['QUEUED', 'SENDING', 'UNKNOWN']).toContain((await rowOf(system, leadIdOf(answer)))?.state);
    }
  });
});

test('a 404 of something in front rejects no promised lead', async () => {
  const answers = await Promise.all(
    [1, 2, 3, 4].map((n) => submit(system, forAWhile, n, { prefer: 'respond-async' })),
  );
  await Promise.all(answers.map((answer) => untilState(system, leadIdOf(answer), 'ACCEPTED')));
  expect((await storedLeadIds(system, forAWhile)).toSorted()).toEqual(answers.map(leadIdOf).toSorted());
});

test("the dialer's JSON is told byte for byte: at once, to a repetition, and by the lead's status", async () => {
  const { key, campaignId } = exact;
  const url = `${system.ingresses[0]?.url}`;
  const send = () =>
    fetch(`${url}/live-feed/ringcx`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'idempotency-key': 'exact',
      },
      body: JSON.stringify(leadNumber(1, campaignId)),
    });
  const first = await send();
  expect(await first.text()).toBe(`{"success":true,"dialerResponse":${EXACT}}`);
  const again = await send();
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(await again.text()).toBe(`{"success":true,"dialerResponse":${EXACT}}`);
  const status = await fetch(`${url}/live-feed/leads/${first.headers.get('x-lead-id')}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(await status.text()).toContain(`,"dialerResponse":${EXACT}}`);
});

/** While the dialer is held leads wait; once it is let go they leave together. */
async function postTogether(company: Company, numbers: readonly number[]): Promise<Answer[]> {
  const health = createDialerHealth(queues.redis);
  const address = dialerAddress(
    await system.database.dialer.findUniqueOrThrow({ where: { id: company.dialerId } }),
  );
  await health.throttled(address, 10_000);
  const answering = numbers.map((n) => submit(system, company, n));
  const queue = await queues.of(company);
  await waitFor(async () => (await queue.getWaitingCount()) >= numbers.length, { what: 'all leads to wait' });
  await health.release(address);
  return Promise.all(answering);
}
