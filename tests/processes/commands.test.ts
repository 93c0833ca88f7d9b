import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloneDir } from '@live-feed/tools/clone';
import { documentedExample } from '@live-feed/tools/demo/documented-example';
import { postLead } from '@live-feed/tools/demo/post-lead';
import { runningStackEnvironment } from '@live-feed/tools/stack/stack-file';
import { expect, onTestFinished, test } from 'vitest';
import { adminOf } from '../kit/processes/admin.ts';
import { waitFor } from '../kit/wait-for.ts';

const limitMs = 180_000;

test('npm run demo answers the documented example and a burst, and ends by itself', {
  timeout: limitMs,
}, async () => {
  const demo = run('demo');
  expect(await demo.ended(), demo.output()).toBe(0);
  expect(demo.output()).toContain('"leadPhone": "5551234567"');
  expect(demo.output()).toContain('"leadsAccepted": 1');
  expect(demo.output()).toContain('200/200 leads');
  expect(demo.output()).toMatch(/200 accepted, 0 rejected; p50 \d+ ms, p99 \d+ ms/);
});

test('npm start tells scripts where it runs, keeps its data, and cleans up at Ctrl-C', {
  timeout: limitMs,
}, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'live-feed-test-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await chmod(dataDir, 0o755); // PostgreSQL's user goes in
  const file = join(dataDir, 'stack.json');

  const first = run('start', {}, ['--data-dir', dataDir]);
  const stack = await readStack(file, first);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(Object.keys(stack)).toEqual([
    'ingressUrl',
    'simulatorUrl',
    'consoleUrl',
    'consoleUser',
    'consolePassword',
    'keys',
    'campaigns',
    'adminEnvironment',
  ]);
  const { status } = await postLead({
    url: stack.ingressUrl,
    key: stack.keys.ringcx,
    body: documentedExample(stack.campaigns.ringcx),
  });
  expect(status).toBe(200);

  const environment = await runningStackEnvironment(dataDir);
  const { data: companies } = await adminOf(() => environment ?? {})(['company', 'list', '--json']);
  expect(companies).toContainEqual(expect.objectContaining({ name: 'Demo RingCX', family: 'ringcx' }));

  const second = run('start', {}, ['--data-dir', dataDir]);
  expect(await second.ended()).toBe(1);
  expect(second.output()).toContain(`"npm start" already runs here, as process ${first.pid}`);

  first.interrupt();
  expect(await first.ended(), first.output()).toBe(0);
  await expect(stat(file)).rejects.toThrow('ENOENT');
  expect(await runningStackEnvironment(dataDir)).toBeUndefined();

  const third = run('start', {}, ['--data-dir', dataDir]);
  const again = await readStack(file, third);
  expect(again.keys).toEqual(stack.keys);
  // What points at them, such as the dialer of a company of one's own, still does.
  for (const url of ['ingressUrl', 'simulatorUrl'] as const) expect(again[url]).toBe(stack[url]);
  third.interrupt();
  expect(await third.ended(), third.output()).toBe(0);
});

test('npm start ends what it started when only npm is told to end', { timeout: limitMs }, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'live-feed-test-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await chmod(dataDir, 0o755); // PostgreSQL's user goes in
  const npm = command('npm', ['start', '--', '--data-dir', dataDir]);
  await readStack(join(dataDir, 'stack.json'), npm);
  npm.terminate();
  await npm.ended();
  expect(await runningStackEnvironment(dataDir), npm.output()).toBeUndefined();
});

test('a command that cannot start says why and fails', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'live-feed-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const demo = run('demo', { PATH: folder });
  expect(await demo.ended()).toBe(1);
  expect(demo.output()).toContain('no redis-server and no valkey-server in the PATH');
});

interface StackJson {
  readonly ingressUrl: string;
  readonly simulatorUrl: string;
  readonly keys: { readonly ringcx: string };
  readonly campaigns: { readonly ringcx: string };
}

async function readStack(file: string, command: Command): Promise<StackJson> {
  const text = await waitFor(() => readFile(file, 'utf8').catch(() => command.hasEnded() && 'null'), {
    timeoutMs: limitMs,
    what: 'stack.json',
  });
  const stack = JSON.parse(text) as StackJson | null;
  if (stack === null) throw new Error(command.output());
  return stack;
}

interface Command {
  readonly pid: number | undefined;
  output(): string;
  hasEnded(): boolean;
  ended(): Promise<number | null>;
  /** As Ctrl-C does: the signal reaches the whole process group. */
  interrupt(): void;
  /** As `kill` does: the signal reaches one process. */
  terminate(): void;
}

/** Runs what the root package's script of that name runs. */
function run(script: 'start' | 'demo', env: NodeJS.ProcessEnv = {}, args: string[] = []): Command {
  const path = join(cloneDir, 'tools', 'src', `${script}.ts`);
  return command(process.execPath, ['--import', 'tsx', path, ...args], env);
}

function command(program: string, args: string[], env: NodeJS.ProcessEnv = {}): Command {
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...inherited } = process.env;
  const child = spawn(program, args, {
    cwd: cloneDir,
    env: { ...inherited, NODE_OPTIONS: '', ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL')); // what it started follows it
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const closed = once(child, 'close');
  return {
    pid: child.pid,
    output: () => output,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async ended() {
      await closed;
      return child.exitCode;
    },
    interrupt: () => void (child.pid && process.kill(-child.pid, 'SIGINT')),
    terminate: () => void child.kill('SIGTERM'),
  };
}
