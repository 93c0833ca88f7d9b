import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cloneDir } from '@live-feed/tools/clone';
import { expect, test } from 'vitest';

/** A command loads what it needs: what every command loads before it knows which it is says how long all of them take to start. */

/** Without those of types, which are not loaded, and those that are loaded when they are needed. */
const STATIC_IMPORT = /^(?:import|export) (?!type )[^;]*?from '([^']+)';|^import '([^']+)';/gms;

function fileOf(module: string, from: string): string | undefined {
  if (module.startsWith('.')) return join(dirname(from), module);
  const [, name, subject] = /^@live-feed\/([^/]+)\/(.+)$/.exec(module) ?? [];
  return name === undefined ? undefined : join(cloneDir, 'packages', name, 'src', `${subject}.ts`);
}

/** Modules of others that a file loads, and all that it loads itself. */
async function loadedBy(path: string, seen = new Set<string>(), others = new Set<string>()) {
  if (seen.has(path)) return others;
  seen.add(path);
  for (const [, from, bare] of (await readFile(path, 'utf8')).matchAll(STATIC_IMPORT)) {
    const module = from ?? bare ?? '';
    const file = fileOf(module, path);
    if (file === undefined) others.add(module);
    else await loadedBy(file, seen, others);
  }
  return others;
}

const HEAVY = ['bullmq', 'ioredis', 'got', 'pg', '@prisma/adapter-pg', 'pino', 'fastify', 'csv-parse/sync'];
const admin = (name: string) => join(cloneDir, 'apps/admin/src', `${name}.ts`);

test('what all commands load has no database, no queue and no dialing system in it', async () => {
  const loaded = await loadedBy(admin('main'));
  expect([...loaded]).toContain('@commander-js/extra-typings');
  expect(HEAVY.filter((module) => loaded.has(module))).toEqual([]);
});

test.each([
  'company/company-commands',
  'company/key-commands',
  'campaign/campaign-commands',
  'dialer/dialer-commands',
  'lead/lead-commands',
  'encryption/seal-commands',
])('%s loads no queue and no dialing system before a command asks for it', async (name) => {
  const loaded = await loadedBy(admin(name));
  expect(['bullmq', 'ioredis', 'got', 'pino'].filter((module) => loaded.has(module))).toEqual([]);
});
