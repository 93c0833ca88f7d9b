import { pauseCampaign, resumeCampaign } from '@live-feed/database/pauses/campaign-pauses';
import { Client } from 'pg';
import type { Company } from '../../kit/system/company.ts';
import { type Fault, pick } from '../fault.ts';
import type { TestedSystem } from '../system/tested-system.ts';
import { untilUploading } from './processes.ts';

export const campaignFaults: readonly Fault[] = [
  {
    name: 'campaign-paused',
    what: 'campaigns paused and resumed, a worker killed and Redis restarted meanwhile',
    target: 'workers',
    async strike({ system, companies, random }) {
      const { database, workers } = system;
      const paused = companies.slice(0, 2);
      for (const [n, { id, campaignId }] of paused.entries()) {
        const kind = n === 0 ? 'refuse' : 'keep';
        await pauseCampaign(database, id, campaignId, { kind, forMs: null, because: null });
      }
      const sinceMs = await databaseNowMs(system);
      await untilUploading(system);
      await workers.kill(pick(random, workers.awake(), 'worker'));
      await system.redis.restart();
      await workers.fill(2);
      return async () => {
        const begun = await uploadsBegun(system, paused, sinceMs);
        for (const { id, campaignId } of paused) await resumeCampaign(database, id, campaignId);
        if (begun > 0) throw new Error(`${begun} uploads of paused campaigns began.`);
      };
    },
  },
];

async function databaseNowMs(system: TestedSystem): Promise<number> {
  const [row] = await ask<{ now: Date }>(system, 'SELECT clock_timestamp() AS now');
  return row?.now.getTime() ?? Number.NaN;
}

/** Since that moment, on the database's clock. */
async function uploadsBegun(
  system: TestedSystem,
  companies: readonly Company[],
  sinceMs: number,
): Promise<number> {
  const [row] = await ask<{ count: number }>(
    system,
    'SELECT count(*)::int AS count FROM uploads WHERE dialer_id = ANY($1::uuid[]) AND started_at > $2',
    [companies.map(({ dialerId }) => dialerId), new Date(sinceMs)],
  );
  return row?.count ?? Number.NaN;
}

async function ask<Row extends object>(
  { databaseUrl }: TestedSystem,
  query: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return (await client.query<Row>(query, values)).rows;
  } finally {
    await client.end();
  }
}
