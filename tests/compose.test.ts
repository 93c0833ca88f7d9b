import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { adminEnvironment } from '@live-feed/admin/environment';
import { consoleEnvironment } from '@live-feed/console/environment';
import { demoSeedEnvironment } from '@live-feed/demo-seed/environment';
import { simulatorEnvironment } from '@live-feed/dialer-simulator/environment';
import { ingressEnvironment } from '@live-feed/ingress/environment';
import { migrateEnvironment } from '@live-feed/migrate/environment';
import { readEnvironment } from '@live-feed/runtime/configuration/environment';
import { cloneDir } from '@live-feed/tools/clone';
import { workerEnvironment } from '@live-feed/worker/environment';
import { describe, expect, test } from 'vitest';
import {
  type ComposeService,
  composeDurationMs,
  composeText,
  interpolate,
  memoryBytes,
  readComposeFile,
} from './compose/compose-file.ts';

/** What somebody who starts the system has to choose. */
const chosen = {
  POSTGRES_PASSWORD: 'postgrespassword',
  POSTGRES_APP_PASSWORD: 'apppassword',
  REDIS_PASSWORD: 'redispassword',
  SEAL_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
  PHONE_DIGEST_SECRET: 'a secret of at least thirty-two characters',
  CONSOLE_PASSWORD: 'correct horse battery',
};

const { services, volumes } = readComposeFile(chosen);
const dockerfile = readFileSync(join(cloneDir, 'Dockerfile'), 'utf8');

function service(name: string): ComposeService {
  const found = services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service "${name}".`);
  return found;
}

const isOurs = (image: string) => image.startsWith('live-feed:');

/** What of ours a service starts. */
function startedFiles({ image, command = [], entrypoint = [] }: ComposeService): string[] {
  return !isOurs(image) ? [] : [...entrypoint, ...command].filter((word) => word.endsWith('.ts'));
}

/** As the process in the container finds it. */
function environmentOf(name: string, values = chosen): Record<string, string> {
  const entries = Object.entries(readComposeFile(values).services[name]?.environment ?? {});
  return Object.fromEntries(entries.map(([variable, value]) => [variable, String(value)]));
}

const processes = [
  {
    name: 'ingress',
    schema: ingressEnvironment,
    port: 'INGRESS_PORT',
    host: 'INGRESS_HOST',
    metrics: 'INGRESS_METRICS',
  },
  { name: 'worker', schema: workerEnvironment, port: undefined, host: undefined, metrics: 'WORKER_METRICS' },
  {
    name: 'console',
    schema: consoleEnvironment,
    port: 'CONSOLE_PORT',
    host: 'CONSOLE_HOST',
    metrics: 'CONSOLE_METRICS',
  },
  { name: 'simulator', schema: simulatorEnvironment, port: 'PORT', host: 'HOST', metrics: undefined },
] as const;

const listening = processes.flatMap(({ name, port, host }) =>
  port === undefined ? [] : [{ name, port, host }],
);

describe('the environment', () => {
  for (const { name, schema } of processes) {
    test(`${name} is given every variable it requires, each of its kind`, () => {
      expect(() => readEnvironment(schema, environmentOf(name))).not.toThrow();
    });

    test(`${name} is given no variable that it does not know`, () => {
      const unknown = Object.keys(environmentOf(name)).filter((variable) => !(variable in schema.shape));
      expect(unknown).toEqual([]);
    });

    test(`${name} has the time for an ordered stop`, () => {
      const { STOP_GRACE_MS } = readEnvironment(schema, environmentOf(name));
      const gracePeriodMs = composeDurationMs(service(name).stop_grace_period ?? '10s');
      expect(gracePeriodMs).toBeGreaterThan(STOP_GRACE_MS);
    });
  }

  test.each([
    { name: 'admin', schema: adminEnvironment, chosenToo: {} },
    { name: 'migrate', schema: migrateEnvironment, chosenToo: {} },
    { name: 'seed', schema: demoSeedEnvironment, chosenToo: { DEMO_KEY_SECRET: 'of the demo only' } },
  ])('$name is given what it requires, and nothing that it does not know', ({ name, schema, chosenToo }) => {
    const given = environmentOf(name, { ...chosen, ...chosenToo });
    expect(() => readEnvironment(schema, given)).not.toThrow();
    expect(Object.keys(given).filter((variable) => !(variable in schema.shape))).toEqual([]);
  });

  test.each(Object.keys(chosen))('without %s nothing starts, and Compose says so', (name) => {
    expect(() => interpolate(composeText(), { ...chosen, [name]: '' })).toThrow(`${name}: `);
  });

  test('URLs lead to services of the file, but for those of RingCentral', () => {
    const urls = Object.values(services)
      .flatMap(({ environment }) => Object.values(environment ?? {}))
      .filter((value): value is string => typeof value === 'string' && URL.canParse(value))
      .filter((value) => value.includes('://'));
    expect(urls.length).toBeGreaterThan(0);
    const outside = ['platform.ringcentral.com', 'ringcx.ringcentral.com'];
    for (const url of urls) expect([...Object.keys(services), ...outside]).toContain(new URL(url).hostname);
    expect(environmentOf('seed')['SIMULATOR_URL']).toBe(
      `http://simulator:${environmentOf('simulator')['PORT']}`,
    );
  });
});

