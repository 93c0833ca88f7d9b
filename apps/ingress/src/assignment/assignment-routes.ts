import type { Assignment } from '@live-feed/database/caller-ids/ani-assignment';
import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import type { z } from 'zod';
import { keyOf } from '../admission/authenticate.ts';
import { ApiError } from '../answers/api-error.ts';
import { ASSIGNMENT_ROUTES } from '../answers/paths.ts';
import { dryRunQuery, noteDryRun } from '../http/dry-run.ts';
import { type AssignmentTools, createAssignAnis } from './assign-anis.ts';
import { ASSIGN, ASSIGN_MANY, MESSAGES, prospectSchema, prospectsSchema } from './assignment-answers.ts';

/** Bytes: a thousand rows of half a KiB each. */
const BATCH_BODY_LIMIT = 512 * 1024;

type Query = z.infer<typeof dryRunQuery>;

/** What became of one prospect, for metrics. */
export type AssignmentResult = Assignment['kind'] | 'refused';

/**
 * `POST /assignment` and `/assignment/batch`: caller IDs for calls that a company's dialer makes by itself.
 *
 * @param onAssigned called for each prospect that was not only tried
 */
export function assignmentRoutes(
  app: FastifyInstance,
  tools: AssignmentTools,
  requireKey: onRequestAsyncHookHandler,
  onAssigned: (result: AssignmentResult) => void,
): void {
  const assignAnis = createAssignAnis(tools);
  const assign: typeof assignAnis = async (key, requests, isDryRun) => {
    const results = await assignAnis(key, requests, isDryRun);
    if (isDryRun) return results;
    for (const result of results) onAssigned(result instanceof ApiError ? 'refused' : result.kind);
    return results;
  };

  app.route<{ Body: z.infer<typeof prospectSchema>; Querystring: Query }>({
    method: 'POST',
    url: ASSIGNMENT_ROUTES.one,
    onRequest: [noteDryRun, requireKey],
    schema: { body: prospectSchema, querystring: dryRunQuery },
    config: { document: ASSIGN },
    handler: async (request) => {
      const { body, dryRun } = request;
      const [result] = await assign(keyOf(request), [body], dryRun);
      if (result instanceof ApiError) throw result;
      const mark = dryRun ? { dryRun } : {};
      if (result?.kind !== 'assigned')
        return { success: false, ...mark, message: MESSAGES[result?.kind ?? 'none'] };
      const ani = written(result.ani, body.e164);
      return { success: true, ...mark, ani, message: MESSAGES[dryRun ? 'tried' : 'assigned'] };
    },
  });

  app.route<{ Body: z.infer<typeof prospectsSchema>; Querystring: Query }>({
    method: 'POST',
    url: ASSIGNMENT_ROUTES.many,
    onRequest: [noteDryRun, requireKey],
    bodyLimit: BATCH_BODY_LIMIT,
    schema: { body: prospectsSchema, querystring: dryRunQuery },
    config: { document: ASSIGN_MANY },
    handler: async (request) => {
      const { leads, e164 } = request.body;
      const { dryRun } = request;
      const results = await assign(keyOf(request), leads, dryRun);
      return {
        success: true,
        ...(dryRun ? { dryRun } : {}),
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
