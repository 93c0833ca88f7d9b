import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneDir } from '@live-feed/tools/clone';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSession } from '../../database/connection/session.ts';
import { misbehave, post } from '../../kit/http/client.ts';
import { leadIdOf, rowOf, storedLeadIds, untilState } from '../../kit/leads/lead-effects.ts';
import { adminOf } from '../../kit/processes/admin.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { Part } from '../../kit/system/parts.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** PostgreSQL comes back as it was some time ago, Redis and the dialing system as they are: docs/operations/backup.md. */

const admin = adminOf(() => system.environment);
let system: System;
let queues: Queues;
let company: Company;
let worker: Part | undefined;

const { database } = useSystem({ workers: 0, environment: { INGRESS_DEADLINE_MS: '2000' } }, (started) => {
  ({ system, queues } = started);
});
beforeEach(async () => {
  company = await addCompany(system);
});
afterEach(async () => {
  await stopWorker();
  await misbehave(system, {});
  await administer(`DROP DATABASE IF EXISTS ${backup}`);
});

/** Whose database was just taken away answers 503: nothing was taken. @returns the id of a lead that is promised, and waits */
async function promise(phone: string): Promise<string> {
  const lead = { campaignId: company.campaignId, lead: { leadPhone: phone } };
  const answer = await waitFor(async () => {
    const given = await post(system, lead, { key: company.key, headers: { prefer: 'respond-async' } });
    return given.status === 503 ? undefined : given;
  });
  expect(answer.status).toBe(202);
  return leadIdOf(answer);
}

async function startWorker(): Promise<void> {
  worker = await system.addWorker();
}

async function stopWorker(): Promise<void> {
  await worker?.stop();
  worker = undefined;
}

const nameOf = (url: string) => new URL(url).pathname.slice(1);
const backup = 'restored_database_backup';

async function administer(...statements: string[]): Promise<void> {
  const url = new URL(database.url);
  url.pathname = '/postgres';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** What is connected to the original loses its sessions, and opens others: only an unused database is copied. */
async function copyDatabase(from: string, to: string): Promise<void> {
  await waitFor(
    async () => {
      await administer(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${from}'`,
        `CREATE DATABASE "${to}" TEMPLATE "${from}"`,
      );
      return true;
    },
    { what: `a copy of ${from}` },
  );
}

const backUp = () => copyDatabase(nameOf(database.url), backup);

/** Steps 1 to 3 of the page; an ingress may go on, since nobody posts. */
async function restore(): Promise<void> {
  await stopWorker();
  await administer(`DROP DATABASE "${nameOf(database.url)}" WITH (FORCE)`);
  await copyDatabase(backup, nameOf(database.url));
  const session = await openSession(database.url);
  await session.query(await readFile(join(cloneDir, 'ops/after-restore.sql'), 'utf8'));
}

test('a lead that was queued in the backup and sent since is not sent again, and one that was not is', async () => {
  const sent = await promise('5550000001');
  const forgotten = await promise('5550000002');
  await backUp();
  // Since the backup one is delivered, and the other's job is lost.
  await (await queues.of(company)).remove(forgotten);
  await startWorker();
  await untilState(system, sent, 'ACCEPTED');
  await restore();
  await startWorker();
  const found = await untilState(system, sent, 'ACCEPTED');
  expect(found.outcomeSource).toBe('read-back');
  await untilState(system, forgotten, 'ACCEPTED');
  expect((await storedLeadIds(system, company)).toSorted()).toEqual([sent, forgotten].sort());
});

test('a lead that was parked in the backup, and retried and sent since, is not sent again by another retry', async () => {
  await misbehave(system, { rules: [{ on: 'upload', fault: { kind: 'status', status: 401 } }] });
  const parked = await promise('5550000003');
  await startWorker();
  await untilState(system, parked, 'PARKED');
  await stopWorker();
  await backUp();
  await misbehave(system, {});
  await startWorker();
  const retry = () => admin(['lead', 'retry', '--all', '--company', company.id]);
  expect(await retry()).toMatchObject({ code: 0 });
  await untilState(system, parked, 'ACCEPTED');
  await restore();
  await startWorker();
  expect(await retry()).toMatchObject({ code: 0 });
  const found = await untilState(system, parked, 'ACCEPTED');
  expect(found.outcomeSource).toBe('read-back');
  expect(await storedLeadIds(system, company)).toEqual([parked]);
});

test('of what was promised since the backup, what waits ends unsent and can be listed, and what was sent has no row', async () => {
  await backUp();
  await startWorker();
  const sent = await promise('5550000004');
  await untilState(system, sent, 'ACCEPTED');
  await stopWorker();
  const waiting = await promise('5550000005');
  const { deadline } = (await rowOf(system, waiting)) ?? {};
  await waitFor(() => deadline !== undefined && deadline < new Date());
  await restore();
  await startWorker();
  expect((await untilState(system, waiting, 'ABANDONED')).reason).toBe('DEADLINE_PASSED');
  expect(await rowOf(system, sent)).toBeNull();
  expect(await storedLeadIds(system, company)).toEqual([sent]);
});
