import { readdir } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type CloneCopy, copyClone } from '../../../tests/kit/processes/clone-copy.ts';
import { runScript } from '../../../tests/kit/processes/script.ts';
import { waitFor } from '../../../tests/kit/wait-for.ts';
import { cloneDir } from '../clone.ts';
import { startedAt } from './process-identity.ts';
import { ServiceError, type ServiceSpec, supervise } from './supervise.ts';

const script: Pick<ServiceSpec, 'name' | 'command' | 'env' | 'cwd' | 'stopSignal' | 'graceMs'> = {
  name: 'The example',
  command: process.execPath,
  env: {},
  cwd: cloneDir,
  stopSignal: 'SIGTERM',
  graceMs: 30_000,
};

test('services end with a parent that was killed, and their data for that run with them', async () => {
  const clone = await copyClone({});
  onTestFinished(() => clone.remove());
  const parent = await runScript(
    `
    import { startPostgres } from './tools/src/services/postgres.ts';
    import { startRedis } from './tools/src/services/redis.ts';
    import { supervise } from './tools/src/services/supervise.ts';
    const postgres = await startPostgres({ durable: false });
    const redis = await startRedis();
    const other = await supervise({
      ...${JSON.stringify(script)},
      args: ['-e', 'setInterval(() => {}, 1000)'],
    });
    console.log(JSON.stringify({ ports: [postgres.port, redis.port], pid: other.pid }));
    `,
    { dir: clone.dir, env: { ...process.env, TMPDIR: clone.temporary } },
  );
  const { ports, pid } = JSON.parse(await parent.nextLine());
  parent.process.kill('SIGKILL');
  expect(await parent.ended()).toBe('SIGKILL');

  await waitFor(async () => (await startedAt(pid)) === undefined, { what: 'the end of the example' });
  for (const port of ports)
    await waitFor(() => refuses(port), { what: `the end of the service on port ${port}` });
  await waitFor(async () => (await leftovers(clone)).length === 0, { what: 'the removal of the data' });
});

test('a Ctrl-C reaches only the parent, which stops its services in order', async () => {
  const tell = (name: string) => `process.on('${name}', () => { console.log('${name}'); });`;
  const code = `${tell('SIGINT')} ${tell('SIGTERM')} process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 1000); console.log('ready')`;
  const parent = await runScript(`
    import { supervise } from './tools/src/services/supervise.ts';
    const service = await supervise({ ...${JSON.stringify(script)}, args: ['-e', ${JSON.stringify(code)}] });
    await service.printed(/ready/, 30_000);
    process.once('SIGINT', async () => {
      await service.stop();
      console.log(JSON.stringify(service.output()));
    });
    console.log('ready');
  `);
  await parent.nextLine();
  process.kill(-parent.process.pid, 'SIGINT'); // the whole process group, as a terminal does
  expect(await parent.nextLine()).toBe(JSON.stringify('ready\nSIGTERM'));
  expect(await parent.ended()).toBe(0);
});

test('a command that is not there is an error with its name', async () => {
  const missing = supervise({ ...script, command: join(cloneDir, 'no-such-program'), args: [] });
  await expect(missing).rejects.toThrow(/The example could not be started: .*ENOENT/);
});

test('one that ends instead of becoming ready tells what it said last', async () => {
  const service = await supervise({
    ...script,
    args: ['-e', 'console.error("no disk"); process.exitCode = 3'],
  });
  const ready = service.printed(/never/, 30_000);
  await expect(ready).rejects.toThrow(ServiceError);
  await expect(ready).rejects.toThrow('The example ended (exit code 3).\n  | no disk');
});

test('one that does not stop when asked is killed after its grace time', async () => {
  const code = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("ready")';
  const service = await supervise({ ...script, args: ['-e', code], graceMs: 1 });
  await service.printed(/ready/, 30_000);
  await service.stop();
  expect(await service.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

/** Whether nothing listens on the port of 127.0.0.1 any more. */
function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1')
      .on('connect', () => resolve(false))
      .on('error', () => resolve(true));
    socket.end();
  });
}

async function leftovers(clone: CloneCopy): Promise<string[]> {
  const found = await Promise.all([readdir(join(clone.dir, '.live-feed')), readdir(clone.temporary)]);
  return found.flat().filter((name) => /run-|live-feed-redis/.test(name));
}
