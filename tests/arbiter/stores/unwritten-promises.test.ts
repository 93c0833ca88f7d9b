import type { EmbeddedPostgres } from '@live-feed/tools/services/postgres';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../kit/http/client.ts';
import { leadIdOf, rowOf, storedLeadIds, submit, untilState } from '../../kit/leads/lead-effects.ts';
import { startTestPostgres } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../../kit/system/company-without-permits.ts';
import { openQueues, type Queues } from '../../kit/system/queues.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** PostgreSQL does not write at the deadline, or nobody hears of it: what callers are told of their leads is true all the same. */

const redis = useRedis();
let postgres: EmbeddedPostgres & { readonly databaseUrl: string };
let system: System;
let queues: Queues;

beforeAll(async () => {
  postgres = await startTestPostgres();
  system = await startSystem({
    databaseUrl: postgres.databaseUrl,
    redisUrl: redis.url,
    workers: 0,
    environment: { INGRESS_DEADLINE_MS: '15000' },
  });
  queues = await openQueues(system);
});
afterAll(async () => {
  await queues?.close();
  await system?.stop();
  await postgres?.stop();
});

const CALLERS = 10;

interface Waiting {
  readonly company: Company;
  readonly answers: Promise<Answer[]>;
}

/** Callers that wait for leads which nobody serves, or whose intents cannot be written. */
async function waitingCallers(company: Company): Promise<Waiting> {
  const answers = Promise.all(Array.from({ length: CALLERS }, (_, n) => submit(system, company, n)));
  const queue = await queues.of(company);
  await waitFor(async () => (await queue.getJobCountByTypes('wait', 'delayed', 'active')) === CALLERS, {
    what: 'leads in the queue',
  });
  return { company, answers };
}

async function execute(...statements: string[]): Promise<void> {
  const client = new pg.Client(postgres.databaseUrl);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

async function restart(): Promise<void> {
  await waitFor(() => postgres.restart().then(() => true), { what: 'the start of PostgreSQL', everyMs: 200 });
}

function expectGivenBack(answers: readonly Answer[]): void {
  for (const answer of answers) {
    expect(answer).toMatchObject({
      status: 503,
      body: { success: false, code: 'GIVEN_BACK', retryable: true },
    });
  }
}

/** Nobody was told that these are kept, and nobody sends them. */
async function expectNothingTaken({ company, answers }: Waiting): Promise<void> {
  expectGivenBack(await answers);
  const queue = await queues.of(company);
  expect(await queue.getJobCountByTypes('wait', 'delayed', 'active')).toBe(0);
  expect(await storedLeadIds(system, company)).toEqual([]);
  const rows = await system.database.lead.findMany({ where: { companyId: company.id } });
  expect(rows.filter(({ promised }) => promised)).toEqual([]);
}

describe('what could be neither sent nor written is told as given back', () => {
  test('PostgreSQL is killed before the deadline, and nobody serves the queue', async () => {
    const waiting = await waitingCallers(await addCompany(system));
    await postgres.kill();
    expectGivenBack(await waiting.answers);
    await restart();
    await expectNothingTaken(waiting);
  });

  test('PostgreSQL reads, and does not write', async () => {
    const waiting = await waitingCallers(await addCompany(system));
    const name = 'default_transaction_read_only';
    await execute(`ALTER SYSTEM SET ${name} = on`, 'SELECT pg_reload_conf()');
    try {
      expectGivenBack(await waiting.answers);
    } finally {
      await execute(`SET ${name} = off`, `ALTER SYSTEM RESET ${name}`, 'SELECT pg_reload_conf()');
    }
    await expectNothingTaken(waiting);
  });

  test('a worker had the leads, and could not begin them', async () => {
    const company = await waitFor(() => addCompany(system), { what: 'a database that takes writes' });
    await system.addWorker();
    const client = new pg.Client(postgres.databaseUrl);
    client.on('error', () => {}); // it is killed
    await client.connect();
    await client.query('BEGIN; LOCK TABLE anis IN ACCESS EXCLUSIVE MODE');
    const waiting = await waitingCallers(company);
    const queue = await queues.of(company);
    await waitFor(
      async () => {
        const jobs = await queue.getJobs(['wait', 'delayed', 'active']);
        return jobs.every(({ attemptsStarted }) => attemptsStarted > 0);
      },
      { what: 'a worker that takes them all' },
    );
    await postgres.kill();
    expectGivenBack(await waiting.answers);
    await restart();
    await expectNothingTaken(waiting);
  });
});

/** A promise that is committed so much later than it is carried out, like one that waits for a standby. */
async function commitLate(company: Company, seconds: number): Promise<void> {
  const name = `late_${company.campaignId}`;
  await execute(`
    CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(${seconds}); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER ${name} AFTER INSERT ON leads DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.promised AND NEW.campaign_id = '${company.campaignId}') EXECUTE FUNCTION ${name}()`);
}

async function expectDeliveredOnce(answer: Answer, company: Company): Promise<void> {
  await givePermits(system, queues, company);
  await untilState(system, leadIdOf(answer), 'ACCEPTED');
  expect(await storedLeadIds(system, company)).toEqual([leadIdOf(answer)]);
}

/** Whatever the caller is told is true; false if that was that nothing is known. */
async function isSeenInTime(told: number, headers: Record<string, string>): Promise<boolean> {
  const company = await addCompanyWithoutPermits(system, queues);
  // Longer than an answer is waited for.
  await commitLate(company, 1.7);
  const answer = await submit(system, company, 1, headers);
  expect(answer.status).toBe(told);
  const isSeen = answer.body.code !== 'OUTCOME_UNKNOWN';
  if (isSeen) {
    if (told === 504) expect(answer.body.code).toBe('OUTCOME_PENDING');
    expect((await rowOf(system, leadIdOf(answer)))?.promised).toBe(true);
  }
  await expectDeliveredOnce(answer, company);
  return isSeen;
}

describe('a promise that is committed although its answer does not arrive', () => {
  test.each([
    { told: 504, headers: {} },
    { told: 202, headers: { prefer: 'respond-async' } },
    { told: 202, headers: { prefer: 'respond-async', 'idempotency-key': 'one' } },
  ])('is seen before its caller is answered: $told to $headers', async ({ told, headers }) => {
    // On a busy machine it may be seen only after its caller had to be answered.
    let isSeen = false;
    for (let attempt = 0; attempt < 5 && !isSeen; attempt += 1) isSeen = await isSeenInTime(told, headers);
    expect(isSeen).toBe(true);
  });

  test('later than its caller can be told: neither "kept" nor "given back", and it is delivered', async () => {
    const company = await addCompanyWithoutPermits(system, queues);
    await commitLate(company, 8);
    const answer = await submit(system, company, 1);
    const leadId = leadIdOf(answer);
    expect(answer).toMatchObject({
      status: 504,
      body: { code: 'OUTCOME_UNKNOWN', retryable: false, leadId, statusUrl: `/live-feed/leads/${leadId}` },
    });
    expect((await waitFor(() => rowOf(system, leadId)))?.promised).toBe(true);
    await expectDeliveredOnce(answer, company);
  });
});
