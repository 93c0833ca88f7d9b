import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, misbehave, simulator } from '../../kit/http/client.ts';
import { submit } from '../../kit/leads/lead-effects.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany, CLOSED_PORT, type Company, simulatedBaseUrl } from '../../kit/system/company.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/**
 * One lead per failure, each of a company of its own, all at once: what its caller is told is held against what the dialing
 * system has.
 */

const database = useDatabase();
const redis = useRedis();
let system: System;

interface Case {
  readonly fault: string;
  readonly rules?: readonly Rule[];
  /** Default: the simulator. */
  readonly baseUrl?: string;
  readonly expected: Expected;
}

interface Rule {
  readonly on: 'upload' | 'readBack';
  readonly times?: number;
  readonly fault: unknown;
}

interface Expected {
  readonly status: 200 | 502;
  /** Of a 502. */
  readonly code?: string;
  readonly retryable?: boolean;
  readonly dialerResponse?: unknown;
  /** Of a 200: whose answer it is. */
  readonly source?: 'answer' | 'read-back';
  /** Attempts that there must have been at least. */
  readonly attempts?: number;
}

const once = (fault: unknown): Rule => ({ on: 'upload', times: 1, fault });
const always = (fault: unknown): Rule => ({ on: 'upload', fault });
const readBack = (times: number, fault: unknown): Rule => ({ on: 'readBack', times, fault });
const before = { when: 'beforeStoring' };
const after = { when: 'afterStoring' };

const READ_BACK: Expected = { status: 200, source: 'read-back' };
const RESENT: Expected = { status: 200, source: 'answer', attempts: 2 };
const failed = (more: Partial<Expected>): Expected => ({ status: 502, retryable: true, ...more });
const malformed = (form: string, when: object) => once({ kind: 'malformed', form, ...when });
const hung = once({ kind: 'hang', ...after });
const json = { errorCode: 'internal', generalMessage: 'broken', timestamp: 1 };

const cases: readonly Case[] = [
  {
    fault: 'connections are refused until the deadline',
    baseUrl: CLOSED_PORT,
    expected: failed({ code: 'DIALER_UNREACHABLE', dialerResponse: null, attempts: 2 }),
  },
  {
    fault: 'the host has no address',
    baseUrl: 'http://nowhere.invalid/voice/api',
    expected: failed({ code: 'DIALER_UNREACHABLE', dialerResponse: null, attempts: 2 }),
  },
  {
    fault: '500 with JSON until the deadline',
    rules: [always({ kind: 'status', status: 500, body: json })],
    expected: failed({ code: 'DIALER_FAILED', dialerResponse: json, attempts: 2 }),
  },
  {
    fault: '503 with text until the deadline',
    rules: [always({ kind: 'status', status: 503, body: 'upstream is down' })],
    expected: failed({ code: 'DIALER_FAILED', dialerResponse: 'upstream is down', attempts: 2 }),
  },
  {
    fault: 'resets until the deadline',
    rules: [always({ kind: 'reset', ...before })],
    expected: failed({ code: 'DIALER_FAILED', dialerResponse: null, attempts: 2 }),
  },
  { fault: 'one 500 before storing', rules: [once({ kind: 'status', status: 500 })], expected: RESENT },
  {
    fault: 'one 503 after storing',
    rules: [once({ kind: 'status', status: 503, ...after })],
    expected: READ_BACK,
  },
  { fault: 'broken JSON after storing', rules: [malformed('brokenJson', after)], expected: READ_BACK },
  { fault: 'an answer cut short after storing', rules: [malformed('truncated', after)], expected: READ_BACK },
  { fault: 'an empty answer after storing', rules: [malformed('empty', after)], expected: READ_BACK },
  { fault: 'a page of HTML after storing', rules: [malformed('html', after)], expected: READ_BACK },
  { fault: 'other JSON after storing', rules: [malformed('otherShape', after)], expected: READ_BACK },
  { fault: 'broken JSON before storing', rules: [malformed('brokenJson', before)], expected: RESENT },
  { fault: 'a reset before storing', rules: [once({ kind: 'reset', ...before })], expected: RESENT },
  { fault: 'a reset after storing', rules: [once({ kind: 'reset', ...after })], expected: READ_BACK },
  { fault: 'no answer before storing', rules: [once({ kind: 'hang', ...before })], expected: RESENT },
  { fault: 'no answer after storing', rules: [hung], expected: READ_BACK },
  { fault: 'an answer that drips in', rules: [once({ kind: 'drip' })], expected: READ_BACK },
  {
    fault: 'a lead stored after its caller hung up',
    rules: [once({ kind: 'delay', ms: 1_200 })],
    expected: READ_BACK,
  },
  {
    fault: 'a redirect',
    rules: [once({ kind: 'redirect', location: '/elsewhere' })],
    expected: RESENT,
  },
  {
    fault: 'a read-back that fails for a while',
    rules: [hung, readBack(2, { kind: 'status', status: 500 })],
    expected: READ_BACK,
  },
  {
    fault: 'a read-back that is throttled for a while',
    rules: [hung, readBack(2, { kind: 'status', status: 429 })],
    expected: READ_BACK,
  },
  {
    fault: 'a read-back that is not answered for a while',
    rules: [hung, readBack(1, { kind: 'hang' })],
    expected: READ_BACK,
  },
  {
    fault: 'a read-back that cannot be read for a while',
    rules: [once({ kind: 'hang', ...before }), readBack(2, { kind: 'malformed', form: 'html' })],
    expected: RESENT,
  },
  {
    fault: 'a rejected lead',
    rules: [always({ kind: 'reject', message: 'Do not call' })],
    expected: { status: 502, code: 'DIALER_REJECTED', retryable: false },
  },
  {
    fault: 'an upload refused with 400',
    rules: [always({ kind: 'status', status: 400, body: json })],
    expected: { status: 502, code: 'DIALER_REJECTED', retryable: false, dialerResponse: json },
  },
];

