import { setImmediate as turn } from 'node:timers/promises';
import type { JwtCredential } from '@live-feed/core/directory/dialer-settings';
import { buildSimulator } from '@live-feed/dialer-simulator/simulator';
import { createSignInCalls } from '@live-feed/dialers/families/ringcx/sign-in/sign-in-calls';
import {
  createTokenManager,
  type TokenManager,
} from '@live-feed/dialers/families/ringcx/sign-in/token-manager';
import type { SignInStep } from '@live-feed/dialers/family';
import type { Exchange, ExchangeRequest } from '@live-feed/dialers/http/exchange';
import { createMemoryTokenStore, type MemoryTokenStore } from './memory-token-store.ts';

export const CREDENTIAL: JwtCredential = {
  clientId: 'client',
  clientSecret: 'secret',
  jwt: 'header.claims.signature',
};
const LIMITS = { connectMs: 3_000, uploadMs: 5_000 };
const WAIT_MS = 10_000;
const ORIGIN = 'http://simulator';
const UPLOAD = '/voice/api/v1/admin/accounts/1/campaigns/1/leadLoader/direct';

/** What may go wrong with the next calls of a step. */
/** `same`: the access token that was issued before this one, once more. */
export type CallFault = 'unreachable' | 'lost' | 'slow' | 'same' | 400 | 401 | 429 | 500 | 503;

export interface Worker {
  readonly manager: TokenManager;
  /** Its stopwatch has run ahead. */
  runAhead(ms: number): void;
  /** Its stopwatch stands still for that long, as on a suspended machine. */
  standStill(ms: number): Promise<void>;
}

export type Use = 'loaded' | 'refused' | 'not now' | 'twice refused';

export interface SimulatedSignIn {
  readonly store: MemoryTokenStore;
  now(): number;
  addWorker(): Worker;
  /** As an upload: with the present token, and once more after a 401. */
  use(worker: Worker): Promise<Use>;
  fail(step: SignInStep, fault: CallFault, times: number): void;
  /** No call fails any more. */
  heal(): void;
  /** Every access token ends now. */
  expireTokens(): void;
  /** Lets time pass, with all that happens in it. */
  pass(ms: number): Promise<void>;
  /** Lets as much time pass as the work needs. */
  finish<T>(work: Promise<T>): Promise<T>;
  readonly calls: Record<SignInStep, number>;
  /** Exchanges that the simulator has refused as more than five a minute. */
  excess(): Promise<number>;
  /** Refresh tokens that were sent more than once without being told to slow down. */
  reused(): number;
  close(): Promise<void>;
}

