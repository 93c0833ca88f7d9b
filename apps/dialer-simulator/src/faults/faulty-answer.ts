/**
 * Faulty responses, down to the socket. Those that take over the connection need a real one: Fastify's `inject` has no socket to hang
 * or reset.
 */
import type { FastifyReply } from 'fastify';
import { defaultErrorCode } from '../api/error-answer.ts';
import type { AnswerFault } from './fault-kinds.ts';
import { bloat, encode, withMembers } from './odd-answers.ts';

/** What RingCX says of a bearer token that has ended. */
export const EXPIRED = 'Jwt is expired';
const JSON_TYPE = 'application/json; charset=utf-8';

/** @param good the response without the fault. */
export function answerWithFault(
  reply: FastifyReply,
  fault: AnswerFault,
  good: unknown,
  nowMs: number,
): FastifyReply {
  switch (fault.kind) {
    case 'status':
      return sendStatus(reply, fault, nowMs);
    case 'redirect':
      return reply.code(fault.status).header('location', fault.location).send();
    case 'malformed':
      return sendMalformed(reply, fault.form, JSON.stringify(good));
    case 'page':
      return sendPage(reply, fault);
    case 'encoded': {
      const { coding, body } = encode(JSON.stringify(good), fault.coding);
      return reply.header('content-encoding', coding).type(JSON_TYPE).send(body);
    }
    case 'altered':
      return reply.type(JSON_TYPE).send(JSON.stringify(withMembers(good, fault.members)));
    case 'bloated':
      return reply.type(JSON_TYPE).send(bloat(good, fault));
    case 'verbatim':
      return reply
        .code(fault.status)
        .header('content-type', fault.contentType)
        .send(Buffer.from(fault.body, fault.charset));
    case 'expire':
      return reply.code(401).type('text/plain; charset=utf-8').send(EXPIRED);
    case 'hang':
      // The connection stays open without a response until one side closes it.
      return reply.hijack();
    case 'reset':
      reply.hijack();
      reply.request.raw.socket.resetAndDestroy();
      return reply;
    case 'drip':
      return sendDripping(reply, fault, Buffer.from(JSON.stringify(good)));
  }
}

/** Whether the leads are stored, or the tokens issued, although the response fails. */
export function takesEffect(fault: AnswerFault | null): boolean {
  if (fault === null || fault.kind === 'drip') return true;
  return 'when' in fault && fault.when === 'afterStoring';
}

function sendStatus(
  reply: FastifyReply,
  fault: AnswerFault & { kind: 'status' },
  nowMs: number,
): FastifyReply {
  reply.code(fault.status);
  if (fault.retryAfter !== undefined) reply.header('retry-after', String(fault.retryAfter));
  if (typeof fault.body === 'string') return reply.type('text/plain; charset=utf-8').send(fault.body);
  const body = fault.body ?? {
    errorCode: defaultErrorCode(fault.status),
    generalMessage: `The scenario asks for status ${fault.status}`,
    timestamp: nowMs,
  };
  return reply.type(JSON_TYPE).send(JSON.stringify(body));
}

function sendPage(reply: FastifyReply, { status, retryAfter }: AnswerFault & { kind: 'page' }): FastifyReply {
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  const title = `${status} by the simulated proxy`;
  return reply
    .code(status)
    .type('text/html')
    .send(
      `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`,
    );
}

function sendMalformed(
  reply: FastifyReply,
  form: (AnswerFault & { kind: 'malformed' })['form'],
  json: string,
): FastifyReply {
  const half = json.slice(0, Math.ceil(json.length / 2));
  switch (form) {
    case 'brokenJson':
      return reply.type(JSON_TYPE).send(half);
    case 'empty':
      return reply.type(JSON_TYPE).send('');
    case 'html':
      return reply.type('text/html').send('<html><body>Scheduled maintenance</body></html>');
    case 'otherShape':
      return reply.type(JSON_TYPE).send('{"status":"ok"}');
    case 'truncated': {
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, { 'content-type': JSON_TYPE, 'content-length': Buffer.byteLength(json) });
      raw.write(half, () => raw.destroy());
      return reply;
    }
  }
}

/** Ends early if the client disconnects. */
function sendDripping(
  reply: FastifyReply,
  fault: AnswerFault & { kind: 'drip' },
  body: Buffer,
): FastifyReply {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { 'content-type': JSON_TYPE, 'content-length': body.length });
  let sent = 0;
  const timer = setInterval(() => {
    raw.write(body.subarray(sent, sent + fault.bytes));
    sent += fault.bytes;
    if (sent < body.length) return;
    clearInterval(timer);
    raw.end();
  }, fault.everyMs);
  raw.once('close', () => clearInterval(timer));
  return reply;
}
