import { createHash, randomBytes } from 'node:crypto';
import { buildConsole } from '@live-feed/console/console';
import { createConsoleMetrics } from '@live-feed/console/console-metrics';
import { createKeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import { type Keyring, parseKeyring } from '@live-feed/core/crypto/sealing';
import type { JwtCredential } from '@live-feed/core/directory/dialer-settings';
import { newId } from '@live-feed/core/ids';
import { FORWARDABLE_FIELDS } from '@live-feed/core/lead/lead-fields';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { requestParts } from '@live-feed/core/lead/request-digest';
import { groupKey } from '@live-feed/core/upload/group-key';
import { putPhoneCheck } from '@live-feed/database/directory/phone-checks';
import { openCredential } from '@live-feed/dialers/credential';
import { ringcx } from '@live-feed/dialers/families/ringcx/ringcx';
import { alertChannelAdd } from '@live-feed/operations/alert/alert-channels';
import { alertAdd } from '@live-feed/operations/alert/alert-rules';
import { leadCancelAll } from '@live-feed/operations/lead/bulk/retry-and-cancel';
import { perform } from '@live-feed/operations/perform';
import { webhookAdd } from '@live-feed/operations/webhook/webhook-changes';
import { createTokenStore } from '@live-feed/queue/sign-in/token-store';
import { createLogger } from '@live-feed/runtime/logging/logger';
import { createMetrics } from '@live-feed/runtime/monitoring/metrics';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addTestPerson, type Console, signIn } from '../kit/console/people.ts';
import { testResources } from '../kit/console/resources.ts';
import { type Answer, callIngress, misbehave, post, uploadOf } from '../kit/http/client.ts';
import { metricsText } from '../kit/http/scrape.ts';
import { rowOf, untilAdmitted, untilState } from '../kit/leads/lead-effects.ts';
import { type Readers, readConsole } from '../kit/leaks/console-pages.ts';
import { findDigests } from '../kit/leaks/find-digests.ts';
import { findMarkers, type Remains } from '../kit/leaks/forms-of.ts';
import { lead, markers, options, PHONE, SCENARIOS, WRITTEN_PHONE } from '../kit/leaks/planted-lead.ts';
import { remainsInPostgres, remainsInRedis } from '../kit/leaks/remains.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { addCompany, CLOSED_PORT, type Company } from '../kit/system/company.ts';
import { addCompanyWithoutPermits } from '../kit/system/company-without-permits.ts';
import { openQueues, type Queues } from '../kit/system/queues.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { startReceiver } from '../kit/webhooks/receiver.ts';

/** What identifies a person, and what opens a door, is nowhere but where it has to be. */

const startedMs = Date.now() - 1_000;
const database = useDatabase();
const redis = useRedis({ appendonly: true });
const logs: string[] = [];
const CONSOLE_PASSWORD = `pw-${randomBytes(9).toString('hex')}`;
const consoleMetrics = createMetrics();
/** Found wherever it is planted, or the search is none. */
const CONTROL = `control-${randomBytes(9).toString('hex')}`;

let system: System;
let queues: Queues;
let console: Console;
let cookie: string;
let remains: Remains;
const companies: Company[] = [];
/** What somebody gets to read who is not the leads' company. */
const toldOthers: string[] = [];
/** By scenario, what its caller was told. */
const answers = new Map<string, Answer>();

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    environment: { INGRESS_DEADLINE_MS: '12000', WEBHOOK_ALLOW_PRIVATE: 'true' },
    onLog: (line) => logs.push(line),
  });
  queues = await openQueues(system);
  console = await buildConsole({
    resources: testResources(system.database, queues.redis, system.environment),
    redis: queues.redis,
    logger: createLogger({
      name: 'console',
      level: 'debug',
      destination: { write: (line) => logs.push(line) },
    }),
    metrics: createConsoleMetrics(consoleMetrics),
    firstPerson: { name: 'ops', password: CONSOLE_PASSWORD },
    refreshMs: 50,
  });
  await console.ready();
  ({ cookie } = await signIn(console, { name: 'ops', password: CONSOLE_PASSWORD }));
  await runScenarios();
  await checkPhones();
  await errorsOfEveryKind();
  await lookAsAnother();
  await addReceivers();
  await plantControl();
  remains = new Map([
    ...(await remainsInPostgres(database.url, startedMs)),
    ...(await remainsInRedis(redis.url)),
    ['the console', await readConsole(console, await readers(), queues, system.database, companies)],
    ...(await allMetrics()),
    ['what others are told', Buffer.from(toldOthers.join('\n'))],
    ['the logs', Buffer.from(logs.join('\n'))],
  ]);
});
afterAll(async () => {
  await console?.close();
  await queues?.close();
  await system?.stop();
});

