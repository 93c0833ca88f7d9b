import { type LeadRequest, leadRequestSchema } from '@live-feed/core/lead-request';
import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import { leadAnswers } from './answer-schemas.ts';
import { ApiError } from './api-error.ts';
import { type SubmissionTools, submitLead } from './submit-lead.ts';

const PATH = '/live-feed/ringcx';
const OTHER_METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** `POST /live-feed/ringcx`. The path is the vendor's; the company's dialer decides between RingCX and NewBridge. */
export function leadRoutes(
  app: FastifyInstance,
  tools: SubmissionTools,
  requireKey: onRequestAsyncHookHandler,
): void {
  app.route<{ Body: LeadRequest }>({
    method: 'POST',
    url: PATH,
    onRequest: requireKey,
    schema: {
      operationId: 'submitLead',
      summary: 'Push one lead into a RingCX or NewBridge campaign and get the dialer’s answer',
      description:
        'The phone is normalised, a caller ID is assigned from the company’s ANIs (a `callerId` in the lead is ignored), and the ' +
        'lead is loaded into the dialer. Unknown fields are ignored.',
      tags: ['Live feed'],
      security: [{ apiKey: [] }],
      body: leadRequestSchema,
      response: leadAnswers,
    },
    handler: async (request, reply) => {
      const { apiKey } = request;
      if (apiKey === null) throw new ApiError('API_KEY_MISSING', 'Send your API key.');
      const answer = await submitLead(tools, apiKey, request.body, (leadId) => {
        request.leadId = leadId;
        reply.header('x-lead-id', leadId);
      });
      return reply.headers(answer.headers).type('application/json; charset=utf-8').send(answer.body);
    },
  });
  app.route({
    method: OTHER_METHODS,
    url: PATH,
    schema: { hide: true },
    handler: async () => {
      throw new ApiError('METHOD_NOT_ALLOWED', `Leads are taken with POST ${PATH}.`, {
        headers: { allow: 'POST' },
      });
    },
  });
}
