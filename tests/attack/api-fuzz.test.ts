import { setTimeout as delay } from 'node:timers/promises';
import { OPEN_STATES } from '@live-feed/core/lead/lead-state';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Operation, readOperations } from '../kit/fuzz/api-operations.ts';
import { type ApiRequest, apiRequests, KNOWN_LEAD } from '../kit/fuzz/api-requests.ts';
import { assembleCallers, type Caller, REPEATED_PHONES } from '../kit/fuzz/callers.ts';
import { type Exchanges, openExchanges } from '../kit/fuzz/exchanges.ts';
import { createLedger } from '../kit/fuzz/ledger.ts';
import { type RawScript, rawScripts } from '../kit/fuzz/raw-scripts.ts';
import { createVerdict, NOT_ITS_FAULT } from '../kit/fuzz/verdict.ts';
import type { Answer } from '../kit/http/client.ts';
import { judge } from '../kit/judge/judge.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { openQueues, type Queues } from '../kit/system/queues.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';

/** Whatever is sent, the API answers as documented, and its answers about leads are true. `npm run test:fuzz` sends more. */

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 2_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_125);
const SCRIPTS = Math.ceil(REQUESTS / 10);
const AT_ONCE = 24;
/** A busy machine may take longer over a look-up than the ingress gives it. */
const TRIES = 4;
/** Asking again changes nothing. */
const LASTING: ReadonlySet<unknown> = new Set(['GIVEN_BACK', 'CAMPAIGN_PAUSED']);

const database = useDatabase();
const redis = useRedis();
let system: System;
let queues: Queues;
let exchanges: Exchanges;
let operations: readonly Operation[];
let callers: readonly Caller[];
let letKeptGo: () => Promise<void>;
let closeCallers: (() => Promise<void>) | undefined;

const ledger = createLedger();
/** Answers by operation and status, and scripts by kind and statuses. */
const counts = new Map<string, number>();
const faults: string[] = [];

beforeAll(async () => {
  system = await startSystem({
    databaseUrl: database.url,
    redisUrl: redis.url,
    environment: { INGRESS_REQUEST_TIMEOUT_MS: '1000', WEBHOOK_ALLOW_PRIVATE: 'true' },
  });
  // Hardly any two leads have equal options, so each is an upload of its own.
  await system.database.dialer.updateMany({ data: { maxInFlight: 16 } });
  queues = await openQueues(system);
  const url = system.ingresses[0]?.url ?? '';
  operations = await readOperations(url);
  const assembled = await assembleCallers(system, queues);
  callers = assembled.callers;
  letKeptGo = assembled.resume;
  closeCallers = assembled.close;
  exchanges = openExchanges(url);
});
afterAll(async () => {
  exchanges?.close();
  await queues?.close();
  await system?.stop();
  await closeCallers?.();
});

test(`${REQUESTS} requests, seed ${SEED}: every answer is documented, none a 500, none missing`, {
  timeout: 1_200_000,
}, async () => {
  const verdict = createVerdict(operations);
  const requests = fc.sample(apiRequests(operations, callers), { seed: SEED, numRuns: REQUESTS - SCRIPTS });
  const [first] = callers;
  const body = operations.find(({ id }) => id === 'submitLead')?.body;
  if (first === undefined || body === undefined) throw new Error('There is nobody to post a lead.');
  const scripts = fc.sample(rawScripts(body, first), { seed: SEED, numRuns: SCRIPTS });

  await Promise.all([
    together(
      requests.map(
        (request, n) => () => examine(`request ${n}`, request, () => tryRequest(request, verdict)),
      ),
    ),
    together(scripts.map((script, n) => () => examine(`script ${n}`, script, () => playScript(script)))),
  ]);
  expect(faults).toEqual([]);
});

test('every operation of the document was asked, with success and without', () => {
  const asked = operations.map(({ id, secured }) => ({
    id,
    success: [...counts.keys()].some((key) => key.startsWith(`${id} 2`)),
    refusal: !secured || [...counts.keys()].some((key) => key.startsWith(`${id} 4`)),
  }));
  expect(asked).toEqual(operations.map(({ id }) => ({ id, success: true, refusal: true })));
});

