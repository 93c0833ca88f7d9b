import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@hey-api/openapi-ts';
import { digestApiKey, hintOf, issueApiKey } from '@live-feed/core/crypto/api-key';
import { newId } from '@live-feed/core/ids';
import { cloneDir } from '@live-feed/tools/clone';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, misbehave } from '../../kit/http/client.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany } from '../../kit/system/company.ts';
import { type System, startSystem } from '../../kit/system/system.ts';
import { HEY_API, OPENAPI_FETCH } from './programs.ts';

/** Clients that integrators generate from the API's document compile strictly, and keep the contract's core against a real ingress. */

const run = promisify(execFile);
const TYPESCRIPT = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));

const database = useDatabase();
const redis = useRedis();
let system: System;
let url: string;
let folder: string;

beforeAll(async () => {
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url });
  url = system.ingresses[0]?.url ?? '';
  folder = await mkdtemp(join(tmpdir(), 'live-feed-clients-'));
  await symlink(join(cloneDir, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  await writeFile(join(folder, 'openapi.json'), JSON.stringify((await call(`${url}/openapi.json`)).body));
});
afterAll(async () => {
  await system?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

async function compile(program: string): Promise<void> {
  const options = {
    compilerOptions: {
      target: 'es2023',
      lib: ['es2023', 'dom', 'dom.iterable'],
      types: ['node'],
      module: 'nodenext',
      strict: true,
      noUncheckedIndexedAccess: true,
      allowImportingTsExtensions: true,
      noEmit: true,
      // Theirs; what is generated is no declaration file and is checked.
      skipLibCheck: true,
    },
    files: [program],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(options));
  try {
    await run(process.execPath, [join(TYPESCRIPT, 'bin/tsc'), '-p', folder], { timeout: 120_000 });
  } catch (error) {
    throw new Error(`It does not compile:\n${(error as { stdout?: string }).stdout}`, { cause: error });
  }
}

async function play(program: string): Promise<unknown> {
  const { key, id, campaignId } = await addCompany(system);
  const limited = issueApiKey();
  await system.database.apiKey.create({
    data: {
      ...{ id: newId(), companyId: id, type: 'universal', settings: { daily: 1 } },
      ...{ digest: digestApiKey(limited), hint: hintOf(limited) },
    },
  });
  await misbehave(system, {
    rules: [
      {
        on: 'upload',
        match: { phone: '5551230002' },
        fault: { kind: 'reject', message: 'It is on a list.' },
      },
    ],
  });
  const headers = { authorization: `Bearer ${limited}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ campaignId, lead: { leadPhone: '5551239999' } });
  expect((await call(`${url}/live-feed/ringcx`, { method: 'POST', headers, body })).status).toBe(200);
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    API_URL: url,
    API_KEY: key,
    LIMITED_KEY: limited,
    CAMPAIGN: campaignId,
  };
  const { stdout } = await run(process.execPath, ['--import', 'tsx', join(folder, program)], {
    cwd: cloneDir,
    env,
    timeout: 120_000,
  });
  return JSON.parse(stdout);
}

const CORE = {
  accepted: [200, 1],
  rejected: [502, 'DIALER_REJECTED', false, 0, 'It is on a list.'],
  invalid: [400, 'VALIDATION_FAILED', false, 'lead.zip'],
  phone: [400, 'PHONE_INVALID', false],
  stranger: [401, 'API_KEY_INVALID', false],
  nowhere: [404, 'CAMPAIGN_NOT_FOUND', false],
  limited: [429, 'KEY_LIMIT_REACHED', true, 'number'],
  status: [202, 200, true, 'string'],
  list: [200, true],
  batch: [200, false, 200, 400],
};

test('openapi-typescript and openapi-fetch', async () => {
  const types = astToString(await openapiTypescript(new URL(`file://${folder}/openapi.json`)));
  await writeFile(join(folder, 'schema.ts'), types);
  await writeFile(join(folder, 'openapi-fetch.ts'), OPENAPI_FETCH);
  await compile('openapi-fetch.ts');
  expect(await play('openapi-fetch.ts')).toEqual(CORE);
});

test('@hey-api/openapi-ts', async () => {
  await createClient({
    input: join(folder, 'openapi.json'),
    output: { path: join(folder, 'hey'), importFileExtension: '.ts' },
    logs: { level: 'silent' },
    plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
  });
  await writeFile(join(folder, 'hey-api.ts'), HEY_API);
  await compile('hey-api.ts');
  expect(await play('hey-api.ts')).toEqual(CORE);
});
