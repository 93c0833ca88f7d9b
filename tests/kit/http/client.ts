import { documentedExample } from '@live-feed/tools/demo/documented-example';
import type { IngressPart } from '../system/parts.ts';
import type { System } from '../system/system.ts';
import { documentOf } from './api-document.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what the tests look at is what they assert about
  readonly body: any;
}

export const EXAMPLE = documentedExample('123456');

export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(60_000) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

/** Asks an ingress and holds its answer against its own OpenAPI document. @param url of the ingress, without a path */
export async function callIngress(url: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const holdAgainstDocument = await documentOf(url);
  const answer = await call(`${url}${path}`, init);
  holdAgainstDocument(init.method ?? 'GET', path, answer);
  return answer;
}

/** Posts a lead as the vendor's documentation shows it. */
export function post(
  system: System,
  body: unknown,
  options: {
    readonly key?: string;
    /** Its number, or one that was added. */
    readonly ingress?: number | IngressPart;
    readonly headers?: Record<string, string>;
  } = {},
): Promise<Answer> {
  const { ingress: chosen = 0 } = options;
  const ingress = typeof chosen === 'number' ? system.ingresses[chosen] : chosen;
  if (ingress === undefined) throw new Error('There is no such ingress.');
  return callIngress(ingress.url, '/live-feed/ringcx', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${options.key ?? system.seeded.keys.ringcx}`,
      'content-type': 'application/json',
      ...options.headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** A lead whose phone is made from the number: distinct for 0 … 9,999,999. */
export function leadNumber(n: number, campaignId = '123456') {
  return { campaignId, lead: { leadPhone: `555${String(n).padStart(7, '0')}`, firstName: `Lead ${n}` } };
}

export async function simulator(
  system: Pick<System, 'simulatorUrl'>,
  path: string,
  init: RequestInit = {},
): Promise<Answer['body']> {
  const answer = await call(`${system.simulatorUrl}/simulator${path}`, {
    ...init,
    ...(init.body === undefined ? {} : { headers: { 'content-type': 'application/json' } }),
  });
  if (answer.status >= 300)
    throw new Error(`The simulator answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Replaces the simulator's faults. */
export function misbehave(system: Pick<System, 'simulatorUrl'>, scenario: unknown): Promise<Answer['body']> {
  return simulator(system, '/scenario', { method: 'PUT', body: JSON.stringify(scenario) });
}

/** The upload that held a lead, as it arrived at the simulator: the options and `uploadLeads`, the lead alone. */
export async function uploadOf(system: System, leadId: string | null): Promise<Answer['body']> {
  const { requests } = await simulator(system, '/requests?limit=200');
  for (const { body } of requests.toReversed()) {
    const uploadLeads = body?.uploadLeads?.filter((lead: { externId?: string }) => lead.externId === leadId);
    if (uploadLeads?.length > 0) return { ...body, uploadLeads };
  }
  throw new Error(`The simulator was sent no lead ${leadId}.`);
}
