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

/** The example of the API's documentation, for a campaign that exists here. */
export function documentedExample(campaignId: string) {
  return {
    campaignId,
    lead: {
      leadPhone: '5551234567',
      firstName: 'Jane',
      lastName: 'Doe',
      email: 'jane@example.com',
      zip: '33101',
      city: 'Miami',
      state: 'FL',
      auxData1: 'source=campaign-x',
    },
    options: { dialPriority: 'IMMEDIATE', duplicateHandling: 'REMOVE_FROM_LIST' },
  };
}
