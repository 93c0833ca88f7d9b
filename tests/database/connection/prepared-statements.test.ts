import { newId } from '@live-feed/core/ids';
import { findLeads } from '@live-feed/database/leads/lead-rows';
import { expect, onTestFinished, test } from 'vitest';
import { connectDatabase, useDatabase } from '../../kit/services/database.ts';
import { leadOf, promiseOne } from '../leads/leads.ts';
import { openSession } from './session.ts';

const server = useDatabase();

test('a connection plans a statement once, and goes on when a migration adds a column meanwhile', async () => {
  const database = connectDatabase(server.url, 1);
  onTestFinished(() => database.$disconnect());
  const company = await database.company.create({ data: { name: 'Prepared', id: newId() } });
  const lead = leadOf({ companyId: company.id, dialerId: newId(), campaignId: '77' });
  await promiseOne(database, lead);
  await promiseOne(database, lead);
  const prepared = await database.$queryRaw<
    { statement: string }[]
  >`SELECT statement FROM pg_prepared_statements`;
  expect(prepared.filter(({ statement }) => statement.includes('INSERT INTO leads'))).toHaveLength(1);

  const migration = await openSession(server.url);
  await migration.query("ALTER TABLE leads ADD COLUMN of_the_next_release text NOT NULL DEFAULT ''");
  await migration.query('ALTER TABLE companies ADD COLUMN of_the_next_release text');
  expect(await promiseOne(database, lead)).toMatchObject({ id: lead.leadId, state: 'QUEUED' });
  expect(await findLeads(database, [lead.leadId])).toMatchObject([{ id: lead.leadId }]);
  expect(await database.company.findUnique({ where: { id: company.id } })).toEqual(company);
});
