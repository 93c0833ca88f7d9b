import { type PhoneRegion, phoneRegion } from '@live-feed/core/caller-id/phone-region';
import type { KeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import { type Keyring, SealError } from '@live-feed/core/crypto/sealing';
import { isId } from '@live-feed/core/ids';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { leadPayloadSchema } from '@live-feed/core/lead/lead-request';
import { normalisePhone } from '@live-feed/core/lead/phone';
import type { Database } from '@live-feed/database/connection/client';
import type { KeyRecord } from '@live-feed/database/directory/lookups';
import { findLead, searchLeads, type TracedLead } from '@live-feed/database/leads/lead-status';
import { takeBack } from '@live-feed/database/leads/lead-transitions';
import type { LeadProducer } from '@live-feed/queue/jobs/lead-producer';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { keyOf } from '../admission/authenticate.ts';
import { createCallerCaps } from '../admission/caller-caps.ts';
import { ApiError } from '../http/api-error.ts';
import { LEAD_TAG } from '../openapi/api-document.ts';
import { statusPath } from '../submit/lead-answer.ts';
import { cursorAfter, readCursor } from './lead-cursor.ts';
import { leadSummary, statusBody } from './lead-status.ts';
import {
  giveBackAnswers,
  type LeadSearchQuery,
  leadParamsSchema,
  leadSearchSchema,
  noParametersSchema,
  searchAnswers,
  statusAnswers,
} from './status-answers.ts';

export interface StatusTools {
  readonly database: Database;
  /** For what only looks: it takes no connection from leads that come in. */
  readonly reading: Database;
  readonly keyring: Keyring;
  readonly digests: KeyedDigests;
  readonly producer: LeadProducer;
}

/** Lists that are read at once, here and for one company: the others find connections free. */
const LISTS_AT_ONCE = { ofIngress: 100, ofCompany: 2, unknown: () => 0 };

/** `/live-feed/leads` and `/live-feed/leads/{leadId}`: for a key only its own company's leads exist. */
export function statusRoutes(
  app: FastifyInstance,
  tools: StatusTools,
  requireKey: onRequestAsyncHookHandler,
): void {
  const shared = { tags: [LEAD_TAG], security: [{ apiKey: [] }] };
  const lists = createCallerCaps(LISTS_AT_ONCE);

  app.route<{ Params: { leadId: string } }>({
    method: 'GET',
    url: '/live-feed/leads/:leadId',
    onRequest: requireKey,
    schema: {
      ...shared,
      operationId: 'getLead',
      summary: 'What became of a lead',
      description:
        'A lead can be looked at from when it is first sent, or its caller is told that it is kept; before that it is only in the ' +
        'queue, and this is 404.',
      params: leadParamsSchema,
      querystring: noParametersSchema,
      response: statusAnswers,
    },
    handler: async (request, reply) => {
      const { companyId } = keyOf(request);
      const lead = await ownLead(tools.reading, companyId, request.params.leadId);
      return answerWith(tools, companyId, lead, request, reply);
    },
  });

  app.route<{ Params: { leadId: string } }>({
    method: 'DELETE',
    url: '/live-feed/leads/:leadId',
    onRequest: requireKey,
    schema: {
      ...shared,
      operationId: 'giveBackLead',
      summary: 'Take back a lead that was promised and has not been sent',
      description:
        'It ends as `ABANDONED` and is not sent any more. Doing so again is answered alike. 409 if it has been sent or has ended.',
      params: leadParamsSchema,
      querystring: noParametersSchema,
      response: giveBackAnswers,
    },
    handler: async (request, reply) => {
      const { companyId } = keyOf(request);
      const lead = await giveBack(tools, companyId, request.params.leadId);
      return answerWith(tools, companyId, lead, request, reply);
    },
  });

  app.route<{ Querystring: LeadSearchQuery }>({
    method: 'GET',
    url: '/live-feed/leads',
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
      const key = keyOf(request);
      if (lists.enter(key.companyId) !== undefined) throw tooManyLists();
      try {
        return await searchPage(tools, key, request.query);
      } finally {
        lists.leave(key.companyId);
      }
    },
  });
}

