/** One HTTP exchange with a dialing system, described by what was observed of it. The only place that calls got. */
import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { parseRetryAfter } from '@live-feed/core/limits/retry-after';
import { got } from 'got';
import type { CallLimits } from '../lead-loader.ts';
import type { Connections } from './connections.ts';
import { resetConnection } from './connector.ts';
import { decodeAnswer } from './decode-answer.ts';
import { parseAnswer, type Said } from './parse-answer.ts';

export interface ExchangeRequest {
  /** Default: POST. */
  readonly method?: 'POST' | 'PUT' | 'GET';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON, unless `encoding` is `form`: then a record of texts. Undefined with GET. */
  readonly body: unknown;
  readonly encoding?: 'form';
  /** The fence: asked in the same turn of the event loop as the first write. */
  readonly mayWrite: () => boolean;
  /** Longest answer body that is read, in bytes, before and after it is decompressed. */
  readonly maxAnswerBytes: number;
}

/** How far an exchange had come: no connection yet; connected with nothing written; possibly written. */
export type Phase = 'connecting' | 'connected' | 'written';

/** Why we broke an exchange off ourselves, or the code of the error that did, e.g. `ECONNRESET`. */
export type Break =
  | { readonly by: 'fence' | 'connect_timeout' | 'upload_timeout' | 'protocol_switch' }
  | { readonly by: 'answer_too_large' | 'answer_too_deep' | 'answer_encoding' }
  | { readonly by: 'error'; readonly code: string };

export type Exchange = WholeAnswer | BrokenExchange;

/** A whole answer, whatever its status. */
export interface WholeAnswer extends Said {
  readonly kind: 'answer';
  readonly httpStatus: number;
  readonly retryAfterMs?: number;
}

/** No whole answer, or none that can be read within our bounds. */
export interface BrokenExchange {
  readonly kind: 'broken';
  readonly phase: Phase;
  readonly cause: Break;
  /** Where an answer had begun. */
  readonly httpStatus?: number;
}

const TYPES = { json: 'application/json', form: 'application/x-www-form-urlencoded' } as const;

/** Asks once and never throws: no retry, no redirect, no cookies. */
export async function exchange(
  { agents }: Connections,
  limits: CallLimits,
  request: ExchangeRequest,
): Promise<Exchange> {
  let phase: Phase = 'connecting';
  let cause: Break | undefined;
  let socket: Socket | undefined;
  let head: { httpStatus: number; headers: http.IncomingHttpHeaders } | undefined;

  const hasBody = request.body !== undefined;
  const stream = got.stream(request.url, {
    method: request.method ?? 'POST',
    headers: {
      ...request.headers,
      'user-agent': 'live-feed',
      ...(hasBody && { 'content-type': TYPES[request.encoding ?? 'json'] }),
      accept: 'application/json',
      'accept-encoding': 'identity',
    },
    ...(hasBody && { body: encode(request) }),
    agent: agents,
    request: start,
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
  });
  stream.on('error', () => {}); // seen below; a second one must not end the process
  stream.once('response', ({ statusCode, headers }) => {
    head = { httpStatus: statusCode, headers };
  });
  let timer = setTimeout(breakOff, limits.connectMs, 'connect_timeout');

  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > request.maxAnswerBytes) breakOff('answer_too_large');
      else chunks.push(chunk);
    }
    // From here on the connection may be another request's.
    clearTimeout(timer);
    if (cause || !head) return broken();
    const { httpStatus, headers } = head;
    const encoded = {
      contentEncoding: headers['content-encoding'],
      contentType: headers['content-type'],
    };
    const decoded = await decodeAnswer(Buffer.concat(chunks), encoded, request.maxAnswerBytes);
    const said = decoded.ok ? parseAnswer(decoded.text) : undefined;
    if (said === undefined) {
      cause = { by: decoded.ok ? 'answer_too_deep' : decoded.why };
      return broken();
    }
    const retryAfterMs = parseRetryAfter(headers['retry-after'], Date.now());
    return { kind: 'answer', httpStatus, ...(retryAfterMs !== undefined && { retryAfterMs }), ...said };
  } catch (error) {
    cause ??= { by: 'error', code: codeOf(error) };
    return broken();
  } finally {
    clearTimeout(timer);
  }

  /** Makes got's native request. It gets its socket connected, and Node emits `socket` right before it writes. */
  function start(url: URL, options: https.RequestOptions, onResponse?: (res: http.IncomingMessage) => void) {
    const native = (url.protocol === 'https:' ? https : http).request(url, options, onResponse);
    native.on('error', () => {}); // got listens once
    native.once('socket', (connected) => atFence(native, connected));
    native.once('upgrade', () => breakOff('protocol_switch')); // HTTP 101, after which Node waits for nothing more
    return native;
  }

  function atFence(native: ClientRequest, connected: Socket): void {
    clearTimeout(timer);
    socket = connected;
    if (!cause) phase = 'connected';
    if (!cause && request.mayWrite()) {
      phase = 'written';
      timer = setTimeout(breakOff, limits.uploadMs, 'upload_timeout');
    } else {
      native.destroy(); // before anything else: Node writes as soon as this listener returns
      breakOff('fence');
    }
  }

  function breakOff(by: Exclude<Break['by'], 'error'>): void {
    if (cause) return;
    cause = { by };
    if (socket) resetConnection(socket);
    stream.destroy();
  }

  function broken(): Exchange {
    return {
      kind: 'broken',
      phase,
      cause: cause ?? { by: 'error', code: 'ERR_NO_ANSWER' },
      ...(head && { httpStatus: head.httpStatus }),
    };
  }
}

function encode({ body, encoding }: ExchangeRequest): string {
  if (encoding !== 'form') return JSON.stringify(body);
  return new URLSearchParams(body as Readonly<Record<string, string>>).toString();
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'ERR_UNKNOWN';
}
