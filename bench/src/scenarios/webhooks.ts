import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseKeyring } from '@live-feed/core/crypto/sealing';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { issueWebhookSecret } from '@live-feed/core/webhook/webhook-settings';
import { createDatabase } from '@live-feed/database/connection/client';
import { addWebhook } from '@live-feed/database/webhooks/webhooks';
import type { Stack } from '@live-feed/tools/stack';
import type { Owner } from '@live-feed/tools/stack/owner';
import { openBed } from '../bed/bed.ts';
import { addCompanies } from '../bed/companies.ts';
import type { LoadResult } from '../load/load-plan.ts';
import { unnoticed } from '../report/verdict.ts';
import type { Scenario } from '../scenario.ts';

const DIALERS = 50;
const PER_SECOND = 100;
const DIALER_MS = 150;
const WARM_UP_MS = 5_000;

/** What leads notice of webhooks: three endpoints for each company, of which hardly one does what it should. */
export const webhooks: Scenario = {
  name: 'webhooks',
  title: 'Webhooks that misbehave',
  question: `What do ${PER_SECOND} leads/s of ${DIALERS} dialers notice of three webhooks for each company that hang, fail, drip, send too much, or work?`,
  seconds: { alone: 15, inAll: 10 },
  async run({ owner, env, seconds, say }) {
    const bed = await openBed(
      { owner, env: { ...env, WEBHOOK_ALLOW_PRIVATE: 'true' }, say },
      { dialerMs: DIALER_MS, enforceLimits: false },
    );
    const companies = await addCompanies(bed.stack, DIALERS, { keepWindows: false });
    const load = { companies, perSecond: PER_SECOND, warmupMs: WARM_UP_MS, measuredMs: seconds * 1_000 };
    say('without webhooks …');
    const alone = await bed.paced(load);
    const storm = await startStorm(owner);
    await addEndpoints(
      bed.stack,
      companies.map(({ id }) => id),
      storm.url,
    );
    say('with webhooks …');
    const beside = await bed.paced(load);
    const { rows } = await bed.database.query<{ waiting: number }>(
      'SELECT count(*)::int AS waiting FROM webhook_events',
    );
    const row = (what: string, { perSecond, p50Ms, p99Ms, errors }: LoadResult) => [
      what,
      perSecond,
      p50Ms,
      p99Ms,
      errors,
    ];
    return {
      machine: bed.machine,
      tables: [
        {
          columns: ['', 'leads/s', 'p50 ms', 'p99 ms', 'errors'],
          rows: [row('without webhooks', alone), row('beside the storm', beside)],
        },
      ],
      remarks: [
        `Deliveries by what the endpoint did: ${describe(storm.counts)}. Events that waited at the end: ${rows[0]?.waiting ?? 0}.`,
      ],
      verdicts: unnoticed(`${PER_SECOND} leads/s beside misbehaving webhooks`, alone, beside),
      facts: { alone, beside, deliveries: storm.counts },
    };
  },
};

/** What an endpoint does, by its path. */
const MANNERS: Readonly<Record<string, (response: ServerResponse) => void>> = {
  works: (response) => response.writeHead(204).end(),
  hangs: () => undefined,
  fails: (response) => response.writeHead(500).end(),
  resets: (response) => response.socket?.resetAndDestroy(),
  isHuge: (response) => {
    response.writeHead(200, { 'content-length': '1000000000' });
    response.write(Buffer.alloc(1_000_000, 'x'));
  },
  drips: (response) => {
    response.writeHead(200, { 'transfer-encoding': 'chunked' });
    const drip = setInterval(() => response.write('x'), 100);
    response.on('close', () => clearInterval(drip));
  },
};
const NAMES = Object.keys(MANNERS);

async function startStorm(
  owner: Owner,
): Promise<{ readonly url: string; readonly counts: Record<string, number> }> {
  const counts: Record<string, number> = {};
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const name = request.url?.slice(1) ?? '';
      counts[name] = (counts[name] ?? 0) + 1;
      MANNERS[name]?.(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await owner.own({
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, counts };
}

/** Three for each company, of all manners in turn. */
async function addEndpoints(
  { databaseUrl, adminEnvironment }: Stack,
  companyIds: readonly string[],
  url: string,
): Promise<void> {
  const keyring = parseKeyring(adminEnvironment['SEAL_KEYS'] ?? '');
  const database = createDatabase({
    url: databaseUrl,
    poolSize: 1,
    statementTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    applicationName: 'bench',
  });
  try {
    for (const [at, companyId] of companyIds.entries()) {
      for (let n = 0; n < 3; n += 1) {
        const name = NAMES[(3 * at + n) % NAMES.length];
        const secret = keyring.seal(issueWebhookSecret(), { companyId, column: SEALED.webhookSecret });
        const settings = { url: `${url}/${name}`, events: [], maxEvents: 1, headers: null };
        await addWebhook(database, companyId, settings, secret);
      }
    }
  } finally {
    await database.$disconnect();
  }
}

function describe(counts: Readonly<Record<string, number>>): string {
  return NAMES.map((name) => `${name} ${counts[name] ?? 0}`).join(', ');
}
