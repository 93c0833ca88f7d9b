import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneDir } from '@live-feed/tools/clone';
import { expect, test } from 'vitest';
import { openSession } from '../database/session.ts';
import { post } from '../support/client.ts';
import { addCompany, type Company } from '../support/company.ts';
import { leadIdOf, rowOf, storedLeadIds, untilState } from '../support/lead-effects.ts';
import type { Queues } from '../support/queues.ts';
import type { System } from '../support/system.ts';
import { useSystem } from '../support/use-system.ts';

/** PostgreSQL comes back as it was some time ago, Redis and the dialing system as they are: docs/operations.md, "Backup and restore". */

let system: System;
let queues: Queues;
let company: Company;

const { database } = useSystem({ workers: 0 }, async (started) => {
  ({ system, queues } = started);
  company = await addCompany(system);
});

/** @returns the id of a lead that is promised, and waits */
async function promise(phone: string): Promise<string> {
  const answer = await post(
    system,
    { campaignId: company.campaignId, lead: { leadPhone: phone } },
    { key: company.key, headers: { prefer: 'respond-async' } },
  );
  expect(answer.status).toBe(202);
  return leadIdOf(answer);
}

test('a lead that was queued in the backup and sent since is not sent again, and one that was not is', async () => {
  const session = await openSession(database.url);
  const sent = await promise('5550000001');
  const forgotten = await promise('5550000002');
  await session.query('CREATE TABLE backup AS TABLE leads');
  // Since the backup one is delivered, and the other's job is lost.
  await (await queues.of(company)).remove(forgotten);
  const worker = await system.addWorker();
  await untilState(system, sent, 'ACCEPTED');
  await worker.stop();
  await session.query('TRUNCATE leads');
  await session.query('INSERT INTO leads SELECT * FROM backup');
  expect((await rowOf(system, sent))?.state).toBe('QUEUED');

  await session.query(await readFile(join(cloneDir, 'ops/after-restore.sql'), 'utf8'));
  await system.addWorker();
  const found = await untilState(system, sent, 'ACCEPTED');
  expect(found.outcomeSource).toBe('read-back');
  await untilState(system, forgotten, 'ACCEPTED');
  expect((await storedLeadIds(system, company)).toSorted()).toEqual([sent, forgotten].sort());
});