/** The simulator, and any number of workers that share a store, on one clock that only moves when a test moves it. */
export async function startSimulatedSignIn(): Promise<SimulatedSignIn> {
  let nowMs = 1_000_000;
  const timers = new Set<{ readonly at: number; readonly ring: () => void }>();
  let active = 0;
  const issued = new Set<string>();
  const ended = new Set<string>();
  const faults: { readonly step: SignInStep; readonly fault: CallFault; times: number }[] = [];
  const calls = { 'sign-in': 0, exchange: 0, refresh: 0 };
  const sent = new Map<string, number>();
  const simulator = buildSimulator({ clock: () => nowMs });
  await simulator.ready();
  const store = createMemoryTokenStore(() => nowMs);

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = {
        at: nowMs + ms,
        ring: () => {
          timers.delete(timer);
          resolve();
        },
      };
      timers.add(timer);
    });

  async function request(path: string, headers: Readonly<Record<string, string>>, payload: string) {
    active += 1;
    try {
      return await simulator.inject({ method: 'POST', url: path, headers: { ...headers }, payload });
    } finally {
      active -= 1;
    }
  }

  async function exchange({ url, headers, body }: ExchangeRequest): Promise<Exchange> {
    const step = stepOf(url);
    calls[step] += 1;
    const form = body as Readonly<Record<string, string>>;
    const fault = takeFault(step);
    if (fault === 'unreachable') {
      return { kind: 'broken', phase: 'connecting', cause: { by: 'error', code: 'ECONNREFUSED' } };
    }
    const { refresh_token: refreshToken } = form;
    if (refreshToken !== undefined && fault !== 429) {
      sent.set(refreshToken, (sent.get(refreshToken) ?? 0) + 1);
    }
    if (typeof fault === 'number') {
      return { kind: 'answer', httpStatus: fault, body: { errorCode: 'x' }, json: '{"errorCode":"x"}' };
    }
    if (fault === 'slow') await pause(LIMITS.uploadMs - 100);
    const type = 'application/x-www-form-urlencoded';
    const answer = await request(
      url.pathname + url.search,
      { ...headers, 'content-type': type },
      new URLSearchParams(form).toString(),
    );
    if (fault === 'lost') {
      await pause(LIMITS.uploadMs);
      return { kind: 'broken', phase: 'written', cause: { by: 'upload_timeout' } };
    }
    const said = JSON.parse(answer.body) as { accessToken?: string };
    const latest = [...issued].at(-1);
    if (fault === 'same' && latest !== undefined) said.accessToken = latest;
    if (said.accessToken !== undefined) issued.add(said.accessToken);
    return { kind: 'answer', httpStatus: answer.statusCode, body: said, json: answer.body };
  }

  function takeFault(step: SignInStep): CallFault | undefined {
    const found = faults.find((each) => each.step === step && each.times > 0);
    if (found !== undefined) found.times -= 1;
    return found?.fault;
  }

  async function upload(token: string): Promise<boolean> {
    if (ended.has(token)) return false;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return (await request(UPLOAD, headers, '{}')).statusCode !== 401;
  }

  /** Until everybody waits for time to pass. */
  async function settle(): Promise<void> {
    do for (let n = 0; n < 4; n += 1) await turn();
    while (active > 0);
  }

  /** @returns whether there was a timer to ring by then */
  async function step(untilMs: number): Promise<boolean> {
    await settle();
    const [next] = [...timers].toSorted((one, other) => one.at - other.at);
    if (next === undefined || next.at > untilMs) return false;
    nowMs = Math.max(nowMs, next.at);
    next.ring();
    return true;
  }

  async function pass(ms: number): Promise<void> {
    const untilMs = nowMs + ms;
    while (await step(untilMs));
    nowMs = untilMs;
  }

  return {
    store,
    calls,
    now: () => nowMs,
    addWorker() {
      let aheadMs = 0;
      let frozenAt: number | undefined;
      const manager = createTokenManager({
        store,
        calls: createSignInCalls(exchange, { platformUrl: ORIGIN, ringcxUrl: ORIGIN }, LIMITS),
        now: () => frozenAt ?? nowMs + aheadMs,
        pause,
        waitMs: WAIT_MS,
        claimMs: 10_000,
        observe: () => undefined,
      });
      return {
        manager,
        runAhead: (ms) => {
          aheadMs += ms;
        },
        async standStill(ms) {
          frozenAt = nowMs + aheadMs;
          await pass(ms);
          aheadMs = frozenAt - nowMs;
          frozenAt = undefined;
        },
      };
    },
    async use({ manager }) {
      let answer = await manager.present(CREDENTIAL);
      for (const isLast of [false, true]) {
        if (answer.kind === 'refused') return 'refused';
        if (answer.kind !== 'token') return 'not now';
        if (await upload(answer.token)) return 'loaded';
        if (!isLast) answer = await manager.renewed(CREDENTIAL, answer.token);
      }
      return 'twice refused';
    },
    fail: (failing, fault, times) => faults.unshift({ step: failing, fault, times }),
    heal() {
      faults.length = 0;
    },
    expireTokens() {
      for (const token of issued) ended.add(token);
    },
    pass,
    async finish(work) {
      let isOver = false;
      const over = () => {
        isOver = true;
      };
      void work.then(over, over);
      await settle();
      while (!isOver && (await step(Number.POSITIVE_INFINITY)));
      return work;
    },
    async excess() {
      const { body } = await simulator.inject({ url: '/simulator/stats' });
      return JSON.parse(body).limitViolations.total as number;
    },
    reused: () => [...sent.values()].filter((times) => times > 1).length,
    close: () => simulator.close(),
  };
}

function stepOf({ pathname }: URL): SignInStep {
  if (pathname.includes('oauth')) return 'sign-in';
  return pathname.includes('refresh') ? 'refresh' : 'exchange';
}
