import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { parseRetryAfter } from '@live-feed/core/limits/retry-after';
import { type OutboundRules, urlProblem } from './address-guard.ts';
import { ADDRESS_REFUSED, guardedLookup, type Resolve } from './guarded-lookup.ts';

/**
 * HTTP to URLs that companies choose: to public addresses only, within a time limit, without redirects, cookies, proxies or retries, and with
 * little of the response read.
 */
export interface OutboundClient {
  /** Never throws. */
  post(request: OutboundRequest): Promise<OutboundResult>;
  /** Breaks off what is under way. */
  close(): void;
}

export interface OutboundRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For everything, from the name to the end of the response; milliseconds. */
  readonly limitMs: number;
  /** Of the response's body, as much is read at most. */
  readonly maxAnswerBytes: number;
}

export type OutboundResult =
  | {
      readonly kind: 'answer';
      readonly httpStatus: number;
      readonly retryAfterMs: number | undefined;
      readonly body: string;
      /** The body was longer, or did not end in time. */
      readonly isCut: boolean;
    }
  /** Nothing was sent: the URL leads to where nothing is sent. */
  | { readonly kind: 'refused'; readonly why: string }
  /** There was no response; it may have been sent. */
  | { readonly kind: 'failed'; readonly why: string };

export interface OutboundOptions extends OutboundRules {
  /** Replaces DNS, in tests. */
  readonly resolve?: Resolve;
  /** PEM certificates to trust instead of those that Node trusts, in tests. */
  readonly ca?: string;
}

/** Less than the 5 s after which many servers hang up. */
const IDLE_MS = 4_000;
/** Idle connections that are kept for a host. They count among all, so they are few: Node closes none of them for another host. */
const MOST_IDLE = 4;
/** Callers bound what is under way to a host. */
const MOST_SOCKETS = 16_384;

export function createOutboundClient(options: OutboundOptions): OutboundClient {
  const lookup = guardedLookup(options, options.resolve);
  const { ca } = options;
  const pool = (keepAlive: boolean): Agents => {
    const bounds = {
      keepAlive,
      maxFreeSockets: MOST_IDLE,
      maxTotalSockets: MOST_SOCKETS,
      timeout: IDLE_MS,
      lookup,
    };
    return {
      'http:': new http.Agent(bounds),
      'https:': new https.Agent({
        ...bounds,
        // Whatever the environment says.
        rejectUnauthorized: true,
        ...(ca === undefined ? {} : { ca }),
      }),
    };
  };
  const kept = pool(true);
  const fresh = pool(false);
  const underWay = new Set<AbortController>();

  async function ask(request: OutboundRequest, agents: Agents): Promise<Attempt> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), request.limitMs);
    underWay.add(abort);
    try {
      return await exchange(request, agents, abort.signal);
    } finally {
      clearTimeout(timer);
      underWay.delete(abort);
    }
  }

  return {
    async post(request) {
      const problem = urlProblem(request.url, options);
      if (problem !== undefined) return { kind: 'refused', why: problem };
      let attempt = await ask(request, kept);
      // The server hung up on a connection that was idle, before it read anything.
      if (attempt.kind === 'failed' && attempt.reused && HUNG_UP.has(attempt.code)) {
        attempt = await ask(request, fresh);
      }
      return attempt.kind === 'failed' ? failureOf(attempt, request.limitMs) : attempt;
    },
    close() {
      for (const abort of underWay) abort.abort();
      for (const agents of [kept, fresh]) for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

interface Agents {
  readonly 'http:': http.Agent;
  readonly 'https:': https.Agent;
}

type Answer = Extract<OutboundResult, { kind: 'answer' }>;
type Attempt =
  | Answer
  | {
      readonly kind: 'failed';
      readonly code: string;
      /** On a connection that had been used before. */
      readonly reused: boolean;
      readonly isLate: boolean;
    };

const HUNG_UP: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

function answerOf(response: IncomingMessage, read: { body: string; isCut: boolean }): Answer {
  const { statusCode = 0, headers } = response;
  const retryAfterMs = parseRetryAfter(headers['retry-after'], Date.now());
  return { kind: 'answer', httpStatus: statusCode, retryAfterMs, ...read };
}

function exchange(request: OutboundRequest, agents: Agents, signal: AbortSignal): Promise<Attempt> {
  const url = new URL(request.url);
  const isPlain = url.protocol === 'http:';
  return new Promise((resolve) => {
    let responded = false;
    const sent = (isPlain ? http : https).request(url, {
      method: 'POST',
      headers: { ...request.headers, 'content-length': Buffer.byteLength(request.body) },
      agent: agents[isPlain ? 'http:' : 'https:'],
      signal,
    });
    const fail = (code: string) => {
      if (!responded) resolve({ kind: 'failed', code, reused: sent.reusedSocket, isLate: signal.aborted });
    };
    sent.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'ERR_UNKNOWN'));
    // Without an error, such as after a switch of protocols.
    sent.once('close', () => fail('ECONNRESET'));
    sent.once('response', (response) => {
      responded = true;
      void readBody(response, request.maxAnswerBytes).then((read) => resolve(answerOf(response, read)));
    });
    sent.end(request.body);
  });
}

/** Ends the connection once it has read enough. */
async function readBody(
  response: IncomingMessage,
  maxBytes: number,
): Promise<{ body: string; isCut: boolean }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isCut = false;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, maxBytes - bytes));
      bytes += chunk.length;
      if (bytes <= maxBytes) continue;
      isCut = true;
      break;
    }
  } catch {
    isCut = true;
  }
  return { body: Buffer.concat(chunks).toString('utf8'), isCut };
}

function failureOf({ code, isLate }: Extract<Attempt, { kind: 'failed' }>, limitMs: number): OutboundResult {
  if (code === ADDRESS_REFUSED)
    return { kind: 'refused', why: 'The name leads to a private or reserved address.' };
  if (isLate) return { kind: 'failed', why: `no response within ${limitMs / 1_000} s` };
  return { kind: 'failed', why: DESCRIPTIONS.get(code) ?? `failed (${code})` };
}

/** Codes of Node's DNS and sockets. */
const DESCRIPTIONS: ReadonlyMap<string, string> = new Map([
  ['ENOTFOUND', 'host name not found'],
  ['ENODATA', 'host name has no address'],
  ['ESERVFAIL', 'name resolution failed'],
  ['ETIMEOUT', 'name resolution timed out'],
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'connection reset'],
  ['EPIPE', 'connection closed'],
  ['ETIMEDOUT', 'connection timed out'],
  ['EHOSTUNREACH', 'host unreachable'],
  ['ENETUNREACH', 'network unreachable'],
]);
