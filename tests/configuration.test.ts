import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { cloneDir } from '@live-feed/tools/clone';
import { withTables } from '@live-feed/tools/configuration/configuration-page';
import { envExample } from '@live-feed/tools/configuration/env-example';
import { processes } from '@live-feed/tools/configuration/processes';
import { expect, test } from 'vitest';

const read = (name: string) => readFile(join(cloneDir, name), 'utf8');

test('.env.example is what the processes read; else run: npm run env:example', async () => {
  expect(await read('.env.example')).toBe(envExample(processes));
});

test('docs/configuration.md lists what the processes read; else run: npm run env:example', async () => {
  const page = await read('docs/configuration.md');
  expect(page).toBe(withTables(page, processes));
});

test('every variable is in .env.example once, and described', async () => {
  const names = [...(await read('.env.example')).matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name);
  const all = processes.flatMap(({ variables }) => variables);
  expect(names.toSorted()).toEqual([...new Set(all.map(({ name }) => name))].sort());
  expect(all.filter(({ description }) => description === '')).toEqual([]);
});

test('a copy of .env.example gives away no usable secret: what is required has no value, and no secret a default', async () => {
  const all = processes.flatMap(({ variables }) => variables);
  const required = all.filter(({ required }) => required).map(({ name }) => name);
  const values = parseEnv(await read('.env.example'));
  expect(Object.keys(values).sort()).toEqual([...new Set(required)].sort());
  expect(Object.values(values).filter((value) => value !== '')).toEqual([]);
  const secrets = all.filter(({ name }) => /KEY|SECRET|PASSWORD|TOKENS/.test(name));
  expect(secrets.map(({ default: value }) => value).filter((value) => value !== undefined)).toEqual([]);
});