interface Told {
  readonly company: Company;
  readonly answer: Answer;
}

const told = new Map<string, Told>();

async function submitAll(): Promise<void> {
  const companies = await Promise.all(
    cases.map(({ baseUrl }) => addCompany(system, baseUrl === undefined ? {} : { baseUrl })),
  );
  const rules = cases.flatMap(({ rules = [] }, n) =>
    rules.map((rule) => ({ ...rule, match: { campaignId: String(companies[n]?.campaignId) } })),
  );
  await misbehave(system, { rules });
  await Promise.all(
    companies.map(async (company, n) => {
      const answer = await submit(system, company, n);
      told.set(String(cases[n]?.fault), { company, answer });
    }),
  );
}

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    // Time for a second attempt of each on a busy machine.
    environment: { INGRESS_DEADLINE_MS: '20000' },
  });
  await submitAll();
});
afterAll(() => system?.stop());

function toldOf(fault: string): Told {
  const found = told.get(fault);
  if (found === undefined) throw new Error(`Nobody was told anything under "${fault}".`);
  return found;
}

describe('what a caller is told is what the dialing system has', () => {
  test.each(cases)('$fault', async ({ fault, expected }) => {
    const { company, answer } = toldOf(fault);
    const { status, code, retryable, dialerResponse, source, attempts = 1 } = expected;

    expect(answer).toMatchObject({ status });
    if (source !== undefined) expect(answer.headers.get('x-outcome-source')).toBe(source);
    if (code !== undefined) expect(answer.body).toMatchObject({ success: false, code, retryable });
    if (dialerResponse !== undefined) expect(answer.body.dialerResponse).toEqual(dialerResponse);

    const leadId = String(answer.headers.get('x-lead-id'));
    const stored = await simulator(system, `/leads?campaignId=${company.campaignId}`);
    expect(stored.leads.map(({ externId }: { externId: string }) => externId)).toEqual(
      status === 200 ? [leadId] : [],
    );
    const row = await system.database.lead.findUnique({ where: { id: leadId } });
    expect(row?.attempt).toBeGreaterThanOrEqual(attempts);
    expect(row?.promised).toBe(false);
  });

  test('nothing is stored twice, and no redirect is followed', async () => {
    const { duplicateExternIds, requests } = await simulator(system, '/stats');
    expect(duplicateExternIds.total).toBe(0);
    expect(requests.other).toBe(0);
  });

  test('a dialer that comes back before the deadline takes the lead after all', async () => {
    const company = await addCompany(system, { baseUrl: CLOSED_PORT });
    const answering = submit(system, company, 1);
    const tried = { companyId: company.id, attempt: { gte: 1 } };
    await waitFor(() => system.database.lead.findFirst({ where: tried }), { what: 'the first attempt' });
    await system.database.dialer.update({
      where: { id: company.dialerId },
      data: { baseUrl: simulatedBaseUrl(system) },
    });
    expect((await answering).status).toBe(200);
    const stored = await simulator(system, `/leads?campaignId=${company.campaignId}`);
    expect(stored.total).toBe(1);
  });
});
