import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { JANE, OPTIONS, TOKEN } from './test-client.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

function start(environment: Record<string, string>) {
  return spawn(process.execPath, ['--import', 'tsx', MAIN], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('says where it listens, and ends on SIGTERM although a request hangs', async () => {
  const child = start({ PORT: '0', ENFORCE_LIMITS: 'true' });
  try {
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const { url } = JSON.parse(line);
    const headers = { 'content-type': 'application/json', 'x-auth-token': TOKEN };
    const rules = [{ on: 'upload', fault: { kind: 'hang' } }];
    await fetch(`${url}/simulator/scenario`, { method: 'PUT', headers, body: JSON.stringify({ rules }) });
    const hanging = fetch(`${url}/voice/api/v1/admin/accounts/99/campaigns/123/leadLoader/direct`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ ...OPTIONS, uploadLeads: [JANE] }),
    }).catch((error: unknown) => error);
    await vi.waitFor(async () => {
      expect(await (await fetch(`${url}/simulator/scenario`)).json()).toMatchObject({ applied: [1] });
    });

    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(await hanging).toBeInstanceOf(Error);
  } finally {
    child.kill('SIGKILL');
  }
});

test('refuses to start on a setting that makes no sense', async () => {
  const child = start({ PORT: 'many' });
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(78);
  expect(complaint).toContain('PORT must be a port');
});