describe('ports', () => {
  test.each(listening)('$name is published and checked on the port it listens on', ({ name, port, host }) => {
    const { ports = [], healthcheck } = service(name);
    const listensOn = environmentOf(name)[port];
    expect(environmentOf(name)[host]).toBe('0.0.0.0');
    expect(ports.map((published) => published.split(':').at(-1))).toEqual([listensOn]);
    expect(healthcheck?.test.join(' ')).toContain(`http://127.0.0.1:${listensOn}/`);
  });

  test('only callers are let in from outside', () => {
    const published = Object.entries(services).flatMap(([name, { ports = [] }]) =>
      ports.filter((port) => !port.startsWith('127.0.0.1:')).map(() => name),
    );
    expect(published).toEqual(['ingress']);
  });
});

describe('metrics', () => {
  for (const { name, metrics } of processes) {
    if (metrics === undefined) continue;
    test(`those of ${name} are there for Prometheus on the inner network, and for nobody outside`, () => {
      const environment = environmentOf(name);
      expect(environment[`${metrics}_HOST`]).toBe('0.0.0.0');
      const port = environment[`${metrics}_PORT`];
      expect(port).toMatch(/^\d+$/);
      const published = Object.values(services).flatMap(({ ports = [] }) => ports);
      expect(published.filter((mapping) => mapping.endsWith(`:${port}`))).toEqual([]);
    });
  }

  test('a worker, which publishes no port, is checked on its own', () => {
    const check = service('worker').healthcheck?.test.join(' ');
    expect(check).toContain(`http://127.0.0.1:${environmentOf('worker')['WORKER_METRICS_PORT']}/healthz`);
  });
});

