import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type LeadAnswer, type LeadPost, postLead } from '@live-feed/tools/demo/post-lead';
import type { AppProcess } from '@live-feed/tools/stack/app-process';
import { leadNumber } from '../http/client.ts';
import type { Asked } from '../judge/history.ts';
import type { Company } from '../system/company.ts';
import { waitFor } from '../wait-for.ts';
import type { Caller, LeadRequest } from './callers.ts';

/** Callers that submit one lead after another, over all ingresses and companies. */
export interface Load {
  /** All requests so far, in the order of sending. */
  readonly asked: readonly Asked[];
  /** Requests whose callers are waiting now. */
  waiting(): readonly Asked[];
  /** When a lead of this company, submitted after that moment, was first answered 200; undefined: not yet. */
  acceptedAtMs(company: Company, submittedAfterMs: number): number | undefined;
  /** Resolves when that many more leads have been answered 200. */
  moreAccepted(count: number): Promise<void>;
  /** Sends nothing more, and resolves when every caller has its answer. */
  stop(): Promise<void>;
}

type Ingress = Pick<AppProcess, 'pid' | 'url'>;

export interface LoadOptions {
  /** Ingresses that can be asked now. Requests go to them in turn. */
  readonly ingresses: () => readonly Ingress[];
  readonly companies: readonly Company[];
  readonly callers: readonly Caller[];
  /** One generator for each caller, so that no caller's behaviour depends on another's. Default: `Math.random`. */
  readonly randomFor?: (caller: number) => () => number;
  /** Returns a phone that it has never returned before. */
  readonly nextPhone?: () => string;
  /** How a lead reaches an ingress. Default: it is posted there. */
  readonly send?: (lead: LeadPost) => Promise<LeadAnswer>;
}

const NOT_ASKED: LeadAnswer = { atMs: 0, status: null, code: null, leadId: null, retryAfterMs: 0 };

export function startLoad(options: LoadOptions): Load {
  const { ingresses, companies, callers, randomFor = () => Math.random, nextPhone = phones() } = options;
  const { send = postLead } = options;
  const asked: Asked[] = [];
  const waiting = new Set<Asked>();
  const stopping = new AbortController();
  setMaxListeners(callers.length, stopping.signal);
  let turn = 0;
  let accepted = 0;

  async function ask(company: Company, request: LeadRequest): Promise<LeadAnswer> {
    const { kind, phone, idempotencyKey, prefer, firstName = 'Load' } = request;
    const ingress = await nextIngress();
    if (ingress?.url === undefined) return NOT_ASKED;
    const entry: Asked = {
      kind,
      phone,
      key: idempotencyKey ?? null,
      companyId: company.id,
      ingressPid: ingress.pid,
      sentAtMs: performance.now(),
    };
    asked.push(entry);
    waiting.add(entry);
    const { atMs, status, code, leadId, retryAfterMs } = await send({
      url: ingress.url,
      key: company.key,
      body: {
        campaignId: company.campaignId,
        lead: { leadPhone: phone, firstName, zip: '33101' },
      },
      headers: {
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        ...(prefer === undefined ? {} : { prefer }),
      },
    });
    entry.answer = { atMs, status, code, leadId, retryAfterMs };
    waiting.delete(entry);
    if (status === 200) accepted += 1;
    return entry.answer;
  }

  async function suppress(company: Company, phone: string): Promise<boolean> {
    const ingress = await nextIngress();
    if (ingress?.url === undefined) return false;
    return post(`${ingress.url}/dnc/add`, { phone }, company.key).catch(() => false);
  }

  /** Waits for one if there is none. Undefined: the load is stopping. */
  async function nextIngress(): Promise<Ingress | undefined> {
    for (;;) {
      const present = ingresses();
      turn += 1;
      const ingress = present[turn % present.length];
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
        ask: (request) => ask(company, request),
        suppress: (phone) => suppress(company, phone),
        refusesDuplicates: company.refusesDuplicates === true,
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
    async moreAccepted(count) {
      const enough = accepted + count;
      await waitFor(() => accepted >= enough, { what: `${count} more acceptances`, timeoutMs: 120_000 });
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** @returns whether it was answered 200 */
async function post(url: string, body: unknown, key: string): Promise<boolean> {
  const { status } = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(90_000),
  });
  return status === 200;
}

function phones(): () => string {
  let next = 0;
  return () => leadNumber(next++).lead.leadPhone;
}
