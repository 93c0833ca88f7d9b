import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FORWARDABLE_FIELDS } from '@live-feed/core/lead/lead-fields';
import { API_ERRORS } from '@live-feed/ingress/answers/api-error';
import { cloneDir } from '@live-feed/tools/clone';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, call, EXAMPLE, leadNumber, post } from '../../kit/http/client.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany } from '../../kit/system/company.ts';
import { type System, startSystem } from '../../kit/system/system.ts';

/** What is published of the API is valid, whole and true. That answers are as published is held against it wherever tests ask. */

const database = useDatabase();
const redis = useRedis();
let system: System;
let url: string;
let document: Answer['body'];

beforeAll(async () => {
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url });
  url = system.ingresses[0]?.url ?? '';
  document = (await call(`${url}/openapi.json`)).body;
});
afterAll(() => system?.stop());

/** Right and wrong ones, as fields of a lead and as options. */
const FORWARDED = [
  { leadPriority: 1, nextDialTime: '2026-12-01T09:30:00Z', extendedLeadData: { a: 'b' }, dncTags: ['x'] },
  { leadPriority: null, extendedLeadData: null, dncTags: null, title: null },
  ...[{ leadPriority: 1.5 }, { leadPriority: '1' }, { maxPasses: 2 ** 31 }, { nextDialTime: '2026-12-01' }],
  ...[{ extendedLeadData: ['a'] }, { extendedLeadData: { a: 1 } }, { title: 'x'.repeat(256) }],
  ...[{ dncTags: 'x' }, { dncTags: [1] }, { dncTags: Array(51).fill('x') }],
];

const operation = () => document.paths['/live-feed/ringcx'].post;

describe('/openapi.json', () => {
  test('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(document)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  test('has every path that is meant for callers and ops, and no other', () => {
    expect(Object.keys(document.paths).sort()).toEqual([
      '/healthz',
      '/live-feed/leads',
      '/live-feed/leads/{leadId}',
      '/live-feed/ringcx',
      '/live-feed/ringcx/batch',
      '/readyz',
    ]);
  });

  test('has every error code under its status, with its meaning', () => {
    const giveBack = document.paths['/live-feed/leads/{leadId}'].delete;
    const responses = { ...giveBack.responses, ...operation().responses };
    for (const [code, { status, meaning }] of Object.entries(API_ERRORS)) {
      const { schema } = responses[status].content['application/json'];
      expect(schema.properties.code.enum).toContain(code);
      expect(schema.properties.code.description).toContain(`\`${code}\`: ${meaning}`);
    }
    const documented = Object.keys(responses).map(Number).sort();
    expect(documented).toEqual(
      [...new Set([200, 202, ...Object.values(API_ERRORS).map(({ status }) => status)])].sort(),
    );
  });

  test('has the headers of answers and requests', () => {
    const headersOf = (status: number) => Object.keys(operation().responses[status].headers);
    for (const status of Object.keys(operation().responses))
      expect(headersOf(Number(status))).toContain('x-request-id');
    expect(headersOf(200)).toEqual([
      'x-request-id',
      'x-lead-id',
      'x-outcome-source',
      'x-upload-size',
      'preference-applied',
      'idempotent-replayed',
      'x-phone-region',
    ]);
    expect(headersOf(401)).toContain('www-authenticate');
    expect(headersOf(403)).toContain('www-authenticate');
    expect(headersOf(405)).toContain('allow');
    expect(headersOf(429)).toContain('retry-after');
    expect(headersOf(202)).toContain('location');
    const parameters = ['requestId', 'prefer', 'idempotencyKey'].map((name) => ({
      $ref: `#/components/parameters/${name}`,
    }));
    expect(operation().parameters).toEqual(parameters);
    expect(operation().security).toEqual([{ apiKey: [] }]);
    expect(document.components.securitySchemes.apiKey).toMatchObject({ type: 'http', scheme: 'bearer' });
  });

  test('its schema of a request takes and refuses what the API does', async () => {
    const { schema } = operation().requestBody.content['application/json'];
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    const forwarding = await addCompany(system, { leadSettings: { forward: FORWARDABLE_FIELDS } });
    const { lead } = EXAMPLE;
    const bodies = [
      EXAMPLE,
      leadNumber(1),
      { ...EXAMPLE, options: null },
      { ...EXAMPLE, unknown: true },
      { ...EXAMPLE, campaignId: '' },
      { ...EXAMPLE, campaignId: 1 },
      { ...EXAMPLE, lead: { ...lead, zip: null } },
      { ...EXAMPLE, lead: { ...lead, zip: 'x'.repeat(256) } },
      { ...EXAMPLE, lead: { ...lead, auxData5: 'x'.repeat(1_025) } },
      { ...EXAMPLE, lead: { firstName: 'Jane' } },
      { ...EXAMPLE, options: { dialPriority: 'LATER' } },
      { ...EXAMPLE, options: { timeZoneOption: 'ZIPCODE' } },
      {},
      null,
    ];
    for (const body of bodies) {
      const { status } = await post(system, body);
      expect([body, status]).toEqual([body, validate(body) ? 200 : 400]);
    }
    const { key, campaignId } = forwarding;
    for (const fields of FORWARDED) {
      const body = { campaignId, lead: { ...lead, ...fields }, options: { ...fields } };
      const { status } = await post(system, body, { key });
      expect([body, status]).toEqual([body, validate(body) ? 200 : 400]);
      // Elsewhere they are unknown fields.
      expect((await post(system, { ...body, campaignId: EXAMPLE.campaignId })).status).toBe(200);
    }
  });
});

