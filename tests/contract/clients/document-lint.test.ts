import { createConfig, lintFromString } from '@redocly/openapi-core';
import spectralCore from '@stoplight/spectral-core';
import spectralRulesets from '@stoplight/spectral-rulesets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call } from '../../kit/http/client.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { type System, startSystem } from '../../kit/system/system.ts';

/** The API's document keeps the rules that tools for OpenAPI recommend. The rules come with the packages: nothing is fetched. */

const database = useDatabase();
const redis = useRedis();
let system: System;
let document: string;

beforeAll(async () => {
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url });
  document = JSON.stringify((await call(`${system.ingresses[0]?.url}/openapi.json`)).body);
});
afterAll(() => system?.stop());

async function redocly(source: string): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source, config });
  return problems.map(({ ruleId, message, location }) => `${ruleId}: ${location[0]?.pointer}: ${message}`);
}

async function spectral(source: string): Promise<string[]> {
  const linter = new spectralCore.Spectral();
  // Its own types say that a set of rules has to extend another.
  linter.setRuleset(spectralRulesets.oas as never);
  const problems = await linter.run(source);
  return problems.map(({ code, path, message }) => `${code}: ${path.join('/')}: ${message}`);
}

test.each([
  ['redocly', redocly],
  ['spectral', spectral],
] as const)('%s finds nothing, not even something to be warned of', async (_name, lint) => {
  expect(await lint(document)).toEqual([]);
});

test.each([
  ['redocly', redocly],
  ['spectral', spectral],
] as const)('%s finds what is wrong', async (_name, lint) => {
  const wrong = JSON.parse(document);
  wrong.paths['/live-feed/ringcx'].post.responses['200'].content['application/json'].schema.$ref =
    '#/nothing';
  expect((await lint(JSON.stringify(wrong))).length).toBeGreaterThan(0);
});
