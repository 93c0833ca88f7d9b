import { type PhoneRegion, phoneRegion } from '@live-feed/core/caller-id/phone-region';
import { SealError } from '@live-feed/core/crypto/sealing';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { leadPayloadSchema } from '@live-feed/core/lead/lead-request';
import type { TracedLead } from '@live-feed/database/leads/lead-status';
import type { FastifyInstance, FastifyReply, onRequestAsyncHookHandler } from 'fastify';
import { keyOf } from '../admission/authenticate.ts';
import { createCallerCaps } from '../admission/caller-caps.ts';
import { ApiError } from '../answers/api-error.ts';
import { LEADS_ROUTE } from '../answers/paths.ts';
import { LEAD_TAG } from '../openapi/api-document.ts';
import { createInDialer, type InDialerBody } from './in-dialer.ts';
import { giveBack, ownLead, type StatusTools, searchPage } from './lead-queries.ts';
import { statusBody } from './lead-status.ts';
import {
  giveBackAnswers,
  giveBackSchema,
  leadParamsSchema,
  leadSearchSchema,
  leadStatusSchema,
  type SearchQuery,
  searchAnswers,
  statusAnswers,
} from './status-answers.ts';

/** Maximum number of lists being read at once, in this process and for one company, so that others find connections free. */
const LISTS_AT_ONCE = { ofIngress: 100, ofCompany: 2, unknown: () => 0 };

/** `/live-feed/leads` and `/live-feed/leads/{leadId}`. */
export function statusRoutes(
  app: FastifyInstance,
  tools: StatusTools,
  requireKey: onRequestAsyncHookHandler,
): void {
  const shared = { tags: [LEAD_TAG], security: [{ apiKey: [] }] };
  const lists = createCallerCaps(LISTS_AT_ONCE);
  const inDialer = createInDialer(tools.errands);

  app.route<{ Params: { leadId: string }; Querystring: { inDialer?: 'true' | 'false' } }>({
    method: 'GET',
    url: `${LEADS_ROUTE}/:leadId`,
    onRequest: requireKey,
    schema: {
      ...shared,
      operationId: 'getLead',
      summary: 'What became of a lead',
      description:
        'A lead has a status once it is first sent, or once its caller is told that it is kept. Before that it is only in the ' +
        'queue, and the response is 404.',
      params: leadParamsSchema,
      querystring: leadStatusSchema,
      response: statusAnswers,
    },
    handler: async (request, reply) => {
      const { companyId } = keyOf(request);
      const lead = await ownLead(tools.reading, companyId, request.params.leadId);
      request.leadId = lead.id;
      const isAsked = request.query.inDialer === 'true';
      return answerWith(tools, companyId, lead, reply, isAsked ? await inDialer.look(lead) : undefined);
    },
  });

  app.route<{ Params: { leadId: string }; Querystring: { inDialer?: 'cancel' } }>({
    method: 'DELETE',
    url: `${LEADS_ROUTE}/:leadId`,
    onRequest: requireKey,
    schema: {
      ...shared,
      operationId: 'giveBackLead',
      summary: 'Take back a lead that was promised and has not been sent, or cancel it in the dialer',
      description:
        'The lead ends as `ABANDONED` and is not sent. Repeating the request gets the same response. 409 if the lead has been sent or has ended. ' +
        'With `inDialer=cancel` a lead that the dialer has taken is cancelled there; its state here stays.',
      params: leadParamsSchema,
      querystring: giveBackSchema,
      response: giveBackAnswers,
    },
    handler: async (request, reply) => {
      const { companyId } = keyOf(request);
      const cancels = request.query.inDialer === 'cancel';
      const lead = await giveBack(tools, companyId, request.params.leadId, cancels);
      request.leadId = lead.id;
      if (!cancels) return answerWith(tools, companyId, lead, reply);
      const now = lead.state === 'ACCEPTED' ? await inDialer.cancel(lead) : ({ answer: 'absent' } as const);
      return answerWith(tools, companyId, lead, reply, now);
    },
  });

  app.route<{ Querystring: SearchQuery }>({
    method: 'GET',
    url: LEADS_ROUTE,
    onRequest: requireKey,
    schema: {
      ...shared,
      operationId: 'listLeads',
      summary: 'The company’s leads, newest first',
      description: `At most ${LISTS_AT_ONCE.ofCompany} lists of a company are read at once; more are refused with 429 and \`Retry-After\`.`,
      querystring: leadSearchSchema,
      response: searchAnswers,
    },
    handler: async (request) => {
      const { companyId } = keyOf(request);
      if (lists.enter(companyId) !== undefined) {
        throw new ApiError('TOO_MANY_LISTS', { about: LISTS_AT_ONCE.ofCompany });
      }
      try {
        return await searchPage(tools, companyId, request.query);
      } finally {
        lists.leave(companyId);
      }
    },
  });
}

function answerWith(
  tools: StatusTools,
  companyId: string,
  lead: TracedLead,
  reply: FastifyReply,
  inDialer?: InDialerBody,
): FastifyReply {
  return reply
    .header('x-lead-id', lead.id)
    .type('application/json; charset=utf-8')
    .send(statusBody(lead, regionOf(tools, companyId, lead), unsealAnswer(tools, companyId, lead), inDialer));
}

function unsealAnswer({ keyring }: StatusTools, companyId: string, lead: TracedLead): string | null {
  if (lead.dialerResponse === null) return null;
  return keyring.unseal(lead.dialerResponse, { companyId, column: SEALED.dialerResponse });
}

/** Null if the lead cannot be decrypted any more. */
function regionOf({ keyring }: StatusTools, companyId: string, lead: TracedLead): PhoneRegion | null {
  try {
    const payload = keyring.unseal(lead.payload, { companyId, column: SEALED.payload });
    return phoneRegion(leadPayloadSchema.parse(JSON.parse(payload)).phone);
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}
