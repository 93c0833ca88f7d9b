import { performance } from 'node:perf_hooks';

export interface LeadAnswer {
  readonly status: number;
  readonly body: unknown;
  /** From the request to the last byte of the answer. */
  readonly tookMs: number;
}

const limitMs = 30_000; // as the vendor's SDKs

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
  return { status: response.status, body: answer, tookMs: performance.now() - startedMs };
}
