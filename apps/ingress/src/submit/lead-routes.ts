import { phoneRegion } from '@live-feed/core/caller-id/phone-region';
import { leadRequestSchema } from '@live-feed/core/lead/lead-request';
import { normalisePhone } from '@live-feed/core/lead/phone';
import type { FastifyInstance, FastifyReply, onRequestAsyncHookHandler } from 'fastify';
import type { z } from 'zod';
import { keyOf } from '../admission/authenticate.ts';
import { LEAD_ID } from '../answers/error-examples.ts';
import { keptAnswer, type LeadAnswer } from '../answers/lead-answer.ts';
import { LEAD_ROUTE } from '../answers/paths.ts';
import { uncheckedBodyCompiler } from '../answers/validation.ts';
import { leadFormSchema } from '../body/lead-form.ts';
import { readLead } from '../body/read-lead.ts';
import { dryRunQuery, noteDryRun } from '../http/dry-run.ts';
import { readPreference } from '../http/preferences.ts';
import { acceptedOrTriedSchema, keptSchema } from '../openapi/answer-schemas.ts';
import { DIALER_RESPONSE, LEAD, LEAD_FORM } from '../openapi/examples.ts';
import type { AnswerHeader } from '../openapi/headers.ts';
import type { Operation } from '../openapi/operation.ts';
import { readIdempotencyKey } from './idempotency-key.ts';
import type { Submission, SubmissionTools } from './submission-tools.ts';
import { submitLead } from './submit-lead.ts';

const OUTCOME: readonly AnswerHeader[] = ['x-lead-id', 'x-outcome-source', 'x-upload-size', 'x-phone-region'];
/** For callers that send `Prefer` or `Idempotency-Key`. */
const OPTIONAL: readonly AnswerHeader[] = ['preference-applied', 'idempotent-replayed'];
const UNANSWERED = { headers: ['x-lead-id', 'preference-applied', 'x-phone-region'] } as const;
const TRIED = { headers: ['x-phone-region', 'preference-applied'] } as const;

const SUBMIT_LEAD: Operation = {
  operationId: 'submitLead',
  tag: 'Leads',
  summary: 'Load one lead into a RingCX or NewBridge campaign, and get the dialer’s response',
  description:
    'The phone is normalised, a caller ID is assigned from the company’s ANIs (a `callerId` in the lead is ignored), and the ' +
    'lead is loaded into the dialer. Unknown fields are ignored. With `Prefer: respond-async` or `Prefer: wait=<seconds>` the ' +
    'caller need not wait for the outcome. With `Prefer: handling=dry-run` or `?dryRun=true` nothing is taken: the answer says what ' +
    'would happen. With an `Idempotency-Key` the request can be sent again without becoming another lead. Where the company has ' +
    'switched that on, the fields may come as a form.',
  headers: ['prefer', 'idempotencyKey'],
  example: LEAD,
  form: { schema: leadFormSchema, example: LEAD_FORM },
  answers: {
    200: {
      schema: acceptedOrTriedSchema,
      headers: [...OUTCOME, ...OPTIONAL, 'duplicate-of'],
      example: { success: true, dialerResponse: DIALER_RESPONSE },
    },
    202: {
      schema: keptSchema,
      headers: ['x-lead-id', 'location', 'x-phone-region', ...OPTIONAL, 'duplicate-of'],
      example: JSON.parse(keptAnswer(LEAD_ID).body),
    },
    400: UNANSWERED,
    403: TRIED,
    404: TRIED,
    409: { headers: ['x-phone-region', 'duplicate-of', 'preference-applied'] },
    422: { headers: ['x-lead-id', 'x-phone-region', ...OPTIONAL] },
    429: TRIED,
    502: { headers: [...OUTCOME, ...OPTIONAL] },
    503: UNANSWERED,
    504: { headers: [...UNANSWERED.headers, 'duplicate-of'] },
  },
  errors: ['keyed', 'body', 'form', 'lead'],
};

/** `POST /live-feed/ringcx`. @param dryRun what tries a lead */
export function leadRoutes(
  app: FastifyInstance,
  tools: SubmissionTools,
  requireKey: onRequestAsyncHookHandler,
  dryRun: (submission: Submission) => Promise<LeadAnswer>,
): void {
  app.route<{ Querystring: z.infer<typeof dryRunQuery> }>({
    method: 'POST',
    url: LEAD_ROUTE,
    onRequest: [noteDryRun, requireKey],
    schema: { body: leadRequestSchema, querystring: dryRunQuery },
    validatorCompiler: uncheckedBodyCompiler,
    config: { document: SUBMIT_LEAD },
    handler: async (request, reply) => {
      const key = keyOf(request);
      const lead = readLead(request.body, key);
      const { campaignId } = lead.request;
      request.leadAsked = { campaignId, leadPhone: lead.request.lead.leadPhone };
      const preference = readPreference(request.headers['prefer']?.toString(), tools.deadlineMs);
      const submission = {
        key,
        ...lead,
        arrivedMsAgo: () => Math.round(reply.elapsedTime),
        preference,
        idempotencyKey: readIdempotencyKey(request.headers['idempotency-key']?.toString()),
        isDryRun: request.dryRun,
        onLead: (leadId: string) => {
          request.leadId = leadId;
          request.validatedMs ??= reply.elapsedTime;
          if (preference !== undefined) reply.header('preference-applied', preference.applied);
        },
        onReplay: () => {
          reply.header('idempotent-replayed', 'true');
        },
      };
      addRegion(reply, lead.request.lead.leadPhone);
      let answer: LeadAnswer;
      try {
        answer = await (request.dryRun ? dryRun(submission) : submitLead(tools, submission));
      } finally {
        request.decidedMs = reply.elapsedTime;
      }
      return reply
        .code(answer.status)
        .headers(answer.leadId === null ? {} : { 'x-lead-id': answer.leadId })
        .headers(answer.headers)
        .type('application/json; charset=utf-8')
        .send(answer.body);
    },
  });
}

/** Numbers outside the United States are taken as well; this header shows them. */
function addRegion(reply: FastifyReply, leadPhone: string): void {
  const reading = normalisePhone(leadPhone);
  const region = reading.ok ? phoneRegion(reading.phone) : 'us';
  if (region !== 'us') reply.header('x-phone-region', region);
}
