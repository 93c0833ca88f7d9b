import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { newId } from '@live-feed/core/ids';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError } from '../answers/api-error.ts';
import { MAX_HEADER_BYTES } from './http-limits.ts';

/** Sends an answer that is not success through Fastify. */
export type SendError = (reply: FastifyReply, request: FastifyRequest, answer: ApiError) => unknown;

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/**
 * Answers requests that the HTTP parser cannot read, or that do not arrive in time, in the shape of every other error. Earlier requests on
 * the same connection get their answers first, so that no client takes one request's refusal for another's.
 */
export function createBrokenRequests(sendError: SendError) {
  /** The exchanges of a connection that are not over yet, in the order of their requests. */
  const exchangesOf = new WeakMap<Socket, Exchange[]>();
  const broken = new WeakSet<Socket>();

  function openExchanges(socket: Socket): Exchange[] {
    const open = (exchangesOf.get(socket) ?? []).filter((exchange) => !isOver(exchange));
    exchangesOf.set(socket, open);
    return open;
  }

  return {
    /** To be called before anything that can answer a request. */
    follow(app: FastifyInstance): void {
      app.addHook('onRequest', async (request, reply) => {
        const { socket } = request.raw;
        openExchanges(socket).push({ request, reply });
        reply.raw.once('close', () => openExchanges(socket));
      });
    },

    /** For Node's event `clientError`. */
    answer(error: Error & { readonly code?: string }, socket: Socket): void {
      if (error.code === 'ECONNRESET' || !socket.writable) {
        socket.destroy();
        return;
      }
      // The parser complains again about everything else that arrives.
      if (broken.has(socket)) return;
      broken.add(socket);

      const answer = describe(error.code);
      const open = openExchanges(socket);
      const last = open.at(-1);
      if (last === undefined || last.request.raw.complete) {
        afterAll(open, () => endWith(socket, answer));
      } else if (last.reply.sent) {
        // Refused before its body had arrived, and the body is not coming.
        afterAll(open, () => socket.destroySoon());
      } else {
        last.reply.header('connection', 'close');
        sendError(last.reply, last.request, answer);
      }
    },
  };
}

/** Answers on the socket itself, where Fastify has no request. The connection ends with it. */
export function endWith(socket: Duplex, answer: ApiError): void {
  if (!socket.writable) return;
  const requestId = newId();
  const body = answer.bodyFor(requestId);
  const headers = {
    ...answer.headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`, ...lines, '', body].join('\r\n'));
}

function isOver({ request, reply }: Exchange): boolean {
  return reply.raw.writableFinished && request.raw.complete;
}

function afterAll(exchanges: readonly Exchange[], then: () => void): void {
  const unanswered = exchanges.filter(({ reply }) => !reply.raw.writableFinished);
  let left = unanswered.length;
  if (left === 0) then();
  for (const { reply } of unanswered) {
    reply.raw.once('close', () => {
      left -= 1;
      if (left === 0) then();
    });
  }
}

function describe(code: string | undefined): ApiError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiError('REQUEST_TIMEOUT');
    case 'HPE_HEADER_OVERFLOW':
      return new ApiError('HEADERS_TOO_LARGE', { about: MAX_HEADER_BYTES });
    default:
      return new ApiError('MALFORMED_REQUEST', { about: 'it is not HTTP/1.1' });
  }
}
