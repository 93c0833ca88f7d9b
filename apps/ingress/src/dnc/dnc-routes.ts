import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import type { z } from 'zod';
import { keyOf } from '../admission/authenticate.ts';
import { DNC_ROUTES } from '../answers/paths.ts';
import { dryRunQuery, noteDryRun } from '../http/dry-run.ts';
import { ADD, additionSchema, CHECK, DRY_RUN, MESSAGES, phoneSchema, REMOVE } from './dnc-answers.ts';
import { createDncList, type DncTools } from './dnc-list.ts';

type Query = z.infer<typeof dryRunQuery>;

/** `POST /dnc/add`, `/dnc/remove` and `/dnc/check`: the phones that a company must not have called. */
export function dncRoutes(
  app: FastifyInstance,
  tools: DncTools,
  requireKey: onRequestAsyncHookHandler,
): void {
  const list = createDncList(tools);

  app.route<{ Body: z.infer<typeof additionSchema>; Querystring: Query }>({
    method: 'POST',
    url: DNC_ROUTES.add,
    onRequest: [noteDryRun, requireKey],
    schema: { body: additionSchema, querystring: dryRunQuery },
    config: { document: ADD },
    handler: async (request) => {
      const { body, dryRun } = request;
      return changed(await list.add(keyOf(request), body.phone, body.reason ?? null, dryRun), dryRun);
    },
  });

  app.route<{ Body: z.infer<typeof phoneSchema>; Querystring: Query }>({
    method: 'POST',
    url: DNC_ROUTES.remove,
    onRequest: [noteDryRun, requireKey],
    schema: { body: phoneSchema, querystring: dryRunQuery },
    config: { document: REMOVE },
    handler: async (request) => {
      const { body, dryRun } = request;
      return changed(await list.remove(keyOf(request), body.phone, dryRun), dryRun);
    },
  });

  app.route<{ Body: z.infer<typeof phoneSchema> }>({
    method: 'POST',
    url: DNC_ROUTES.check,
    onRequest: requireKey,
    schema: { body: phoneSchema },
    config: { document: CHECK },
    handler: async (request) => {
      const onDnc = await list.check(keyOf(request), request.body.phone);
      return { success: true, onDnc, message: MESSAGES[onDnc ? 'on it' : 'not on it'] };
    },
  });
}

function changed(what: keyof typeof MESSAGES, isDryRun: boolean) {
  if (!isDryRun) return { success: true, message: MESSAGES[what] };
  return { success: true, dryRun: true, message: `${DRY_RUN} ${MESSAGES[what]}` };
}