function answerWith(
  tools: StatusTools,
  companyId: string,
  lead: TracedLead,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  request.leadId = lead.id;
  return reply
    .header('x-lead-id', lead.id)
    .type('application/json; charset=utf-8')
    .send(statusBody(lead, regionOf(tools, companyId, lead), unsealAnswer(tools, companyId, lead)));
}

/** @returns the lead, which is ABANDONED @throws ApiError 404, or 409 for one that is in any other state */
async function giveBack(
  { database, reading, producer }: StatusTools,
  companyId: string,
  leadId: string,
): Promise<TracedLead> {
  const taken = isId(leadId) ? await asked(takeBack(database, companyId, leadId)) : undefined;
  if (taken !== undefined) await producer.discard(taken.dialerId, leadId);
  const lead = await ownLead(reading, companyId, leadId);
  if (lead.state === 'ABANDONED') return lead;
  throw new ApiError(
    'NOT_GIVEN_BACK',
    'The lead cannot be given back: it has been sent, is being sent, or has ended. Look at statusUrl.',
    { leadId, statusUrl: statusPath(leadId) },
  );
}

/** @throws ApiError 404, for another company's lead as well */
async function ownLead(database: Database, companyId: string, leadId: string): Promise<TracedLead> {
  const lead = isId(leadId) ? await asked(findLead(database, companyId, leadId)) : null;
  if (lead !== null) return lead;
  throw new ApiError(
    'LEAD_NOT_FOUND',
    'Your company has no such lead, or nobody has sent or promised it yet. Use the leadId or statusUrl that you were given.',
  );
}

function tooManyLists(): ApiError {
  return new ApiError(
    'TOO_MANY_LISTS',
    `Your company reads other lists at this moment. Read at most ${LISTS_AT_ONCE.ofCompany} at once, and this one again in a second.`,
    { headers: { 'retry-after': '1' } },
  );
}

async function searchPage(tools: StatusTools, { companyId }: KeyRecord, query: LeadSearchQuery) {
  const { campaignId, state, limit } = query;
  const phoneDigest =
    query.phone === undefined ? undefined : tools.digests.phone(companyId, phoneOf(query.phone));
  const olderThan = query.cursor === undefined ? undefined : positionOf(query.cursor);
  const search = { companyId, phoneDigest, campaignId, state, olderThan, limit: limit + 1 };
  const found = await asked(searchLeads(tools.reading, search));
  const leads = found.slice(0, limit);
  const last = found.length > limit ? leads.at(-1) : undefined;
  return { leads: leads.map(leadSummary), nextCursor: last === undefined ? null : cursorAfter(last.id) };
}

function phoneOf(text: string): string {
  const reading = normalisePhone(text);
  if (reading.ok) return reading.phone;
  throw new ApiError('PHONE_INVALID', reading.reason, {
    issues: [{ path: 'phone', message: reading.reason }],
  });
}

function positionOf(cursor: string): string {
  const position = readCursor(cursor);
  if (position !== undefined) return position;
  const message = 'This is no cursor. Use nextCursor of the page before, as it is.';
  throw new ApiError('VALIDATION_FAILED', message, { issues: [{ path: 'cursor', message }] });
}

function unsealAnswer({ keyring }: StatusTools, companyId: string, lead: TracedLead): string | null {
  if (lead.dialerResponse === null) return null;
  return keyring.unseal(lead.dialerResponse, { companyId, column: SEALED.dialerResponse });
}

/** Null for a lead that cannot be unsealed any more. */
function regionOf({ keyring }: StatusTools, companyId: string, lead: TracedLead): PhoneRegion | null {
  try {
    const payload = keyring.unseal(lead.payload, { companyId, column: SEALED.payload });
    return phoneRegion(leadPayloadSchema.parse(JSON.parse(payload)).phone);
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}

async function asked<Answer>(query: Promise<Answer>): Promise<Answer> {
  try {
    return await query;
  } catch (error) {
    throw new ApiError('DATABASE_UNAVAILABLE', 'The database did not answer. Ask again later.', {}, error);
  }
}
