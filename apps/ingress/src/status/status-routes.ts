import { stands } from '@live-feed/core/directory/campaign-pause';
import type { TracedLead } from '@live-feed/core/lead/lead-record';
import { type StatusNow, statusBody } from '@live-feed/core/status/lead-status';
import { LEADS_ROUTE } from '@live-feed/core/status/status-path';
import type { FastifyInstance, FastifyReply, onRequestAsyncHookHandler } from 'fastify';
import { INSUFFICIENT, isForTests, keyOf, scopeOf } from '../admission/authenticate.ts';
import { createCallerCaps } from '../admission/caller-caps.ts';
import { ApiError } from '../answers/api-error.ts';
import { createInDialer, type InDialerBody } from './in-dialer.ts';
import { giveBack, ownLead, type StatusTools, searchPage } from './lead-queries.ts';
import {
  giveBackSchema,
  leadParamsSchema,
  leadSearchSchema,
  leadStatusSchema,
  type SearchQuery,
} from './status-answers.ts';
import { GET_LEAD, GIVE_BACK_LEAD, LIST_LEADS } from './status-document.ts';

/** Maximum number of lists being read at once, in this process and for one company, so that others find connections free. */
const LISTS_AT_ONCE = { ofIngress: 100, ofCompany: 2, unknown: () => 0 };

/** `/live-feed/leads` and `/live-feed/leads/{leadId}`. */
export function statusRoutes(
  app: FastifyInstance,
  tools: StatusTools,
  requireKey: onRequestAsyncHookHandler,
): void {
  const lists = createCallerCaps(LISTS_AT_ONCE);
  const inDialer = createInDialer(tools.errands);

  app.route<{ Params: { leadId: string }; Querystring: { inDialer?: 'true' | 'false' } }>({
    method: 'GET',
    url: `${LEADS_ROUTE}/:leadId`,
    onRequest: requireKey,
    schema: { params: leadParamsSchema, querystring: leadStatusSchema },
    config: { document: GET_LEAD },
    handler: async (request, reply) => {
      const scope = scopeOf(keyOf(request));
      const lead = await ownLead(tools.reading, scope, request.params.leadId);
      request.leadId = lead.id;
      const isAsked = request.query.inDialer === 'true';
      return answerWith(tools, lead, reply, isAsked ? await inDialer.look(lead) : undefined);
    },
  });

  app.route<{ Params: { leadId: string }; Querystring: { inDialer?: 'cancel' } }>({
    method: 'DELETE',
    url: `${LEADS_ROUTE}/:leadId`,
    onRequest: requireKey,
    schema: { params: leadParamsSchema, querystring: giveBackSchema },
    config: { document: GIVE_BACK_LEAD },
    handler: async (request, reply) => {
      const key = keyOf(request);
      if (isForTests(key)) throw new ApiError('TEST_KEY', { headers: INSUFFICIENT });
      const cancels = request.query.inDialer === 'cancel';
      const lead = await giveBack(tools, scopeOf(key), request.params.leadId, cancels);
      request.leadId = lead.id;
      if (!cancels) return answerWith(tools, lead, reply);
      const now = lead.state === 'ACCEPTED' ? await inDialer.cancel(lead) : ({ answer: 'absent' } as const);
      return answerWith(tools, lead, reply, now);
    },
  });

  app.route<{ Querystring: SearchQuery }>({
    method: 'GET',
    url: LEADS_ROUTE,
    onRequest: requireKey,
    schema: { querystring: leadSearchSchema },
    config: { document: LIST_LEADS },
    handler: async (request) => {
      const scope = scopeOf(keyOf(request));
      const { companyId } = scope;
      if (lists.enter(companyId) !== undefined) {
        throw new ApiError('TOO_MANY_LISTS', { about: LISTS_AT_ONCE.ofCompany });
      }
      try {
        return await searchPage(tools, scope, request.query);
      } finally {
        lists.leave(companyId);
      }
    },
  });
}

async function answerWith(
  tools: StatusTools,
  lead: TracedLead,
  reply: FastifyReply,
  inDialer?: InDialerBody,
): Promise<FastifyReply> {
  const campaignPause = await pauseOf(tools, lead);
  return reply
    .header('x-lead-id', lead.id)
    .type('application/json; charset=utf-8')
    .send(statusBody(tools.keyring, lead, { campaignPause, inDialer }));
}

/** Only of leads that wait for its end, so that others are shown as ever. */
async function pauseOf(
  { directory, databaseHealth }: StatusTools,
  { state, companyId, campaignId }: TracedLead,
): Promise<StatusNow['campaignPause']> {
  if (state !== 'QUEUED') return undefined;
  const campaign = await directory.findCampaign(companyId, campaignId).catch(() => null);
  const pause = campaign?.pause ?? null;
  if (!stands(pause, databaseHealth.now())) return undefined;
  return { until: pause.untilMs === null ? null : new Date(pause.untilMs).toISOString() };
}