test('every answer is true: no lead is lost, doubled, changed, or delivered without its caller knowing', async () => {
  await letKeptGo();
  await waitFor(
    async () => (await system.database.lead.count({ where: { state: { in: [...OPEN_STATES] } } })) === 0,
    {
      what: 'the end of all leads',
      timeoutMs: 50_000,
      everyMs: 200,
    },
  );
  const history = await ledger.history(system);
  const sums = {
    stored: history.copies.length,
    answered: history.asked.length,
    takenBack: history.takenBack.size,
    parked: [...history.rows.values()].filter(({ state }) => state === 'PARKED').length,
  };
  if (process.env['FUZZ_REQUESTS'] !== undefined) report(sums);
  expect(judge(history)).toEqual([]);
  expect(sums.parked).toBe(0);
  expect(sums.stored).toBeGreaterThan(REQUESTS / 20);
  expect(sums.takenBack).toBeGreaterThan(0);
  // Where duplicates are looked for, a phone has one lead.
  for (const phones of Object.values(REPEATED_PHONES)) {
    const own = history.copies.filter(({ phone }) => phones.includes(phone)).map(({ phone }) => phone);
    expect(own.length).toBeGreaterThan(0);
    expect(own.toSorted()).toEqual([...new Set(own)].toSorted());
  }
  // Suppressed ones were not sent.
  const suppressed = new Set(
    [...history.rows].filter(([, { reason }]) => reason === 'PHONE_SUPPRESSED').map(([id]) => id),
  );
  expect(suppressed.size).toBeGreaterThan(0);
  expect(history.copies.filter(({ externId }) => suppressed.has(externId))).toEqual([]);
});

/** Runs them in their order, some at a time. */
async function together(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const left = tasks.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const task of left) await task();
    }),
  );
}

/** @param run returns what is wrong, and throws for a hang or an undocumented answer */
async function examine(
  name: string,
  sent: ApiRequest | RawScript,
  run: () => Promise<string | undefined>,
): Promise<void> {
  const fault = await run().catch((error: unknown) => String(error));
  if (fault !== undefined) faults.push(`${name}: ${fault}. ${describeSent(sent)}`);
}

async function tryRequest(
  given: ApiRequest,
  verdict: (request: ApiRequest, answer: Answer) => string | undefined,
): Promise<string | undefined> {
  const request = {
    ...given,
    path: given.path.replace(KNOWN_LEAD, (_, n: string) => ledger.knownLead(Number(n), given.caller)),
  };
  for (let tried = 1; ; tried += 1) {
    const answer = await exchanges.ask(request);
    ledger.note(request, answer);
    const isAway = NOT_ITS_FAULT.has(answer.status) && !LASTING.has(answer.body?.code);
    if (isAway && tried < TRIES) {
      await delay(250 * tried);
      continue;
    }
    count(`${operationOf(request)} ${answer.status}`);
    const fault = isAway ? `${answer.status} ${answer.body?.code} again and again` : verdict(request, answer);
    return fault === undefined ? undefined : `${fault}: ${answer.status} ${JSON.stringify(answer.body)}`;
  }
}

async function playScript(script: RawScript): Promise<string | undefined> {
  const answers = await exchanges.play(script);
  for (const answer of answers) {
    if (answer.status === 500) return `a 500: ${JSON.stringify(answer.body)}`;
    ledger.note(undefined, answer);
  }
  if (script.phone !== undefined) ledger.noteUnanswered(script.phone);
  const statuses = answers.map(({ status }) => status);
  count(`(${script.kind}) ${statuses.slice(0, 1).join() || 'none'}`);
  const inOrder = script.expected.every((status, n) => statuses[n] === status || statuses[n] === 503);
  return inOrder ? undefined : `answered ${statuses.join()} instead of ${script.expected.join()}`;
}

function operationOf({ method, path }: ApiRequest): string {
  const [plain = ''] = path.split(/[?#]/, 1);
  const found = operations.find(
    (one) => one.method === method && new RegExp(`^${one.path.replace(/\{\w+\}/, '[^/]+')}$`).test(plain),
  );
  return found?.id ?? 'elsewhere';
}

function count(key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function describeSent(sent: ApiRequest | RawScript): string {
  if ('bytes' in sent)
    return `${sent.kind}, ${sent.ending}: ${JSON.stringify(sent.bytes.toString('latin1').slice(0, 1_000))}`;
  const { caller, method, path, headers, body } = sent;
  return JSON.stringify({
    caller: caller.name,
    request: `${method} ${path.slice(0, 300)}`,
    headers: headers.filter(([name]) => name !== 'authorization'),
    body: body?.toString('latin1').slice(0, 1_000),
  });
}

function report(sums: object): void {
  const lines = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, n]) => `${String(n).padStart(7)}  ${key}`);
  process.stdout.write(`\nseed ${SEED}\n${lines.join('\n')}\n${JSON.stringify(sums)}\n`);
}
