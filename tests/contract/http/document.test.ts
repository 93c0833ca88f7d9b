import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FORWARDABLE_FIELDS } from '@live-feed/core/lead/lead-fields';
import { API_ERRORS } from '@live-feed/ingress/answers/api-error';
import { cloneDir } from '@live-feed/tools/clone';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, call, callIngress, EXAMPLE, leadNumber, post } from '../../kit/http/client.ts';
import { resolveReferences } from '../../kit/http/references.ts';
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
/** The same without references. */
let whole: Answer['body'];

beforeAll(async () => {
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url });
  url = system.ingresses[0]?.url ?? '';
  document = (await call(`${url}/openapi.json`)).body;
  whole = resolveReferences(document);
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

interface Media {
  readonly schema: object;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

interface Body {
  readonly content: { readonly 'application/json': Media };
}

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly description: string;
  readonly requestBody?: Body;
  readonly responses: Readonly<Record<string, Body & { readonly headers: object }>>;
}

const operations = () =>
  Object.values(whole.paths).flatMap((path) => Object.values(path as Readonly<Record<string, Operation>>));
const operation = (id = 'submitLead') => {
  const found = operations().find(({ operationId }) => operationId === id);
  if (found === undefined) throw new Error(`The document has no ${id}.`);
  return found;
};
const codesOf = (response: Body | undefined) =>
  Object.keys(response?.content['application/json'].examples ?? {});