describe('stores', () => {
  test('Redis forgets no job: everything is written to disk, and nothing is evicted', () => {
    const command = service('redis').command?.join(' ');
    expect(command).toContain('--appendonly yes');
    expect(command).toContain('--maxmemory-policy noeviction');
    expect(command).toContain(`--requirepass ${chosen.REDIS_PASSWORD}`);
  });

  test('Redis refuses before it is killed: with twice its memory, for a file that is written anew, it is within its limit', () => {
    const { command = [], mem_limit = '' } = service('redis');
    const maxmemory = command[command.indexOf('--maxmemory') + 1] ?? '';
    expect(memoryBytes(mem_limit)).toBeGreaterThan(2 * memoryBytes(maxmemory));
  });

  test('only migrate owns the tables: everybody else connects as another role, that migrate makes', () => {
    const users = Object.entries(services).flatMap(([name, { environment = {} }]) =>
      Object.entries(environment)
        .filter(([variable]) => variable.endsWith('DATABASE_URL'))
        .map(([variable, url]) => [name, variable, new URL(String(url)).username]),
    );
    const { POSTGRES_USER } = environmentOf('postgres');
    expect(users.filter(([, , user]) => user === POSTGRES_USER)).toEqual([
      ['migrate', 'DATABASE_URL', POSTGRES_USER],
    ]);
    expect(users.length).toBeGreaterThan(5);
    const others = Object.keys(services).filter(
      (name) => 'DATABASE_URL' in environmentOf(name) && name !== 'migrate',
    );
    for (const name of others)
      expect(environmentOf(name)['DATABASE_URL']).toBe(environmentOf('migrate')['APP_DATABASE_URL']);
  });

  test('nobody can take all of the memory or the disk of the machine', () => {
    for (const [name, { mem_limit = '', logging }] of Object.entries(services)) {
      expect([name, memoryBytes(mem_limit)]).toEqual([name, expect.any(Number)]);
      expect([name, logging?.options['max-size'], logging?.options['max-file']]).toEqual([name, '10m', '5']);
    }
  });

  test.each(['postgres', 'redis'])('%s keeps its data in a volume', (name) => {
    const [volume] = service(name).volumes ?? [];
    expect(Object.keys(volumes)).toContain(volume?.split(':')[0]);
  });
});

describe('order', () => {
  test.each(['ingress', 'worker', 'console'])(
    '%s starts on migrated tables and stores that answer',
    (name) => {
      expect(service(name).depends_on).toEqual({
        migrate: { condition: 'service_completed_successfully' },
        postgres: { condition: 'service_healthy' },
        redis: { condition: 'service_healthy' },
      });
    },
  );

  test('every service that another waits for has a health check, or ends', () => {
    for (const { depends_on = {} } of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        if (condition === 'service_healthy') expect(service(name).healthcheck).toBeDefined();
        else expect(service(name).restart).toBeUndefined();
      }
    }
  });

  test('what is meant to stay up is started again', () => {
    for (const name of ['postgres', 'redis', 'ingress', 'worker', 'console']) {
      expect(service(name).restart).toBe('unless-stopped');
    }
  });

  test('a worker that dies leaves another one', () => {
    expect(service('worker').deploy?.replicas).toBe(2);
  });

  test('nothing of the demo starts without its profile', () => {
    const optional = Object.keys(services).filter((name) => service(name).profiles?.includes('demo'));
    expect(optional.sort()).toEqual(['seed', 'simulator']);
  });
});

