import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { MOST_UNDER_WAY } from '@live-feed/ingress/http/bound-pipelining';
import { afterAll, describe, expect, test } from 'vitest';
import { leadNumber } from '../kit/http/client.ts';
import { type GreedyOptions, startGreedyClients } from '../kit/http/greedy-clients.ts';
import type { Company } from '../kit/system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../kit/system/company-without-permits.ts';
import type { Queues } from '../kit/system/queues.ts';
import type { ProcessSystem } from '../kit/system/system.ts';
import { useSystem } from '../kit/system/use-system.ts';
import { waitFor } from '../kit/wait-for.ts';

/** `npm run test:fuzz`: a thousand of each kind of greed, against an ingress process of its own, and what it costs in memory. */

const TIMES = 1_000;
/** Nothing here may cost more: a bound that is missing costs many times as much. */
const MOST_MIB = 400;

let system: ProcessSystem;
let queues: Queues;
let company: Company;
let url: string;
const rows: string[] = [];

// The clients run on the same machine: nobody is to be refused because it is busy.
const environment = { INGRESS_MAX_LOOP_DELAY_MS: '0' };
useSystem({ processes: true, ingresses: 1, workers: 1, companies: 1, environment }, async (started) => {
  ({ system, queues } = started);
  const [first] = system.companies;
  if (first === undefined) throw new Error('There is no company.');
  company = first;
  url = system.ingresses.awake()[0]?.url ?? '';
  for (let n = 0; n < 50; n += 1) await submitOne(9_000_000 + n);
});
afterAll(() => {
  process.stdout.write(
    `\n${'a thousand'.padEnd(46)}MiB before, at most more, more after\n${rows.join('\n')}\n`,
  );
});

const head = (length: number, more: readonly string[] = [], { key } = company) =>
  Buffer.from(
    [
      'POST /live-feed/ringcx HTTP/1.1',
      'host: test',
      `authorization: Bearer ${key}`,
      'content-type: application/json',
      `content-length: ${length}`,
      ...more,
      '',
      '',
    ].join('\r\n'),
  );
const withBody = (body: string, sender = company) =>
  Buffer.concat([head(Buffer.byteLength(body), [], sender), Buffer.from(body)]);
