import { createHash } from 'node:crypto';
import { AREA_CODES_IN_SERVICE } from '@live-feed/core/caller-id/places';
import { newId } from '@live-feed/core/ids';
import { createDatabase, type Database } from '@live-feed/database/connection/client';
import { intend } from '@live-feed/database/leads/intend';
import { migrate } from '@live-feed/database/schema/migrate';
import { ensureDatabase } from '@live-feed/tools/services/databases';
import { startPostgres } from '@live-feed/tools/services/postgres';
import type { Owner } from '@live-feed/tools/stack/owner';
import { Client } from 'pg';
import { median } from '../figures/median.ts';
import { type StatementCost, statementStats } from '../profile/statement-stats.ts';
import { serverVersion } from '../usage/machine.ts';

const UPLOADS = 100;
const WARM_UP = 20;
const LEADS = 500;
const ANIS = 2_000;

/** In PostgreSQL, of the median upload of so many, microseconds a lead. */
export interface AssignmentTime {
  readonly leadsPerUpload: number;
  readonly anis: number;
  /** Reading what is chosen from. */
  readonly read: number;
  /** Writing the intent, of a company with ANIs and of one without. */
  readonly write: number;
  readonly writeWithout: number;
  /** What ANIs cost: reading, and what writing takes longer for them. */
  readonly assignment: number;
  /** Its version. */
  readonly postgres: string;
}

/** Begins uploads of new leads as the worker does, with durable commits. */
export async function measureAssignment(owner: Owner): Promise<AssignmentTime> {
  const server = await owner.own(await startPostgres({ durable: true }));
  const url = await ensureDatabase(server.url, 'bench');
  await migrate(url);
  const database = await openDatabase(owner, url);
  const client = new Client({ connectionString: url, query_timeout: 30_000 });
  await client.connect();
  await owner.own({ stop: () => client.end() });

  const begin = async (companyId: string) => {
    const upload = { id: newId(), companyId, dialerId: companyId, campaignId: '1' };
    const leads = Array.from({ length: LEADS }, (_, n) => newLead(upload, n));
    await intend(database, { sendWindowMs: 2_000, absenceAfterMs: 13_000 }, [
      { ...upload, sentTo: 'ringcx https://dialer.test 1', leads },
    ]);
  };
  // By turns, so that noise hits both alike.
  const companies = { without: await addCompany(database, 0), having: await addCompany(database, ANIS) };
  await client.query('ANALYZE');
  const costs = { without: [] as Cost[], having: [] as Cost[] };
  for (let n = -WARM_UP; n < UPLOADS; n += 1) {
    for (const which of ['without', 'having'] as const) {
      const stats = statementStats(client);
      await stats.begin();
      await begin(companies[which]);
      if (n >= 0) costs[which].push(costOf(await stats.end()));
    }
  }
  const micros = (of: readonly number[]) => (median(of) * 1_000) / LEADS;
  const read = micros(costs.having.map((cost) => cost.readMs));
  const write = micros(costs.having.map((cost) => cost.writeMs));
  const writeWithout = micros(costs.without.map((cost) => cost.writeMs));
  const assignment = read + write - writeWithout;
  const postgres = await serverVersion(client);
  return { leadsPerUpload: LEADS, anis: ANIS, read, write, writeWithout, assignment, postgres };
}

interface Cost {
  readonly readMs: number;
  readonly writeMs: number;
}

function costOf(statements: readonly StatementCost[]): Cost {
  const timeOf = (part: string) =>
    statements
      .filter(({ statement }) => statement.includes(part))
      .reduce((sum, { totalMs }) => sum + totalMs, 0);
  return { readMs: timeOf('candidates AS'), writeMs: timeOf('INSERT INTO leads') };
}

async function openDatabase(owner: Owner, url: string): Promise<Database> {
  const database = createDatabase({
    url,
    poolSize: 1,
    statementTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    applicationName: 'bench',
  });
  await owner.own({ stop: () => database.$disconnect() });
  return database;
}

async function addCompany(database: Database, anis: number): Promise<string> {
  const companyId = newId();
  // Without a cap that would keep the ANIs from being used again and again.
  await database.company.create({ data: { id: companyId, name: companyId, aniDailyCap: 1_000_000 } });
  await database.ani.createMany({
    data: Array.from({ length: anis }, (_, n) => ({
      id: newId(),
      companyId,
      phone: phoneNumber(n, 2_000_000),
    })),
  });
  return companyId;
}

/** All over the country. */
function phoneNumber(n: number, first: number): string {
  return `${AREA_CODES_IN_SERVICE[n % AREA_CODES_IN_SERVICE.length]}${first + n}`;
}

let nextPhone = 0;

function newLead(
  { companyId, dialerId, campaignId }: { companyId: string; dialerId: string; campaignId: string },
  n: number,
) {
  const now = Date.now();
  const phone = phoneNumber(nextPhone++ % 1_000_000, 5_000_000);
  const job = {
    v: 1 as const,
    leadId: newId(now),
    ...{ companyId, dialerId, campaignId },
    // As long as a sealed lead of ordinary fields is.
    payload: 'x'.repeat(600 + (n % 100)),
    phoneDigest: createHash('sha256').update(`${companyId} ${phone}`).digest('hex'),
    phoneLast2: phone.slice(-2),
    replyTo: '',
    receivedAtMs: now,
    deadlineMs: now + 25_000,
    expiresAtMs: now + 86_400_000,
  };
  return { job, toCall: { phone } };
}