describe('documented commands', () => {
  const operations = readdirSync(join(cloneDir, 'docs/operations')).map((name) => `docs/operations/${name}`);
  const pages = ['README.md', 'docs/admin.md', ...operations];
  const text = pages
    .map((page) => readFileSync(join(cloneDir, page), 'utf8').replaceAll(/\\\n\s*/g, ''))
    .join('\n');
  const commands = [...text.matchAll(/docker compose ((?:[^`\n|&#]|\|\|)+)/g)].map(([, command = '']) =>
    command.trim(),
  );

  test('name services that there are', () => {
    const named = commands.flatMap((command) => {
      const words = command.split(' ').filter((word) => !word.startsWith('-') && word !== 'demo');
      const [verb, ...rest] = words;
      if (verb === 'run' || verb === 'exec') return rest.slice(0, 1);
      return ['ps', 'stop', 'logs'].includes(verb ?? '') ? rest.filter((word) => !/^\d+$/.test(word)) : [];
    });
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((name) => !(name in services))).toEqual([]);
    const scaled = commands.flatMap((command) =>
      [...command.matchAll(/--scale (\w+)=/g)].map(([, name]) => name),
    );
    expect(scaled.filter((name) => name === undefined || !(name in services))).toEqual([]);
  });

  test('that are given something as standard input pass it on', () => {
    const given = commands.filter((command) => command.includes(' < '));
    expect(given.length).toBeGreaterThan(1);
    for (const command of [...given, ...commands.filter((one) => / run .*\badmin\b/.test(` ${one}`))])
      expect([command, / -T /.test(command)]).toEqual([command, true]);
  });

  test('of the command line name no file: its container sees none', () => {
    const { volumes = [] } = service('admin');
    expect(volumes).toEqual([]);
    const files = [...text.matchAll(/\badmin .*?(?:--token-file|--key-file|ani import "[^"]+") (\S+)/g)].map(
      ([, file]) => file,
    );
    expect(files.length).toBeGreaterThan(2);
    expect(files.filter((file) => file !== '-')).toEqual([]);
  });
});

describe('images', () => {
  test('are pinned to a release', () => {
    for (const { image } of Object.values(services)) {
      if (!isOurs(image)) expect(image).toMatch(/:\d+\.\d+/);
    }
    expect(dockerfile.match(/^FROM (?!\$\{NODE_IMAGE\}|manifests).*/gm)).toBeNull();
  });

  test('one service builds ours, and nobody asks a registry for it', () => {
    const ours = Object.entries(services).filter(([, { image }]) => isOurs(image));
    const built = ours.filter(([, { build }]) => build !== undefined).map(([name]) => name);
    expect(built).toEqual(['migrate']);
    for (const [name, { pull_policy }] of ours)
      expect([name, pull_policy]).toEqual([name, built.includes(name) ? undefined : 'never']);
    expect(new Set(ours.map(([, { image }]) => image)).size).toBe(1);
  });

  test('have the current LTS of Node, which is that of .nvmrc', () => {
    const [, major] = /^ARG NODE_IMAGE=node:(\d+)\.\d+\.\d+-/m.exec(dockerfile) ?? [];
    expect(major).toBe('24');
    expect(readFileSync(join(cloneDir, '.nvmrc'), 'utf8').trim()).toBe(major);
  });

  test('run files that exist, as somebody who owns none of them', () => {
    const commands = Object.values(services).flatMap(startedFiles);
    const [, fallback] = /^CMD \["(.+)"\]$/m.exec(dockerfile) ?? [];
    expect(commands.length).toBeGreaterThan(3);
    for (const file of [...commands, fallback]) {
      expect(file).toBeDefined();
      expect([file, existsSync(join(cloneDir, String(file)))]).toEqual([file, true]);
    }
    expect(dockerfile).toMatch(/^USER node$/m);
  });

  test('are built from every manifest, and carry every workspace that runs and no folder of developers', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) =>
      String(sources).split(' '),
    );
    for (const source of copied) expect([source, existsSync(join(cloneDir, source))]).toEqual([source, true]);

    const { packages } = JSON.parse(readFileSync(join(cloneDir, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, unknown>;
    };
    const workspaces = Object.keys(packages).filter((path) => path !== '' && !path.includes('node_modules'));
    expect(workspaces.length).toBeGreaterThan(5);
    const manifests = workspaces.map((path) => `${path}/package.json`);
    expect(manifests.filter((manifest) => !copied.includes(manifest))).toEqual([]);

    const [image = ''] = dockerfile.split(/^FROM /m).slice(-1);
    const carried = [...image.matchAll(/^COPY (?!--from)(\S+) /gm)].map(([, folder]) => folder);
    expect(carried).toEqual(['apps', 'packages', 'prisma']);

    const installed = [...dockerfile.matchAll(/--workspace=(\S+)/g)].map(([, workspace]) => workspace);
    const started = Object.values(services).flatMap(startedFiles);
    const apps = started.filter((file) => file.startsWith('apps/')).map((file) => file.split('/src/')[0]);
    expect(installed.sort()).toEqual(apps.sort());
  });
});
