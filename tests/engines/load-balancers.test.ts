import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneDir } from '@live-feed/tools/clone';
import { freePort } from '@live-feed/tools/services/free-port';
import { type SupervisedService, supervise } from '@live-feed/tools/services/supervise';
import { type AppProcess, startApp } from '@live-feed/tools/stack/app-process';
import { afterAll, describe, expect, test } from 'vitest';
import { call } from '../kit/http/client.ts';
import { scrape } from '../kit/http/scrape.ts';
import { waiting } from '../kit/load/callers.ts';
import { startLoad } from '../kit/load/load.ts';
import type { ProcessSystem } from '../kit/system/system.ts';
import { useSystem } from '../kit/system/use-system.ts';
import { waitFor } from '../kit/wait-for.ts';
import { program } from './program.ts';

/** The files of deploy/, as they are but for their ports: a rolling restart behind them, under load, fails no request. */

const CALLERS = 4;
/** What a machine that is too busy for its stores answers, stopping or not: nothing was taken. Its callers come again. */
const STORE_IS_LATE = /^503 (DATABASE|QUEUE)_UNAVAILABLE/;

let system: ProcessSystem;
let folder: string;
const opened: { stop(): Promise<unknown> }[] = [];

// The drain and the grace are what ingresses have by default. The callers run on the same machine: nobody is to be refused because it is busy.
const environment = { INGRESS_DRAIN_MS: '', STOP_GRACE_MS: '', INGRESS_MAX_LOOP_DELAY_MS: '0' };
useSystem({ processes: true, ingresses: 0, workers: 2, companies: 4, environment }, async (started) => {
  ({ system } = started);
  folder = await mkdtemp(join(tmpdir(), 'live-feed-balancer-'));
});
afterAll(async () => {
  for (const service of opened.reverse()) await service.stop();
  await rm(folder, { recursive: true, force: true });
});

async function startIngress(port: number): Promise<AppProcess> {
  const env = { PATH: process.env['PATH'], ...system.environment, INGRESS_PORT: String(port) };
  const ingress = await startApp({ name: 'ingress', app: 'ingress', env, log: () => {} });
  opened.push(ingress);
  return ingress;
}

/** A file of deploy/ with other ports. */
async function configuration(path: string, ports: Readonly<Record<string, number>>): Promise<string> {
  let text = await readFile(join(cloneDir, 'deploy', path), 'utf8');
  for (const [written, port] of Object.entries(ports)) {
    expect(text).toContain(written);
    const [, word = ''] = /^([a-z]+ )/.exec(written) ?? [];
    text = text.replace(written, `${word}127.0.0.1:${port}${written.endsWith(';') ? ';' : ''}`);
  }
  return text;
}

type Balancer = (ports: { readonly own: number; readonly ingresses: readonly [number, number] }) => Promise<{
  readonly command: string;
  readonly args: readonly string[];
}>;

const balancers: Readonly<Record<string, Balancer>> = {
  async haproxy({ own, ingresses: [first, second] }) {
    const file = join(folder, 'haproxy.cfg');
    const text = await configuration('haproxy/live-feed.cfg', {
      'bind :80': own,
      '127.0.0.1:3000': first,
      '127.0.0.1:3010': second,
    });
    await writeFile(file, text);
    return { command: await program('haproxy'), args: ['-db', '-f', file] };
  },
  async nginx({ own, ingresses: [first, second] }) {
    const file = join(folder, 'nginx.conf');
    const text = await configuration('nginx/live-feed.conf', {
      'listen 80;': own,
      '127.0.0.1:3000': first,
      '127.0.0.1:3010': second,
    });
    const around = `daemon off; pid ${folder}/nginx.pid; error_log stderr; events {} http { access_log off; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; ${text}}`;
    await writeFile(file, around);
    return { command: await program('nginx'), args: ['-p', folder, '-e', 'stderr', '-c', file] };
  },
};

async function startBalancer(name: string, ports: Parameters<Balancer>[0]): Promise<SupervisedService> {
  const { command, args } = await (balancers[name] as Balancer)(ports);
  const service = await supervise({
    name,
    command,
    args,
    env: process.env,
    cwd: folder,
    stopSignal: 'SIGTERM',
    graceMs: 5_000,
    onLine: () => {},
  });
  opened.push(service);
  return service;
}

/** The balancer sends it requests. */
async function untilUsed({ metricsUrl }: AppProcess): Promise<void> {
  await waitFor(
    async () => {
      const scraped = await scrape(metricsUrl ?? '');
      return [...scraped].some(
        ([name, count]) =>
          name.startsWith('live_feed_requests_total{route="/live-feed/ringcx",status="200"') && count > 0,
      );
    },
    { what: 'requests for the new ingress', timeoutMs: 60_000 },
  );
}

describe.each(Object.keys(balancers))('behind %s', (name) => {
  test('a rolling restart under load fails no request', async () => {
    const ingressPorts = [await freePort(), await freePort()] as const;
    const own = await freePort();
    const ingresses = [await startIngress(ingressPorts[0]), await startIngress(ingressPorts[1])];
    const balancer = await startBalancer(name, { own, ingresses: ingressPorts });
    const url = `http://127.0.0.1:${own}`;
    await waitFor(async () => (await call(`${url}/readyz`)).status === 200, { what: name });
    const load = startLoad({
      ingresses: () => [{ pid: balancer.pid, url }],
      companies: system.companies,
      callers: Array.from({ length: CALLERS }, () => waiting),
    });
    for (const ingress of ingresses) await untilUsed(ingress);
    for (const [at, old] of ingresses.entries()) {
      old.signal('SIGTERM');
      expect(await old.exited).toEqual({ code: 0, signal: null });
      await untilUsed(await startIngress(ingressPorts[at] ?? 0));
    }
    await load.stop();
    const answers = load.asked.map(({ answer }) => `${answer?.status} ${answer?.code}`);
    expect(answers.length).toBeGreaterThan(CALLERS);
    expect(answers.filter((answer) => answer !== '200 null' && !STORE_IS_LATE.test(answer))).toEqual([]);
  });
});
