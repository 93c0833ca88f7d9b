import { parseArgs } from 'node:util';
import { buildConsole } from '@live-feed/console/console';
import { createConsoleMetrics } from '@live-feed/console/console-metrics';
import { newId } from '@live-feed/core/ids';
import { createDatabase } from '@live-feed/database/connection/client';
import { migrate } from '@live-feed/database/schema/migrate';
import { closeRedis, connectRedis, whenReady } from '@live-feed/queue/redis/redis';
import { createLogger } from '@live-feed/runtime/logging/logger';
import { createMetrics } from '@live-feed/runtime/monitoring/metrics';
import { addTestPerson, signIn } from '@live-feed/tests/kit/console/people';
import { testResources } from '@live-feed/tests/kit/console/resources';
import { runCommand } from '@live-feed/tools/run-command';
import { startServices } from '@live-feed/tools/services/services';
import pg from 'pg';
import { fillWith } from './console/many-leads.ts';
import { type Known, pagesOf } from './console/pages.ts';
import { statementStats } from './profile/statement-stats.ts';

const ROUNDS = 20;

const KNOWN = `
  SELECT companies.id AS "companyId", (SELECT id FROM leads WHERE company_id = companies.id ORDER BY id DESC LIMIT 1) AS "leadId",
    (SELECT phone FROM anis WHERE company_id = companies.id LIMIT 1) AS "callerId"
  FROM companies ORDER BY name LIMIT 1`;

// `npm run bench:console -- --leads 10000000 --companies 1000 --data-dir /tmp/many`: how long each page takes, and the dearest statements.
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
  // Servers of its own, whatever the environment names.
  const env = { PATH: process.env['PATH'] };
  const services = await owner.own(
    await startServices({ env, ...(dataDir === undefined ? {} : { dataDir }) }),
  );
  await migrate(services.databaseUrl);
  const client = new pg.Client(services.databaseUrl);
  await client.connect();
  await owner.own({ stop: () => client.end() });
  const { rows: companies } = await client.query('SELECT FROM companies LIMIT 1');
  if (companies.length === 0) {
    const crowd = { leads: Number(values.leads), companies: Number(values.companies) };
    await fillWith(client, crowd, (line) => console.error(line));
  }

  // As the console process has them.
  const database = createDatabase({
    ...{ url: services.databaseUrl, poolSize: 4, statementTimeoutMs: 10_000, connectTimeoutMs: 5_000 },
    applicationName: 'live-feed-bench',
  });
  await owner.own({ stop: () => database.$disconnect() });
  const redis = connectRedis(services.redisUrl, 'requests', () => undefined);
  await owner.own({ stop: () => closeRedis(redis) });
  await whenReady(redis, 5_000);
  const resources = testResources(database, redis);
  await owner.own({ stop: () => resources.close() });
  const app = await buildConsole({
    ...{ resources, redis, metrics: createConsoleMetrics(createMetrics()) },
    logger: createLogger({ name: 'bench', level: 'error' }),
  });
  await owner.own({ stop: () => app.close() });
  const person = { name: `bench-${newId()}`, password: 'correct horse battery' };
  await addTestPerson(database, person, 'admin');
  const headers = { ...(await signIn(app, person)), accept: 'text/html' };

  const { rows } = await client.query<Known>(KNOWN);
  const [known] = rows;
  if (known === undefined) throw new Error('There are no leads.');
  const stats = statementStats(client);
  await stats.begin();
  for (const [page, url] of pagesOf(known)) {
    const times: number[] = [];
    let bytes = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const beganAt = performance.now();
      const { statusCode, body } = await app.inject({ url, headers });
      times.push(performance.now() - beganAt);
      bytes = body.length;
      if (statusCode !== 200) throw new Error(`${url} was answered ${statusCode}.`);
    }
    times.sort((one, other) => one - other);
    const [median, most] = [times[ROUNDS / 2], times.at(-1)].map((ms) => ms?.toFixed(0).padStart(5));
    console.log(
      `${page.padEnd(36)} median ${median} ms, at most ${most} ms, ${(bytes / 1024).toFixed(0)} KiB`,
    );
  }
  for (const { statement, calls, totalMs } of await stats.end()) {
    console.log(`${(totalMs / calls).toFixed(1).padStart(8)} ms × ${calls}  ${statement.slice(0, 140)}`);
  }
});
