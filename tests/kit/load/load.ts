import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { AppProcess } from '@live-feed/tools/stack/app-process';
import type { Answered, Asked } from '../judge/history.ts';
import type { Company } from '../system/company.ts';
import { type Caller, callers } from './callers.ts';

/** Callers of every kind, who submit one lead after the other over all ingresses and companies. */
export interface Load {
  /** All requests so far, in the order of their sending. */
  readonly asked: readonly Asked[];
  /** Those whose callers wait now. */
  waiting(): readonly Asked[];
  /** When a lead of this company that was submitted after that moment was first answered 200; undefined: not yet. */
  acceptedAtMs(company: Company, submittedAfterMs: number): number | undefined;
  /** Lets every caller have its answer. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  /** Those that may be asked now. */
  readonly ingresses: () => readonly AppProcess[];
  readonly companies: readonly Company[];
  /** Makes a generator for each caller: what one does depends on no other. */
  readonly randomFor: (caller: number) => () => number;
  /** A phone that nobody has been given before. */
  readonly nextPhone: () => string;
}

/** A request as its caller words it. */
export interface Wording {
  readonly kind: Asked['kind'];
  readonly phone: string;
  readonly key?: string;
  readonly prefer?: string;
}

/** More than any ingress makes a caller wait. */
const GIVE_UP_MS = 90_000;

const NOT_ASKED: Answered = { atMs: 0, status: null, code: null, leadId: null, retryAfterMs: 0 };

export function startLoad({ ingresses, companies, randomFor, nextPhone }: LoadOptions): Load {
  const asked: Asked[] = [];
  const waiting = new Set<Asked>();
  const stopping = new AbortController();
  setMaxListeners(callers.length, stopping.signal);
  let turn = 0;

  async function ask(company: Company, { kind, phone, key, prefer }: Wording): Promise<Answered> {
    const ingress = await nextIngress();
    if (ingress === undefined) return NOT_ASKED;
    const request: Asked = {
      ...{ kind, phone, key: key ?? null, companyId: company.id },
      ...{ ingressPid: ingress.pid, sentAtMs: performance.now() },
    };
    asked.push(request);
    waiting.add(request);
    const headers = {
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(prefer === undefined ? {} : { prefer }),
    };
    request.answer = await submit(`${ingress.url}/live-feed/ringcx`, company, phone, headers);
    waiting.delete(request);
    return request.answer;
  }

  /** Undefined where there is none any more: the load is ending. */
  async function nextIngress(): Promise<AppProcess | undefined> {
    for (;;) {
      const awake = ingresses();
      turn += 1;
      const ingress = awake[turn % awake.length];
      if (ingress !== undefined || stopping.signal.aborted) return ingress;
      await delay(100);
    }
  }

  async function run(caller: Caller, n: number): Promise<void> {
    const random = randomFor(n);
    const company = companies[n % companies.length];
    if (company === undefined) throw new RangeError('A load needs companies.');
    const pause = async (ms: number) => {
      await delay(ms, undefined, { signal: stopping.signal }).catch(() => {});
    };
    while (!stopping.signal.aborted) {
      await caller({
        ask: (wording) => ask(company, wording),
        pause,
        isStopping: () => stopping.signal.aborted,
        nextPhone,
        random,
      });
    }
  }

  const running = Promise.all(callers.map(run));
  return {
    asked,
    waiting: () => [...waiting],
    acceptedAtMs({ id }, submittedAfterMs) {
      const times = asked.flatMap(({ companyId, sentAtMs, answer }) =>
        companyId === id && sentAtMs >= submittedAfterMs && answer?.status === 200 ? [answer.atMs] : [],
      );
      return times.length === 0 ? undefined : Math.min(...times);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function submit(
  url: string,
  { key, campaignId }: Company,
  leadPhone: string,
  headers: Readonly<Record<string, string>>,
): Promise<Answered> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ campaignId, lead: { leadPhone, firstName: 'Fault', zip: '33101' } }),
      signal: AbortSignal.timeout(GIVE_UP_MS),
    });
    const { code = null } = (await response.json()) as { code?: string };
    return {
      ...{ atMs: performance.now(), status: response.status, code },
      leadId: response.headers.get('x-lead-id'),
      retryAfterMs: 1_000 * Number(response.headers.get('retry-after') ?? 0),
    };
  } catch {
    return { ...NOT_ASKED, atMs: performance.now() };
  }
}