async function runScenarios(): Promise<void> {
  const entries = Object.entries(SCENARIOS);
  for (const [, { baseUrl, signsIn, unserved }] of entries) {
    const leadSettings = { forward: FORWARDABLE_FIELDS };
    const settings = { leadSettings, ...(baseUrl && { baseUrl }), ...(signsIn && { signsIn }) };
    const company = unserved
      ? await addCompanyWithoutPermits(system, queues, settings)
      : await addCompany(system, settings);
    companies.push(company);
  }
  await misbehave(system, {
    rules: entries.flatMap(([, { faults }], n) =>
      faults.map((fault) => ({ on: 'upload', match: { campaignId: companies[n]?.campaignId }, fault })),
    ),
  });
  await Promise.all(
    entries.map(async ([name, { headers = {} }], n) => {
      const { key = '', campaignId } = companies[n] ?? {};
      const answer = await untilAdmitted(() => post(system, { campaignId, lead, options }, { key, headers }));
      answers.set(name, answer);
    }),
  );
  await untilState(system, answers.get('parked')?.body.leadId, 'PARKED');
  for (const [n, { key, dialerId }] of companies.entries()) {
    const dialer = await system.database.dialer.findUniqueOrThrow({ where: { id: dialerId } });
    const keyring = parseKeyring(system.environment['SEAL_KEYS'] ?? '');
    markers[`API key ${n}`] = key;
    const credential = openCredential(ringcx, dialer, keyring);
    if (credential?.kind === 'token') markers[`dialer token ${n}`] = credential.token.replace('aws80:', '');
    if (credential?.kind === 'jwt') await markCredential(n, credential.jwt, keyring);
  }
}

/** The credential, and the tokens that were got with it. */
async function markCredential(n: number, { clientId, clientSecret, jwt }: JwtCredential, keyring: Keyring) {
  markers[`client secret ${n}`] = clientSecret;
  markers[`JWT ${n}`] = jwt;
  const store = createTokenStore(queues.redis, keyring);
  const name = store.nameOf(JSON.stringify([clientId, clientSecret, jwt]));
  const claim = await store.claim(name, 10_000);
  const tokens = {
    'access token': (await store.read(name)).token?.token,
    'refresh token': await claim?.takeRefreshToken(),
    'platform token': await claim?.readPlatformToken(),
  };
  for (const [what, token] of Object.entries(tokens))
    if (token !== undefined) markers[`${what} ${n}`] = token;
  if (tokens['refresh token']) await claim?.keepRefreshToken(tokens['refresh token'], 60_000);
}

/** Phones are asked about; the endpoint refuses, in words that name the person, or fails. */
async function checkPhones(): Promise<void> {
  markers['reason of a check'] = `litigator ${randomBytes(9).toString('hex')}`;
  markers['header of a check'] = randomBytes(18).toString('hex');
  const refusal = JSON.stringify({ allow: false, reason: markers['reason of a check'] });
  for (const [status, body] of [
    [200, refusal],
    [200, '{"allow":true}'],
    [500, refusal],
  ] as const) {
    const to = await startReceiver((response) => void response.writeHead(status).end(body));
    const company = await addCompany(system);
    companies.push(company);
    const keyring = parseKeyring(system.environment['SEAL_KEYS'] ?? '');
    const headers = keyring.seal(JSON.stringify({ authorization: markers['header of a check'] }), {
      companyId: company.id,
      column: SEALED.phoneCheckHeaders,
    });
    const settings = { headers, timeoutMs: 5_000, cacheMs: 3_600_000, unanswered: 'refuse' } as const;
    await putPhoneCheck(system.database, company.id, { ...settings, url: to.url });
    // Often enough that it is said to be away.
    for (let n = 0; n < 6; n += 1)
      await untilAdmitted(() =>
        post(system, { campaignId: company.campaignId, lead, options }, { key: company.key }),
      );
    expect(to.requests[0]?.headers.authorization).toBe(markers['header of a check']);
    await to.stop();
  }
  expect(logs.some((line) => line.includes('is not asked for a while'))).toBe(true);
}