describe('/openapi.json', () => {
  test('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  test('has every path that is meant for callers and ops, and no other', () => {
    expect(Object.keys(document.paths)).toEqual([
      '/live-feed/ringcx',
      '/live-feed/ringcx/batch',
      '/live-feed/leads/{leadId}',
      '/live-feed/leads',
      '/assignment',
      '/assignment/batch',
      '/dnc/add',
      '/dnc/remove',
      '/dnc/check',
      '/healthz',
      '/readyz',
    ]);
  });

  test('has what is posted to webhooks, with examples that are as it says', () => {
    expect(Object.keys(whole.webhooks)).toEqual(['leadEvent', 'dialerEvent', 'eventBatch']);
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    for (const { post: posted } of Object.values<{ post: Operation }>(whole.webhooks)) {
      const { schema, example } = posted.requestBody?.content['application/json'] ?? { schema: {} };
      const validate = ajv.compile(schema);
      expect([posted.operationId, validate(example), validate.errors]).toEqual([
        posted.operationId,
        true,
        null,
      ]);
    }
  });

  test('names its subjects in the order of their importance, and each operation has one', () => {
    const names = document.tags.map(({ name }: { name: string }) => name);
    const subjects = ['Leads', 'Lead status', 'Caller IDs', 'Do-not-call list', 'Webhooks', 'Health'];
    expect(names).toEqual(subjects);
    for (const { tags, description } of operations()) {
      expect([names.includes(tags[0]), tags.length]).toEqual([true, 1]);
      expect(description).not.toBe('');
    }
  });

  test('has each error once, with its code, its status and its meaning, where it can come', () => {
    const { examples, responses } = document.components;
    expect(Object.keys(examples).sort()).toEqual(Object.keys(API_ERRORS).sort());
    const statusesOf = new Map<string, Set<string>>();
    const answers = [
      ...operations().flatMap((one) => Object.entries(one.responses)),
      ...Object.entries(resolveReferences({ ...document, responses }).responses as Operation['responses']),
    ];
    for (const [status, response] of answers) {
      for (const code of codesOf(response))
        statusesOf.set(code, (statusesOf.get(code) ?? new Set()).add(status));
    }
    for (const [code, { status, meaning, to }] of Object.entries(API_ERRORS)) {
      expect(examples[code].summary).toBe(`${code}: ${meaning}`);
      expect(examples[code].value).toMatchObject({ success: false, code });
      const documented = statusesOf.get(code) ?? new Set();
      if (!(to as readonly string[]).includes('any')) expect(documented).toContain(String(status));
      expect([...documented].filter((one) => /^\d/.test(one) && one !== String(status))).toEqual([]);
    }
  });

  test('an operation lists the codes that it can give, and the rest for all', () => {
    expect(codesOf(operation().responses['401'])).toEqual([
      'API_KEY_MISSING',
      'API_KEY_INVALID',
      'API_KEY_INACTIVE',
    ]);
    expect(codesOf(operation('getLead').responses['404'])).toEqual(['LEAD_NOT_FOUND', 'NOT_FOUND']);
    expect(codesOf(operation('isAlive').responses['default'])).toContain('METHOD_NOT_ALLOWED');
    expect(operation('getLead').responses).not.toHaveProperty('422');
  });

  test('its examples are as it says: requests, responses and errors', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    let examined = 0;
    for (const { operationId, requestBody, responses } of operations()) {
      const bodies = [...(requestBody === undefined ? [] : [requestBody]), ...Object.values(responses)];
      for (const { schema, example, examples } of bodies.map(({ content }) => content['application/json'])) {
        const values = examples === undefined ? [example] : Object.values(examples).map(({ value }) => value);
        const validate = ajv.compile(schema);
        for (const value of values) {
          expect([operationId, value, validate(value), validate.errors]).toEqual([
            operationId,
            value,
            true,
            null,
          ]);
          examined += 1;
        }
      }
    }
    expect(examined).toBeGreaterThan(60);
  });

  test('its example of a lead is the contract’s, and both examples of requests are taken', async () => {
    const { example } = operation().requestBody?.content['application/json'] ?? {};
    expect(example).toEqual(EXAMPLE);
    // A busy machine may take longer over a first look-up than the ingress gives it.
    await expect.poll(async () => (await post(system, example)).status, { timeout: 30_000 }).toBe(200);
    const batch = operation('submitLeads').requestBody?.content['application/json'].example;
    const { status, body } = await callIngress(url, '/live-feed/ringcx/batch', {
      method: 'POST',
      headers: { authorization: `Bearer ${system.seeded.keys.ringcx}`, 'content-type': 'application/json' },
      body: JSON.stringify(batch),
    });
    const statuses = body.results.map(({ status }: { status: number }) => status);
    expect([status, statuses]).toEqual([200, [200, 400]]);
  });

  test('names its schemas, has one shape for all errors, and leaves room for members to come', () => {
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Error', 'Issue', 'Lead', 'LeadRequest', 'UploadOptions', 'DialerResponse']),
    );
    for (const { responses } of operations()) {
      for (const [status, { content }] of Object.entries(responses)) {
        if (status < '400' || content['application/json'].example !== undefined) continue;
        expect(content['application/json'].schema).toEqual(whole.components.schemas.Error);
      }
    }
    expect(JSON.stringify(document)).not.toContain('"additionalProperties":false');
    expect(JSON.stringify(document).length).toBeLessThan(110_000);
  });

  test('has the headers of answers and requests', () => {
    const headersOf = (status: string) => Object.keys(operation().responses[status]?.headers ?? {});
    for (const status of Object.keys(operation().responses))
      expect(headersOf(status)).toContain('x-request-id');
    expect(headersOf('200').sort()).toEqual([
      'duplicate-of',
      'idempotent-replayed',
      'preference-applied',
      'x-lead-id',
      'x-outcome-source',
      'x-phone-region',
      'x-request-id',
      'x-upload-size',
    ]);
    expect(headersOf('401')).toContain('www-authenticate');
    expect(headersOf('403')).toContain('www-authenticate');
    expect(headersOf('default')).toContain('allow');
    expect(headersOf('429')).toContain('retry-after');
    expect(headersOf('202')).toContain('location');
    const parameters = ['requestId', 'prefer', 'idempotencyKey'].map((name) => ({
      $ref: `#/components/parameters/${name}`,
    }));
    const [query, ...headers] = document.paths['/live-feed/ringcx'].post.parameters;
    expect(query).toMatchObject({ name: 'dryRun', in: 'query', schema: { enum: ['true', 'false'] } });
    expect(headers).toEqual(parameters);
    expect(document.security).toEqual([{ apiKey: [] }]);
    expect(document.paths['/healthz'].get.security).toEqual([]);
    expect(document.components.securitySchemes.apiKey).toMatchObject({ type: 'http', scheme: 'bearer' });
  });

  test('leaves the campaign to keys that have a default one, in clients made from it as well', () => {
    const { LeadRequest, LeadForm } = document.components.schemas;
    expect([LeadRequest.required, LeadForm.required]).toEqual([['lead'], ['leadPhone']]);
    expect(Object.keys(LeadRequest.properties)).toContain('campaignId');
  });

  test('its schema of a request takes and refuses what the API does', async () => {
    const schema = operation().requestBody?.content['application/json'].schema ?? {};
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

test('/docs can be browsed, and its pages fetch nothing from elsewhere and run nothing that is not theirs', async () => {
  const page = await fetch(`${url}/docs`);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toContain('text/html');
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("connect-src 'self';");
  const html = await page.text();
  expect(html).not.toMatch(/<script(?![^>]*src=)|\son\w+=|<style/);
  const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '');
  expect(sources.length).toBeGreaterThan(4);
  for (const source of sources) {
    expect(source).toMatch(/^\.\.?\//);
    const asset = new URL(source, `${url}/docs/`);
    const answer = await fetch(asset);
    expect([source, answer.status]).toEqual([source, 200]);
    await answer.arrayBuffer(); // a connection with an unread answer holds up the stop
  }
  for (const style of ['page.css', 'swagger-ui.css']) {
    const css = await (await fetch(`${url}/docs/${style}`)).text();
    expect(css).not.toMatch(/@import|url\(["']?(?!["']?data:)/);
  }
  const { body } = await call(`${url}/docs/swagger-ui.js`);
  expect(body).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('/docs has all paths') });
});

test('/docs can be browsed behind a proxy that serves it under a path prefix: everything is relative', async () => {
  const first = await fetch(`${url}/docs`, { redirect: 'manual' });
  expect(new URL(first.headers.get('location') ?? '', 'https://x.example/prefix/docs').pathname).toBe(
    '/prefix/docs/',
  );
  const script = await (await fetch(`${url}/docs/page.js`)).text();
  expect(script).toContain("new URL('../openapi.json', location.href)");
  const tried = new URL(document.servers[0]?.url ?? '', 'https://x.example/prefix/openapi.json').href;
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
  const fields = fieldsOf(whole.paths);
  expect(fields.size).toBeGreaterThan(50);
  expect([...fields].filter((field) => !named.has(field))).toEqual([]);
});

/** The properties of all schemas in there, and the parameters. */
function fieldsOf(part: unknown, found = new Set<string>()): Set<string> {
  if (part === null || typeof part !== 'object') return found;
  const { properties, in: place, name } = part as Readonly<Record<string, unknown>>;
  if (typeof properties === 'object') for (const field of Object.keys(properties ?? {})) found.add(field);
  if (typeof place === 'string' && place !== 'header') found.add(String(name));
  for (const inner of Object.values(part)) fieldsOf(inner, found);
  return found;
}
