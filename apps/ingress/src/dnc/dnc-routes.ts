import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import type { z } from 'zod';
import { keyOf } from '../admission/authenticate.ts';
import { DNC_ROUTES } from '../answers/paths.ts';
import { ADD, additionSchema, CHECK, MESSAGES, phoneSchema, REMOVE } from './dnc-answers.ts';
import { createDncList, type DncTools } from './dnc-list.ts';

/** `POST /dnc/add`, `/dnc/remove` and `/dnc/check`: the phones that a company must not have called. */
export function dncRoutes(
  app: FastifyInstance,
  tools: DncTools,
  requireKey: onRequestAsyncHookHandler,
): void {
  const list = createDncList(tools);

  app.route<{ Body: z.infer<typeof additionSchema> }>({
    method: 'POST',
    url: DNC_ROUTES.add,
    onRequest: requireKey,
    schema: { body: additionSchema },
    config: { document: ADD },
    handler: async (request) => {
      const added = await list.add(keyOf(request), request.body.phone, request.body.reason ?? null);
      return { success: true, message: MESSAGES[added] };
    },
  });

  app.route<{ Body: z.infer<typeof phoneSchema> }>({
    method: 'POST',
    url: DNC_ROUTES.remove,
    onRequest: requireKey,
    schema: { body: phoneSchema },
    config: { document: REMOVE },
    handler: async (request) => {
      const removed = await list.remove(keyOf(request), request.body.phone);
      return { success: true, message: MESSAGES[removed] };
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