test('/docs can be browsed, and its pages fetch nothing from elsewhere', async () => {
  const page = await fetch(`${url}/docs`);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toContain('text/html');
  const html = await page.text();
  const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '');
  expect(sources.length).toBeGreaterThan(2);
  for (const source of sources) {
    const asset = new URL(source, `${url}/docs/`);
    expect(asset.origin).toBe(url);
    const answer = await fetch(asset);
    expect(answer.status).toBe(200);
    await answer.arrayBuffer(); // a connection with an unread answer holds up the stop
  }
});

test('/docs can be browsed behind a proxy that serves it under a path prefix: everything is relative', async () => {
  const first = await fetch(`${url}/docs`, { redirect: 'manual' });
  expect(new URL(first.headers.get('location') ?? '', 'https://x.example/prefix/docs').pathname).toBe(
    '/prefix/docs/',
  );
  const second = await fetch(`${url}/docs/static/index.html`, { redirect: 'manual' });
  const from = 'https://x.example/prefix/docs/static/index.html';
  expect(new URL(second.headers.get('location') ?? '', from).pathname).toBe('/prefix/docs/');
  const page = await (await fetch(`${url}/docs/`)).text();
  expect([...page.matchAll(/(?:src|href)="([^"]*)"/g)].filter(([, link]) => !link?.startsWith('./'))).toEqual(
    [],
  );
  const document = (await (await fetch(`${url}/docs/json`)).json()) as { servers: { url: string }[] };
  const tried = new URL(document.servers[0]?.url ?? '', 'https://x.example/prefix/docs/json').href;
  expect(tried).toBe('https://x.example/prefix/');
});

test('docs/api.md tells of every error code, with its status, and of every header', async () => {
  const text = await readFile(join(cloneDir, 'docs', 'api.md'), 'utf8');
  for (const [code, { status, retryable }] of Object.entries(API_ERRORS)) {
    expect(text).toMatch(new RegExp(`\\| ${status} \\| \`${code}\` \\| ${retryable ? 'yes' : 'no'} \\|`));
  }
  for (const header of Object.keys(document.components.headers))
    expect(text.toLowerCase()).toContain(`\`${header}\``);
});

test('docs/api.md names every field of requests and responses', async () => {
  const text = await readFile(join(cloneDir, 'docs', 'api.md'), 'utf8');
  const named = new Set(text.match(/\w+/g));
  const fields = fieldsOf(document.paths);
  expect(fields.size).toBeGreaterThan(50);
  expect([...fields].filter((field) => !named.has(field))).toEqual([]);
});

/** The properties of all schemas in there, and the parameters. */
function fieldsOf(part: unknown, found = new Set<string>()): Set<string> {
  if (part === null || typeof part !== 'object') return found;
  const { properties, in: place, name } = part as Readonly<Record<string, unknown>>;
  if (typeof properties === 'object') for (const field of Object.keys(properties ?? {})) found.add(field);
  if (typeof place === 'string') found.add(String(name));
  for (const inner of Object.values(part)) fieldsOf(inner, found);
  return found;
}
