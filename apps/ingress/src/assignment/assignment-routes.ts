import type { Assignment } from '@live-feed/database/caller-ids/ani-assignment';
import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import type { z } from 'zod';
import { keyOf } from '../admission/authenticate.ts';
import { ApiError } from '../answers/api-error.ts';
import { ASSIGNMENT_ROUTES } from '../answers/paths.ts';
import { type AssignmentTools, createAssignAnis } from './assign-anis.ts';
import { ASSIGN, ASSIGN_MANY, MESSAGES, prospectSchema, prospectsSchema } from './assignment-answers.ts';

/** Bytes: a thousand rows of half a KiB each. */
const BATCH_BODY_LIMIT = 512 * 1024;

/** What became of one prospect, for metrics. */
export type AssignmentResult = Assignment['kind'] | 'refused';

/**
 * `POST /assignment` and `/assignment/batch`: caller IDs for calls that a company's dialer makes by itself.
 *
 * @param onAssigned called for each prospect
 */
export function assignmentRoutes(
  app: FastifyInstance,
  tools: AssignmentTools,
  requireKey: onRequestAsyncHookHandler,
  onAssigned: (result: AssignmentResult) => void,
): void {
  const assignAnis = createAssignAnis(tools);
  const assign: typeof assignAnis = async (key, requests) => {
    const results = await assignAnis(key, requests);
    for (const result of results) onAssigned(result instanceof ApiError ? 'refused' : result.kind);
    return results;
  };

  app.route<{ Body: z.infer<typeof prospectSchema> }>({
    method: 'POST',
    url: ASSIGNMENT_ROUTES.one,
    onRequest: requireKey,
    schema: { body: prospectSchema },
    config: { document: ASSIGN },
    handler: async (request) => {
      const [result] = await assign(keyOf(request), [request.body]);
      if (result instanceof ApiError) throw result;
      if (result?.kind !== 'assigned') return { success: false, message: MESSAGES[result?.kind ?? 'none'] };
      const ani = written(result.ani, request.body.e164);
      return { success: true, ani, message: MESSAGES.assigned };
    },
  });

  app.route<{ Body: z.infer<typeof prospectsSchema> }>({
    method: 'POST',
    url: ASSIGNMENT_ROUTES.many,
    onRequest: requireKey,
    bodyLimit: BATCH_BODY_LIMIT,
    schema: { body: prospectsSchema },
    config: { document: ASSIGN_MANY },
    handler: async (request) => {
      const { leads, e164 } = request.body;
      const results = await assign(keyOf(request), leads);
      return {
        success: true,
        results: leads.map(({ row_id }, place) => ({ row_id, ...columnsOf(results[place], e164) })),
      };
    },
  });
}

function columnsOf(result: Assignment | ApiError | undefined, e164: boolean | null | undefined) {
  if (result instanceof ApiError) return { outboundani: '', error: result.message };
  if (result?.kind === 'assigned') return { outboundani: written(result.ani, e164), error: null };
  return { outboundani: '', error: MESSAGES[result?.kind ?? 'none'] };
}

function written(ani: string, e164: boolean | null | undefined): string {
  return e164 === true ? `+1${ani}` : ani;
}
