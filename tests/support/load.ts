import { setTimeout as delay } from 'node:timers/promises';
import type { AppProcess } from '@live-feed/tools/stack/app-process';
import { leadNumber } from '../kit/http/client.ts';
import type { Fleet } from '../kit/system/fleet.ts';
import { waitFor } from '../kit/wait-for.ts';

/** One request of the load, and what came of it. */
export interface Request {
  /** Nobody else's. */
  readonly phone: string;
  /** The process that was asked. */
  readonly ingressPid: number;
  /** Undefined as long as its caller waits. */
  answer?: RequestAnswer;
}

export interface RequestAnswer {
  /** Null where the connection ended without an answer. */
  readonly status: number | null;
  /** The API's, or the connection's. */
  readonly code: string | null;
  readonly leadId: string | null;
}

export interface Load {
  /** All so far, in the order of their sending. */
  readonly requests: readonly Request[];
  /** Requests whose callers wait now. */
  waiting(): Request[];
  /** Resolves once so many more have been answered 200. */
  moreAccepted(count: number): Promise<void>;
  /** Lets every caller have its answer. */
  stop(): Promise<void>;
}

/** After anything but an acceptance a caller thinks before it goes on. */
const AFTER_REFUSAL_MS = 250;

export interface LoadOptions {
  /** How a request gets its answer; by default from the ingress that is its own. */
  readonly send?: typeof submit;
}

/** Callers that submit one lead after the other, each a new one, over all ingresses and companies. */
export function startLoad(fleet: Fleet, callers: number, { send = submit }: LoadOptions = {}): Load {
  const requests: Request[] = [];
  const waiting = new Set<Request>();
  let accepted = 0;
  let stopping = false;

  async function ask(n: number): Promise<RequestAnswer | undefined> {
    const ingress = fleet.ingresses[n % fleet.ingresses.length];
    const company = fleet.companies[n % fleet.companies.length];
    if (ingress === undefined || company === undefined) return undefined;
    const body = leadNumber(n, company.campaignId);
    const request: Request = { phone: body.lead.leadPhone, ingressPid: ingress.pid };
    requests.push(request);
    waiting.add(request);
    const answer = await send(ingress, company.key, body);
    request.answer = answer;
    waiting.delete(request);
    return answer;
  }

  let next = 0;
  async function caller(): Promise<void> {
    while (!stopping) {
      const n = next;
      next += 1;
      const answer = await ask(n);
      if (answer?.status === 200) accepted += 1;
      else await delay(AFTER_REFUSAL_MS);
    }
  }

  const running = Promise.all(Array.from({ length: callers }, caller));
  return {
    requests,
    waiting: () => [...waiting],
    async moreAccepted(count) {
      const enough = accepted + count;
      await waitFor(() => accepted >= enough, { what: `${count} more acceptances`, timeoutMs: 120_000 });
    },
    async stop() {
      stopping = true;
      await running;
    },
  };
}

export async function submit(ingress: AppProcess, key: string, body: unknown): Promise<RequestAnswer> {
  try {
    const response = await fetch(`${ingress.url}/live-feed/ringcx`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
    const { code = null } = (await response.json()) as { code?: string };
    return { status: response.status, code, leadId: response.headers.get('x-lead-id') };
  } catch (error) {
    const { cause } = error as { readonly cause?: { readonly code?: string } };
    return { status: null, code: cause?.code ?? null, leadId: null };
  }
}
