import { parseArgs } from 'node:util';
import { createDatabase } from '@live-feed/database/connection/client';
import { migrate } from '@live-feed/database/schema/migrate';
import { overviewShow } from '@live-feed/operations/overview/overview';
import { perform } from '@live-feed/operations/perform';
import type { Resources } from '@live-feed/operations/resources';
import { closeRedis, connectRedis, whenReady } from '@live-feed/queue/redis/redis';
import { runCommand } from '@live-feed/tools/run-command';
import { startServices } from '@live-feed/tools/services/services';
import pg from 'pg';
import { fillWith } from './console/many-leads.ts';
import { statementStats } from './profile/statement-stats.ts';

const ROUNDS = 20;

// `npm run bench:console -- --leads 10000000 --companies 1000 --data-dir /tmp/many`: how long the overview takes, and its statements.
// The data are made once, which takes some minutes, and kept in `--data-dir`.
await runCommand(async (owner) => {
  const { values } = parseArgs({
    options: {
      leads: { type: 'string', default: '10000000' },
      companies: { type: 'string', default: '1000' },
      'data-dir': { type: 'string' },
    },
  });
  const dataDir = values['data-dir'];
  const services = await owner.own(
    await startServices({ env: {}, ...(dataDir === undefined ? {} : { dataDir }) }),
  );
  await migrate(services.databaseUrl);
  const client = new pg.Client(services.databaseUrl);
  await client.connect();
  await owner.own({ stop: () => client.end() });
  const { rows } = await client.query<{ id: string }>('SELECT id FROM companies ORDER BY name');
  if (rows.length === 0) {
    const crowd = { leads: Number(values.leads), companies: Number(values.companies) };
    await fillWith(client, crowd, (line) => console.error(line));
    rows.push(...(await client.query<{ id: string }>('SELECT id FROM companies ORDER BY name')).rows);
  }

  // As the console has them.
  const database = createDatabase({
    ...{ url: services.databaseUrl, poolSize: 2, statementTimeoutMs: 30_000, connectTimeoutMs: 5_000 },
    applicationName: 'live-feed-bench',
  });
  await owner.own({ stop: () => database.$disconnect() });
  const redis = connectRedis(services.redisUrl, 'requests', () => undefined);
  await owner.own({ stop: () => closeRedis(redis) });
  await whenReady(redis, 5_000);
  const resources = { database, redis: async () => redis } as unknown as Resources;
  const actor = { id: null, name: 'bench', via: 'console', from: 'here', role: 'viewer' } as const;
  const stats = statementStats(client);
  await stats.begin();
  for (const [whose, companyId] of [
    ['all companies', null],
    ['the largest company', rows[0]?.id ?? null],
  ] as const) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const beganAt = performance.now();
      await perform({ actor: { ...actor, companyId }, resources }, overviewShow, {});
      times.push(performance.now() - beganAt);
    }
    times.sort((one, other) => one - other);
    const [median, most] = [times[ROUNDS / 2], times.at(-1)].map((ms) => ms?.toFixed(0));
    console.log(`overview of ${whose}: median ${median} ms, at most ${most} ms`);
  }
  for (const { statement, calls, totalMs } of await stats.end()) {
    console.log(`${(totalMs / calls).toFixed(1).padStart(8)} ms  ${statement.slice(0, 140)}`);
  }
});
