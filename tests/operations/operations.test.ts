import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildProgram } from '@live-feed/admin/program';
import { createConsoleMetrics } from '@live-feed/console/console-metrics';
import { createIngressMetrics } from '@live-feed/ingress/ingress-metrics';
import { createMetrics } from '@live-feed/runtime/monitoring/metrics';
import { observePool, observeStores } from '@live-feed/runtime/monitoring/store-metrics';
import { cloneDir } from '@live-feed/tools/clone';
import { observeLanes } from '@live-feed/worker/lane/lane-metrics';
import { createAlertMetrics } from '@live-feed/worker/metrics/alert-metrics';
import { observeSignIns } from '@live-feed/worker/metrics/sign-ins';
import { createWebhookMetrics } from '@live-feed/worker/metrics/webhook-metrics';
import { createWorkerMetrics } from '@live-feed/worker/metrics/worker-metrics';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readComposeFile } from '../compose/compose-file.ts';

/** What wakes somebody: an alert on a metric that nobody counts would never do so. */

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    readonly runbook_url: string;
  };
}

const read = (path: string) => readFile(join(cloneDir, path), 'utf8');
const { groups } = parse(await read('ops/alerts.yml')) as { groups: { rules: Alert[] }[] };
const alerts = groups.flatMap(({ rules }) => rules);
const runbook = await read('docs/operations/alerts.md');
const monitoring = await read('docs/operations/monitoring.md');
const operations = (await readdir(join(cloneDir, 'docs/operations'))).map(
  (name) => `docs/operations/${name}`,
);

/** Of all processes, as Prometheus would see them. */
function metricNames(): Set<string> {
  const [ingress, worker, console] = [createMetrics(), createMetrics(), createMetrics()];
  createIngressMetrics(
    ingress,
    () => 0,
    () => 0,
  );
  createConsoleMetrics(console);
  observeStores(console, { postgresql: () => true, redis: () => true });
  observePool(console, () => ({ busy: 0, idle: 0, waiting: 0 }));
  createWorkerMetrics(worker, () => undefined);
  createWebhookMetrics(worker);
  createAlertMetrics(worker);
  observeSignIns(worker, { warn: () => {} });
  observeLanes(worker, {
    families: () => new Map(),
    backlog: () => undefined,
    lanes: () => 0,
    pausedCampaigns: () => 0,
    heldUntil: new Map(),
    underVerification: () => 0,
    figures: () => ({ parked: new Map(), aniCapsUsed: new Map() }),
    now: () => 0,
  });
  return new Set([ingress, worker, console].flatMap((metrics) => metrics.names()));
}

/** The ids that GitHub gives headings. */
function anchors(markdown: string): Set<string> {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe('ops/alerts.yml', () => {
  test('there is an alert for everything that wakes somebody', () => {
    expect(alerts.length).toBeGreaterThan(10);
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });

  test('each is tried by promtool', async () => {
    const cases = await read('ops/alerts.test.yml');
    expect(alerts.filter(({ alert }) => !cases.includes(alert))).toEqual([]);
  });

  test.each(alerts)('$alert looks at metrics that exist', ({ expr }) => {
    const names = metricNames();
    const asked = [...expr.matchAll(/\b(?:live_feed|nodejs|process)_\w+/g)].map(([name]) => name);
    const unknown = asked.filter((name) => !names.has(name.replace(/_(?:bucket|count|sum)$/, '')));
    expect(unknown).toEqual([]);
    expect(asked.length > 0 || /\bup\b/.test(expr)).toBe(true);
  });

  test.each(alerts)(
    '$alert says what is wrong, how bad it is, and where to read on',
    ({ labels, annotations }) => {
      expect(['page', 'ticket']).toContain(labels.severity);
      expect(annotations.summary).not.toBe('');
      expect(annotations.description).not.toBe('');
      const [file, anchor = ''] = annotations.runbook_url.split('#');
      expect(file).toBe('docs/operations/alerts.md');
      expect(anchors(runbook)).toContain(anchor);
    },
  );
});

test('the pages name metrics that exist', () => {
  const names = metricNames();
  const named = [...(monitoring + runbook).matchAll(/`((?:live_feed|nodejs|process)_\w+)/g)].map(
    ([, name = '']) => name,
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !names.has(name.replace(/_(?:bucket|count|sum)$/, '')))).toEqual([]);
});

test('monitoring.md describes every metric of ours', () => {
  const own = [...metricNames()].filter((name) => name.startsWith('live_feed_'));
  expect(own.filter((name) => !monitoring.includes(`\`${name}`))).toEqual([]);
});

test('the pages use commands and options of the admin command line that exist', async () => {
  const pages = await Promise.all([...operations, 'docs/admin.md'].map(read));
  const typed = [...pages.join('\n').matchAll(/[`\n]admin ([a-z]+) ([a-z]+)\b([^`\n]*)/g)];
  expect(typed.length).toBeGreaterThan(30);
  for (const [text, group = '', name = '', rest = ''] of typed) {
    const options = [...rest.matchAll(/--[a-z-]+/g)].map(([option]) => option);
    expect([text, optionsOf(group, name)]).toEqual([text, expect.arrayContaining(options)]);
  }
});

const { commands } = await buildProgram(async () => undefined);

/** @returns undefined where there is no such command */
function optionsOf(group: string, name: string): (string | undefined)[] | undefined {
  const command = commands.find((one) => one.name() === group)?.commands.find((one) => one.name() === name);
  return command && [...command.options.map(({ long }) => long), '--help'];
}

test('Prometheus is pointed at the ports that Compose gives the processes', async () => {
  const { scrape_configs: jobs } = parse(await read('ops/prometheus.yml')) as {
    scrape_configs: { job_name: string; dns_sd_configs: { names: string[]; port: number }[] }[];
  };
  const { services } = readComposeFile({
    POSTGRES_PASSWORD: 'p',
    REDIS_PASSWORD: 'p',
    SEAL_KEYS: 'k',
    PHONE_DIGEST_SECRET: 's',
    POSTGRES_APP_PASSWORD: 'a',
    CONSOLE_PASSWORD: 'p',
  });
  const ports = jobs.map(({ job_name, dns_sd_configs: [target] }) => {
    const name = job_name.replace('live-feed-', '');
    const configured = services[name]?.environment?.[`${name.toUpperCase()}_METRICS_PORT`];
    return { name, names: target?.names, port: target?.port, configured };
  });
  expect(ports.map(({ name }) => name)).toEqual(['ingress', 'worker', 'console']);
  for (const { name, names, port, configured } of ports) {
    expect([name, names, port]).toEqual([name, [name], configured]);
  }
});
