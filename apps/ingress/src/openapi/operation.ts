import type { z } from 'zod';
import type { RequestKind } from '../answers/api-error-entry.ts';
import type { AnswerHeader, RequestHeader } from './headers.ts';

/** The subjects of the API, the most important first. */
export const TAGS = {
  Leads: 'Submitting leads, one or many at a time.',
  'Lead status': 'What became of leads, and taking them back.',
  'Caller IDs': 'Numbers for calls that the company’s dialer makes by itself.',
  'Do-not-call list': 'The phones that the company must not have called.',
  Webhooks: 'What the gateway posts to endpoints of a company.',
  Health: 'For operators: whether this process responds, and whether it can take leads.',
} as const;

export type Tag = keyof typeof TAGS;

/** One answer to an operation. */
export interface Answer {
  /** Of the body; its description is the answer's. Left out for errors: they all have the same. */
  readonly schema?: z.ZodType;
  /** Beside those that the status always has. */
  readonly headers?: readonly AnswerHeader[];
  readonly example?: unknown;
}

/**
 * What the API's document says of a route, in the route's `config`. The rest, schemas of the body, the path and the query, is what the route
 * validates by. A route without this is not in the document.
 */
export interface Operation {
  readonly operationId: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description: string;
  /** Needs no API key. */
  readonly open?: true;
  readonly headers?: readonly RequestHeader[];
  /** Of the request's body. */
  readonly example?: unknown;
  /** The body may come URL-encoded, too. */
  readonly form?: { readonly schema: z.ZodType; readonly example: unknown };
  /** Successes by status, and what errors of a status have beside the usual. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Which errors it can give; see `RequestKind`. */
  readonly errors: readonly RequestKind[];
}

declare module 'fastify' {
  interface FastifyContextConfig {
    document?: Operation;
  }
}