/** With the person's fields where they do not belong. */
async function errorsOfEveryKind(): Promise<void> {
  const [{ key, campaignId } = { key: '', campaignId: '' }] = companies;
  const { leadPhone, ...fields } = lead;
  for (const body of [
    { campaignId, lead: { ...lead, leadPhone: `${leadPhone} ext 5` }, options },
    { campaignId, lead: fields },
    { campaignId: fields.email, lead, options },
    { campaignId, lead: { ...lead, zip: [lead] }, [fields.email]: lead },
    `{"campaignId": "${fields.email}", "lead": ${JSON.stringify(lead)}`,
  ]) {
    await post(system, body, { key });
  }
  for (const path of [
    `/live-feed/leads/${fields.email}`,
    `/live-feed/leads?phone=${encodeURIComponent(leadPhone)}&campaignId=${fields.email}`,
    `/${fields.email}?key=${key}`,
  ]) {
    await callIngress(system.ingresses[0]?.url ?? '', path, { headers: { authorization: `Bearer ${key}` } });
  }
}

async function lookAsAnother(): Promise<void> {
  const { key } = await addCompany(system);
  const headers = { authorization: `Bearer ${key}`, 'x-request-id': CONTROL };
  const ids = [...answers.values()].map((answer) => answer.headers.get('x-lead-id'));
  for (const path of ['', `?phone=${encodeURIComponent(WRITTEN_PHONE)}`, ...ids.map((id) => `/${id}`)]) {
    const answer = await callIngress(system.ingresses[0]?.url ?? '', `/live-feed/leads${path}`, { headers });
    toldOthers.push(JSON.stringify([...answer.headers]), JSON.stringify(answer.body));
  }
}

async function allMetrics(): Promise<[string, Buffer][]> {
  const [ingress, worker] = await Promise.all(
    [system.ingresses[0], system.workers[0]].map((part) => metricsText(part?.metricsUrl ?? '')),
  );
  const texts = { ingress, worker, console: await consoleMetrics.text() };
  return Object.entries(texts).map(([name, text = '']) => [`the metrics of the ${name}`, Buffer.from(text)]);
}

/** Webhooks, and a rule of alerts with a channel whose address is a secret. Nothing is sent to them. */
async function addReceivers(): Promise<void> {
  const from = { via: 'command-line', from: 'tests', role: 'admin', companyId: null } as const;
  const resources = testResources(system.database, queues.redis, system.environment);
  const session = { actor: { id: null, name: 'tests', ...from }, resources };
  markers['header of a webhook'] = randomBytes(18).toString('hex');
  for (const [n, { id: company }] of companies.entries()) {
    const headers = { authorization: markers['header of a webhook'] };
    const settings = { url: `${CLOSED_PORT}/hook`, headers };
    const { secret } = await perform(session, webhookAdd, { company, ...settings });
    markers[`secret of a webhook ${n}`] = secret.replace('whsec_', '');
  }
  // It finds none, and has a page.
  await perform(session, leadCancelAll, { company: companies[0]?.id ?? '', campaign: 'none' });
  markers['address of a channel'] = randomBytes(18).toString('hex');
  const target = { kind: 'slack', url: `${CLOSED_PORT}/${markers['address of a channel']}` } as const;
  await perform(session, alertChannelAdd, { channel: 'On duty', target });
  await perform(session, alertAdd, { condition: { kind: 'webhook_off' } });
  await resources.close();
}

async function readers(): Promise<Readers> {
  const viewer = { name: 'eyes', password: 'correct horse battery' };
  await addTestPerson(system.database, viewer, 'viewer');
  return { viewer: (await signIn(console, viewer)).cookie, admin: cookie };
}

/** In every place, in one of the forms in which it might be overlooked there. */
async function plantControl(): Promise<void> {
  await system.database.company.create({
    data: {
      id: newId(),
      name: CONTROL,
      dialer: { create: { id: newId(), family: 'ringcx', baseUrl: CLOSED_PORT, accountId: '1' } },
    },
  });
  consoleMetrics.counter('planted_total', 'Planted.', ['note']).inc({ note: CONTROL });
  await queues.redis.set(
    `planted:${CONTROL}`,
    Buffer.from(`a${CONTROL}${'b'.repeat(500)}`).toString('base64'),
  );
  await queues.redis.set('planted digest', createHash('sha256').update(CONTROL).digest('hex'));
  createLogger({ name: 'control', level: 'info', destination: { write: (line) => logs.push(line) } }).info(
    { note: CONTROL },
    'planted',
  );
}

