import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

export interface LeadPost {
  /** Of the ingress, without a path. */
  readonly url: string;
  readonly key: string;
  readonly body: unknown;
  /** Besides authorization and content type. */
  readonly headers?: Readonly<Record<string, string>>;
  /** 90 s by default, longer than an ingress lets a caller wait. */
  readonly giveUpMs?: number;
}

export interface LeadAnswer {
  /** When it arrived, by `performance.now()`. */
  readonly atMs: number;
  /** Null if there was no response. */
  readonly status: number | null;
  /** The API's error code, or the connection's. */
  readonly code: string | null;
  readonly leadId: string | null;
  /** From `Retry-After`; 0 without it. */
  readonly retryAfterMs: number;
}

export interface PostedLead extends LeadAnswer {
  readonly body: unknown;
}

/** Posts one lead. Never rejects: for a broken connection `status` is null. */
export async function postLead({
  url,
  key,
  body,
  headers = {},
  giveUpMs = 90_000,
}: LeadPost): Promise<PostedLead> {
  try {
    const response = await fetch(new URL('/live-feed/ringcx', url), {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(giveUpMs),
    });
    const answer = (await response.json()) as { readonly code?: string };
    return {
      atMs: performance.now(),
      status: response.status,
      code: answer.code ?? null,
      leadId: response.headers.get('x-lead-id'),
      retryAfterMs: 1_000 * Number(response.headers.get('retry-after') ?? 0),
      body: answer,
    };
  } catch (error) {
    return {
      atMs: performance.now(),
      status: null,
      code: connectionCode(error),
      leadId: null,
      retryAfterMs: 0,
      body: null,
    };
  }
}

/** Such as `ECONNREFUSED`; fetch wraps it. */
function connectionCode(error: unknown): string {
  const { name, cause } = error as Error & { readonly cause?: { readonly code?: string } };
  return cause?.code ?? name;
}

/** A stack that has just been started on a busy machine may refuse leads for this long. */
const TRY_FOR_MS = 120_000;
const USUAL_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** Posts one lead as a caller should: if it is refused with `retryable`, it tries again after `Retry-After` or a second, for two minutes. */
export async function postLeadPatiently(
  lead: LeadPost,
  pause: (ms: number) => Promise<unknown> = delay,
): Promise<PostedLead> {
  const endsAtMs = performance.now() + TRY_FOR_MS;
  for (;;) {
    const answer = await postLead(lead);
    const pauseMs = Math.min(answer.retryAfterMs || USUAL_PAUSE_MS, LONGEST_PAUSE_MS);
    if (!nothingTaken(answer) || performance.now() + pauseMs >= endsAtMs) return answer;
    await pause(pauseMs);
  }
}

/** Not 502 and 504: those are for leads that were taken. */
function nothingTaken({ status, body }: PostedLead): boolean {
  const isRefused = status === 429 || status === 503;
  return (
    isRefused && typeof body === 'object' && body !== null && 'retryable' in body && body.retryable === true
  );
}
