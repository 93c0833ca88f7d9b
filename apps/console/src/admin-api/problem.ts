import { STATUS_CODES } from 'node:http';
import { saysAway } from '@live-feed/database/connection/trouble';
import { InputError, Refusal } from '@live-feed/operations/refusal';
import type { FastifyReply } from 'fastify';
import { DATABASE_AWAY, REFUSAL_STATUS } from '../operations/refusal-status.ts';

export interface Problem {
  readonly status: number;
  readonly detail: string;
  /** Members besides those of RFC 9457. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** What an error is told as. Of errors that nobody foresaw nothing is told: they may quote what is secret. */
export function problemOf(error: unknown): Problem {
  if (error instanceof InputError) {
    return {
      status: 400,
      detail: 'The request is not what this operation takes.',
      more: { problems: error.problems },
    };
  }
  if (error instanceof Refusal) {
    const { message, kind, see } = error;
    return {
      status: REFUSAL_STATUS[kind],
      detail: message,
      ...(see === undefined ? {} : { more: { see: see.operation } }),
    };
  }
  if (saysAway(error)) return { status: 503, detail: DATABASE_AWAY };
  const status = statusOf(error);
  return status < 500 && error instanceof Error
    ? { status, detail: error.message }
    : {
        status: 500,
        detail: 'Something failed here. The log of the console says what, by the id of this request.',
      };
}

/** Of the errors that Fastify makes: a body that is too large, or no JSON. */
function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return status >= 400 && status < 600 ? status : 500;
}

/** RFC 9457. */
export function sendProblem(
  reply: FastifyReply,
  status: number,
  detail: string,
  more: Readonly<Record<string, unknown>> = {},
): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send({ title: STATUS_CODES[status] ?? 'Error', status, detail, requestId: reply.request.id, ...more });
}