test('the paths were gone that leads can go', () => {
  const statuses = Object.fromEntries([...answers].map(([name, answer]) => [name, answer.status]));
  expect(statuses).toEqual(
    Object.fromEntries(Object.entries(SCENARIOS).map(([name, { status: told }]) => [name, told])),
  );
});

test('tokens that were got by signing in were searched for', () => {
  const kinds = Object.keys(markers).map((name) => name.replace(/ \d+$/, ''));
  expect(kinds).toEqual(expect.arrayContaining(['JWT', 'access token', 'refresh token', 'platform token']));
});

test('the search bites: a marker that is planted in a place is found in it', () => {
  const found = findMarkers(remains, { control: CONTROL });
  for (const place of [
    'table companies',
    'the write-ahead log',
    'keys of Redis',
    'values of Redis',
    "Redis' dump.rdb",
    'the console',
    'the metrics of the console',
    'what others are told',
    'the logs',
  ]) {
    expect(found).toContain(`control is in ${place}`);
  }
  expect(found.some((line) => line.includes('.aof'))).toBe(true);
});

test('the metrics of ingress and worker, where no text from outside can be planted, were searched', () => {
  const found = findMarkers(remains, { dialer: companies[0]?.dialerId ?? '', route: '/live-feed/ringcx' });
  expect(found).toContain('dialer is in the metrics of the worker');
  expect(found).toContain('route is in the metrics of the ingress');
});

test('the dialing system, and it alone, got all of the lead', async () => {
  const upload = await uploadOf(system, answers.get('accepted')?.headers.get('x-lead-id') ?? null);
  const { leadPhone: _written, ...fields } = lead;
  expect(upload.uploadLeads[0]).toMatchObject({ ...fields, leadPhone: PHONE });
});

test('no name, address, e-mail, text or phone of a lead is anywhere else', () => {
  expect(
    findMarkers(remains, {
      ...markers,
      phone: PHONE,
      'phone as written': WRITTEN_PHONE,
      'E.164': `1${PHONE}`,
    }),
  ).toEqual([]);
});

test('no digest that anybody can compute stands for a lead, a request or a key that its caller chose', async () => {
  const { PHONE_DIGEST_SECRET = '' } = system.environment;
  const { phone } = createKeyedDigests(PHONE_DIGEST_SECRET);
  const { leadPhone: _written, ...fields } = lead;
  const guesses = new Map<string, string>([
    ...Object.entries(markers).filter(
      ([name]) =>
        !/^(dialer token|API key|secret of a webhook|client secret|JWT|(access|refresh|platform) token) /.test(
          name,
        ),
    ),
    ['phone', PHONE],
    ['E.164', `+1${PHONE}`],
    ['options', groupKey(options)],
    ...companies.flatMap(({ id, campaignId }, n): [string, string][] => [
      [`request ${n}`, requestParts(id, { campaignId, lead, options }, phone(id, PHONE))],
      [`body ${n}`, JSON.stringify({ campaignId, lead, options })],
      [`fields ${n}`, JSON.stringify([id, campaignId, PHONE, fields, options])],
      [`phone ${n}`, JSON.stringify([id, PHONE])],
      [`key of the company ${n}`, JSON.stringify([id, markers['idempotencyKey']])],
    ]),
  ]);
  expect(findDigests(remains, Object.fromEntries(guesses))).toEqual([]);
});

test('the search for digests bites', () => {
  expect(findDigests(remains, { control: CONTROL })).toContain('sha256 of control is in values of Redis');
});

test('no token, key or password is anywhere', () => {
  const { SEAL_KEYS = '', PHONE_DIGEST_SECRET = '', DATABASE_URL = '', REDIS_URL = '' } = system.environment;
  const secrets = {
    'sealing key': SEAL_KEYS.replace('k1:', ''),
    'phone digest secret': PHONE_DIGEST_SECRET,
    "PostgreSQL's password": new URL(DATABASE_URL).password,
    "Redis' password": new URL(REDIS_URL).password,
    "the console's password": CONSOLE_PASSWORD,
    "the session's token": cookie.replace(/^.*?=/, ''),
  };
  expect(findMarkers(remains, secrets)).toEqual([]);
});

test('a phone is found by a digest that differs from company to company', async () => {
  const digests = await Promise.all(
    ['accepted', 'keyed'].map(
      async (name) => (await rowOf(system, answers.get(name)?.headers.get('x-lead-id') ?? ''))?.phoneDigest,
    ),
  );
  expect(new Set(digests).size).toBe(2);
});
