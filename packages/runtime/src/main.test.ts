import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const modules = JSON.stringify(new URL('./', import.meta.url).href);

/** Runs a `main.ts` with this `start` as a process of its own, and signals it when it listens. */
async function run(start: string, env: Record<string, string> = {}, signal: NodeJS.Signals = 'SIGTERM') {
  const script = `
    import { z } from 'zod';
    const { runMain, processVariables } = await import(${modules} + 'main.ts');
    const { port } = await import(${modules} + 'configuration/environment-kinds.ts');
    const schema = z.object({ ...processVariables, PORT: port().describe('where callers connect') });
    await runMain('example', schema, ${start});
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    cwd: new URL('.', import.meta.url),
    env: { PATH: process.env['PATH'], ...env },
    timeout: 50_000,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    if (String(chunk).includes('"listening"')) child.kill(signal);
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  const lines: { level: string; msg: string }[] = stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return { code, stderr, lines, messages: lines.map((line) => line.msg) };
}

const serve = `async ({ env, lifecycle }) => {
  const timer = setInterval(() => {}, 1_000);
  lifecycle.onStop('server', () => clearInterval(timer));
  return { port: env.PORT };
}`;

describe('runMain', { timeout: 60_000 }, () => {
  it('starts, says where it listens, and stops in order when it is asked to', async () => {
    const { code, lines, messages, stderr } = await run(serve, { PORT: '8080' });
    expect(stderr).toBe('');
    expect(messages).toEqual(['listening', 'stopping', 'stopped']);
    expect(lines[0]).toMatchObject({ level: 'info', service: 'example', port: 8080 });
    expect(code).toBe(0);
  });

  it('says what is wrong with the environment and exits with 78', async () => {
    const { code, stderr, messages } = await run(serve, { PORT: 'http', LOG_LEVEL: 'loud' });
    expect(stderr).toBe(
      [
        '2 environment variables need attention:',
        '  LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent (lowest level that is logged)',
        '  PORT must be a port, a whole number from 0 to 65535 (where callers connect)',
        '',
      ].join('\n'),
    );
    expect(messages).toEqual([]);
    expect(code).toBe(78);
  });

  it('closes what was opened and exits with 1 when it cannot start', async () => {
    const start = `async ({ logger, lifecycle }) => {
      lifecycle.onStop('database', () => logger.info('database closed'));
      throw new Error('the port is taken');
    }`;
    const { code, lines, messages } = await run(start, { PORT: '8080' });
    expect(messages).toEqual(['could not start', 'stopping', 'database closed', 'stopped']);
    expect(lines[0]).toMatchObject({ level: 'fatal', err: { message: 'the port is taken' } });
    expect(code).toBe(1);
  });

  it('stops with 1 after a rejection that nobody handled', async () => {
    const start = `async () => {
      setImmediate(() => void Promise.reject(new Error('nobody waits for this')));
      setInterval(() => {}, 1_000);
    }`;
    const { code, lines } = await run(start, { PORT: '8080', LOG_LEVEL: 'fatal' });
    expect(lines).toMatchObject([{ level: 'fatal', err: { message: 'nobody waits for this' } }]);
    expect(code).toBe(1);
  });
});
