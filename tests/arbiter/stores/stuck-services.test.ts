import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../kit/http/client.ts';
import { leadIdOf, rowOf, storedLeadIds, submit } from '../../kit/leads/lead-effects.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../../kit/system/company-without-permits.ts';
import { openQueues, type Queues } from '../../kit/system/queues.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** Services that stop answering in the middle of a lead's way, and go on later with what they were told meanwhile. */

const database = useDatabase();
const redis = useRedis();
let system: System;
let queues: Queues;
let logged: string[] = [];

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    environment: { INGRESS_DEADLINE_MS: '8000' },
    onLog: (line) => logged.push(line),
  });
  queues = await openQueues(system);
});
afterAll(async () => {
  await queues?.close();
  await system?.stop();
});

/** A company whose key and campaign the ingress has just looked up. */
async function knownCompany(): Promise<Company> {
  const company = await addCompany(system);
  expect((await submit(system, company, 0)).status).toBe(200);
  logged = [];
  return company;
}

const untilLogged = (text: string) =>
  waitFor(() => logged.some((line) => line.includes(text)), { what: `"${text}" in the log` });

/** Nobody gets at the rows meanwhile: every statement runs into its time-out. */
function whileRowsAreStuck<T>(work: () => Promise<T>): Promise<T> {
  return system.database.$transaction(
    async (transaction) => {
      await transaction.$executeRaw`LOCK TABLE leads IN ACCESS EXCLUSIVE MODE`;
      return work();
    },
    { timeout: 50_000 },
  );
}

async function expectNeverStored(answer: Answer, company: Company): Promise<void> {
  const queue = await queues.of(company);
  await waitFor(async () => ['completed', 'unknown'].includes(await queue.getJobState(leadIdOf(answer))), {
    what: 'the end of the job',
  });
  expect(await storedLeadIds(system, company)).not.toContain(leadIdOf(answer));
}

describe('what was told while a service was stuck is true when it goes on', () => {
  test('Redis takes the job after its ingress has given up: nothing is sent', async () => {
    const company = await knownCompany();
    redis.server.freeze();
    const answer = await submit(system, company, 1).finally(redis.server.thaw);
    expect(answer).toMatchObject({ status: 503, body: { code: 'QUEUE_UNAVAILABLE', retryable: true } });
    // A busy machine may find Redis silent before the lead has an id.
    if (answer.headers.has('x-lead-id'))
      expect((await rowOf(system, leadIdOf(answer)))?.state).toBe('ABANDONED');
    await expectNeverStored(answer, company);
  });

  test('nor can the rows be reached: the lead is waited for, and delivered once', async () => {
    const company = await knownCompany();
    const answering = await whileRowsAreStuck(async () => {
      redis.server.freeze();
      const answer = submit(system, company, 1);
      await untilLogged('a lead could not be given back').finally(redis.server.thaw);
      return { answer };
    });
    const answer = await answering.answer;
    expect(answer.status).toBe(200);
    expect((await storedLeadIds(system, company)).filter((id) => id === leadIdOf(answer))).toHaveLength(1);
  });

  test('the rows cannot be reached at the deadline: a lead that no worker has touched is given back', async () => {
    const company = await addCompanyWithoutPermits(system, queues);
    const answer = await whileRowsAreStuck(() => submit(system, company, 1));
    expect(answer).toMatchObject({ status: 503, body: { code: 'GIVEN_BACK', retryable: true } });
    await givePermits(system, queues, company);
    await expectNeverStored(answer, company);
  });
});
