import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

export interface LeadAnswer {
  readonly status: number;
  readonly body: unknown;
  /** From the request to the last byte of the answer. */
  readonly tookMs: number;
  /** Seconds to wait before the next attempt, where the answer says so. */
  readonly retryAfterS?: number;
}

const limitMs = 30_000; // as the vendor's SDKs
/** A stack that has just been started on a busy machine may refuse leads for as long as that. */
const tryForMs = 120_000;
const longestPauseS = 30;

/** Posts one lead as a caller should: what is refused with `retryable` is posted again, after `Retry-After` or a second, for two minutes. */
export async function postLeadPatiently(
  ingressUrl: string,
  apiKey: string,
  body: unknown,
  pause: (ms: number) => Promise<unknown> = delay,
): Promise<LeadAnswer> {
  const endsAtMs = performance.now() + tryForMs;
  for (;;) {
    const answer = await postLead(ingressUrl, apiKey, body);
    const pauseMs = Math.min(answer.retryAfterS ?? 1, longestPauseS) * 1_000;
    if (!isRetryable(answer) || performance.now() + pauseMs >= endsAtMs) return answer;
    await pause(pauseMs);
  }
}

/** Nothing was taken: 502 and 504 are told of leads that were. */
function isRetryable({ status, body }: LeadAnswer): boolean {
  const isRefused = status === 429 || status === 503;
  return (
    isRefused && typeof body === 'object' && body !== null && 'retryable' in body && body.retryable === true
  );
}

/** Posts one lead as a caller would. Rejects when there is no answer within 30 s or it is not JSON. */
export async function postLead(ingressUrl: string, apiKey: string, body: unknown): Promise<LeadAnswer> {
  const startedMs = performance.now();
  const response = await fetch(new URL('/live-feed/ringcx', ingressUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(limitMs),
  });
  const answer: unknown = await response.json();
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return {
    status: response.status,
    body: answer,
    tookMs: performance.now() - startedMs,
    ...(retryAfter >= 0 && { retryAfterS: retryAfter }),
  };
}