const lead = (n: number, sender = company) => JSON.stringify(leadNumber(n, sender.campaignId));
const get = (path: string) =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer ${company.key}\r\n\r\n`);
const repeated = (bytes: Buffer, times: number) => Buffer.concat(Array.from({ length: times }, () => bytes));

interface Greed extends GreedyOptions {
  /** Answers to wait for; without it the clients stay until memory has been looked at for a while. */
  readonly answers?: number;
}

let nextLead = 0;
const kinds: Readonly<Record<string, () => Greed>> = {
  'bodies of 64 KiB': () => ({
    connections: TIMES,
    bytes: () => withBody(lead(nextLead++).padEnd(65_536)),
    answers: TIMES,
  }),
  'bodies of 1 MB': () => ({
    connections: TIMES,
    bytes: () => withBody(' '.repeat(1_000_000)),
    answers: TIMES,
  }),
  'bodies that nest 30,000 deep': () => ({
    connections: TIMES,
    bytes: () => withBody('['.repeat(30_000) + ']'.repeat(30_000)),
    answers: TIMES,
  }),
  'heads of 15 KB': () => ({
    connections: TIMES,
    bytes: () => Buffer.concat([head(2, [`x-large: ${'x'.repeat(15_000)}`]), Buffer.from('{}')]),
    answers: TIMES,
  }),
  'heads of 1,500 headers': () => ({
    connections: TIMES,
    bytes: () =>
      Buffer.concat([
        head(
          2,
          Array.from({ length: 1_500 }, (_, n) => `x${n}:`),
        ),
        Buffer.from('{}'),
      ]),
    answers: TIMES,
  }),
  'connections that say nothing': () => ({ connections: TIMES, bytes: () => Buffer.alloc(0) }),
  'bodies that stop after 60 KiB': () => ({
    connections: TIMES,
    bytes: () => Buffer.concat([head(65_536), Buffer.alloc(61_440, ' ')]),
  }),
  'pipelined requests on each of 10 connections': () => ({
    connections: 10,
    bytes: () => repeated(get('/live-feed/leads'), TIMES),
    answers: 10 * (MOST_UNDER_WAY + 1),
  }),
  'documents that nobody reads, on each of 20': () => ({
    connections: 20,
    bytes: () => repeated(get('/openapi.json'), TIMES),
    reads: false,
  }),
  'keys that nobody has': () => ({
    connections: TIMES,
    bytes: (n) =>
      Buffer.from(
        `GET /live-feed/leads HTTP/1.1\r\nhost: test\r\nauthorization: Bearer nobodys-key-${n}\r\n\r\n`,
      ),
    answers: TIMES,
  }),
  'campaigns that nobody has': () => ({
    connections: TIMES,
    bytes: (n) => withBody(JSON.stringify(leadNumber(n, `none-${n}`))),
    answers: TIMES,
  }),
};

describe('a thousand', () => {
  test.each(Object.entries(kinds))('%s', async (name, greed) => {
    await measure(name, greed());
  });

  test('leads that wait', async () => {
    // With room for all in the next upload: who would have to wait for the one after it is refused.
    const unserved = await addCompanyWithoutPermits(system, queues, {
      maxLeadsPerUpload: 2 * TIMES,
    });
    const queue = await queues.of(unserved);
    const bytes = () => withBody(lead(nextLead++, unserved), unserved);
    const greed = { connections: TIMES, bytes, answers: TIMES };
    await measure('leads that wait', greed, async () => {
      await waitFor(async () => (await queue.getJobCountByTypes('waiting', 'prioritized')) >= TIMES, {
        what: 'all leads in the queue',
        timeoutMs: 120_000,
      });
      await givePermits(system, queues, unserved);
    });
  });
});

/** Memory before, at most, and after; and the ingress goes on serving. */
async function measure(name: string, greed: Greed, meanwhile = async () => {}): Promise<void> {
  const before = await memoryMiB();
  const watch = watchMemory();
  const clients = await startGreedyClients(url, greed);
  try {
    await meanwhile();
    if (greed.answers === undefined) await delay(3_000);
    else await clients.answered(greed.answers);
    await submitOne(8_000_000 + rows.length);
  } finally {
    clients.leave();
    await watch.end();
  }
  const most = watch.most();
  const after = await memoryMiB();
  rows.push(
    `${name.padEnd(46)}${[before, most - before, after - before].map((mib) => String(Math.round(mib)).padStart(10)).join('')}`,
  );
  expect(most - before).toBeLessThan(MOST_MIB);
}

function watchMemory() {
  let most = 0;
  let over = false;
  const watching = (async () => {
    while (!over) {
      most = Math.max(most, await memoryMiB());
      await delay(100);
    }
  })();
  return {
    most: () => most,
    async end() {
      over = true;
      await watching;
    },
  };
}

/** While the attack is on, others are served. */
async function submitOne(n: number): Promise<void> {
  await waitFor(
    async () => {
      const response = await fetch(`${url}/live-feed/ringcx`, {
        method: 'POST',
        headers: { authorization: `Bearer ${company.key}`, 'content-type': 'application/json' },
        body: lead(n),
        signal: AbortSignal.timeout(40_000),
      });
      await response.text();
      return response.status === 200;
    },
    { what: 'somebody else’s lead', timeoutMs: 90_000, everyMs: 500 },
  );
}

/** Of the ingress. */
async function memoryMiB(): Promise<number> {
  const pid = String(system.ingresses.awake()[0]?.pid);
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', pid]);
  return Number(stdout) / 1_024;
}
