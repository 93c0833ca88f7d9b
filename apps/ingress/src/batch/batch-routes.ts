import { finished, PassThrough } from 'node:stream';
import type { KeyRecord } from '@live-feed/database/directory/lookups';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { z } from 'zod';
import { keyOf } from '../admission/authenticate.ts';
import { createCallerCaps } from '../admission/caller-caps.ts';
import { ApiError } from '../answers/api-error.ts';
import { exampleOf, LEAD_ID } from '../answers/error-examples.ts';
import { BATCH_ROUTE } from '../answers/paths.ts';
import type { DryRuns } from '../dry-run/dry-runs.ts';
import { dryRunQuery, noteDryRun } from '../http/dry-run.ts';
import { readPreference } from '../http/preferences.ts';
import {
  dialerAnswerSchema,
  dryRunMark,
  duplicateOfSchema,
  wouldJoin,
  wouldSendSchema,
} from '../openapi/answer-schemas.ts';
import { DIALER_RESPONSE, LEAD } from '../openapi/examples.ts';
import type { Operation } from '../openapi/operation.ts';
import { readIdempotencyKey } from '../submit/idempotency-key.ts';
import type { SubmissionTools } from '../submit/submission-tools.ts';
import { submitLead } from '../submit/submit-lead.ts';
import { prefersLines } from './prefers-lines.ts';
import { type BatchResult, takeBatch } from './take-batch.ts';

export const MOST_LEADS = 1_000;

/** Bytes: a thousand leads of 2 KiB each. */
const BODY_LIMIT = 2 * 1024 * 1024;

/** Batches at once, whose bodies and leads are in memory. */
const CAPS = { ofIngress: 64, ofCompany: 16, unknown: () => 0 } as const;

/** Described as leads, taken as anything: each is checked by itself, so that one that is not valid fails alone. */
const anyLead = z.unknown().meta({ $ref: '#/$defs/LeadRequest' });

const batchSchema = z
  .object({ leads: z.array(anyLead).min(1).max(MOST_LEADS) })
  .meta({ id: 'BatchRequest', description: 'Leads of any campaigns of the company.' });

const resultSchema = z
  .looseObject({
    status: z.int().min(200).max(599).describe('What the lead would have got alone.'),
    success: z.boolean(),
    leadId: z.string().optional(),
    code: z.string().optional(),
    message: z.string().optional(),
    dialerResponse: dialerAnswerSchema.optional(),
    duplicateOf: duplicateOfSchema.optional(),
    dryRun: dryRunMark,
    wouldSend: wouldSendSchema.optional(),
    wouldJoin: wouldJoin.optional(),
  })
  .meta({
    id: 'BatchResult',
    description: '`status`, then the members of the body that the lead would have got alone.',
  });

const resultsSchema = z
  .object({
    success: z.boolean().describe('Whether every lead was taken: `status` 200 or 202.'),
    dryRun: dryRunMark,
    results: z.array(resultSchema),
  })
  .meta({ id: 'BatchResults', description: 'What became of each lead, in their order.' });

const SUBMIT_LEADS: Operation = {
  operationId: 'submitLeads',
  tag: 'Leads',
  summary: 'Load up to 1,000 leads, and get the dialer’s response to each',
  description:
    'Each lead is taken as if it had come alone: one that is refused does not keep the others from being loaded. The results are in ' +
    'the order of the leads. With `Accept: application/x-ndjson` each result is a line of its own, sent as soon as it is known, with ' +
    'the `index` of its lead. `Prefer`, `dryRun` and `Idempotency-Key` hold for all leads; sent again under the same key, the request must ' +
    'have the same leads in the same order.',
  headers: ['prefer', 'idempotencyKey'],
  example: { leads: [LEAD, { campaignId: LEAD.campaignId, lead: { leadPhone: '555123456' } }] },
  answers: {
    200: {
      schema: resultsSchema,
      headers: ['preference-applied'],
      example: {
        success: false,
        results: [
          { status: 200, leadId: LEAD_ID, success: true, dialerResponse: DIALER_RESPONSE },
          { status: 400, ...(exampleOf('PHONE_INVALID') as object) },
        ],
      },
    },
    400: { headers: ['preference-applied'] },
    429: { headers: ['preference-applied'] },
  },
  errors: ['keyed', 'body', 'batch'],
};

/**
 * `POST /live-feed/ringcx/batch`: many leads in one request, each taken as if it had come alone.
 *
 * @param dryRuns what tries leads
 * @param onAnswered called for each lead
 */
export function batchRoutes(
  app: FastifyInstance,
  tools: SubmissionTools,
  requireKey: onRequestAsyncHookHandler,
  dryRuns: DryRuns,
  onAnswered: (result: BatchResult & { readonly isDryRun: boolean; readonly key: KeyRecord }) => void,
): void {
  const caps = createCallerCaps(CAPS);
  /** Leads go on after their client has left. */
  const underWay = new WeakMap<FastifyRequest, readonly Promise<BatchResult>[]>();

  async function requirePlace(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { companyId } = keyOf(request);
    // A dry run takes no place from leads.
    if (request.dryRun) return dryRuns.batchPlace(companyId, reply.raw);
    const cap = caps.enter(companyId);
    if (cap !== undefined) {
      throw new ApiError('OVERLOADED', { about: cap === 'ingress' ? 'batches' : 'batches of the company' });
    }
    // Also calls back for a response whose client has left already.
    finished(reply.raw, () => {
      void Promise.all(underWay.get(request) ?? []).then(() => caps.leave(companyId));
    });
  }

  app.route<{ Body: z.infer<typeof batchSchema>; Querystring: z.infer<typeof dryRunQuery> }>({
    method: 'POST',
    url: BATCH_ROUTE,
    onRequest: [noteDryRun, requireKey, requirePlace],
    bodyLimit: BODY_LIMIT,
    schema: { body: batchSchema, querystring: dryRunQuery },
    config: { document: SUBMIT_LEADS },
    handler: async (request, reply) => {
      const preference = readPreference(request.headers['prefer']?.toString(), tools.deadlineMs);
      const idempotencyKey = readIdempotencyKey(request.headers['idempotency-key']?.toString());
      const { dryRun: isDryRun } = request;
      if (preference !== undefined && !isDryRun) reply.header('preference-applied', preference.applied);
      const key = keyOf(request);
      const results = takeBatch(tools, {
        leads: request.body.leads,
        shared: { key, arrivedMsAgo: () => Math.round(reply.elapsedTime), preference, isDryRun },
        take: isDryRun ? dryRuns.ofBatch : (submission) => submitLead(tools, submission),
        idempotencyKey,
        requestId: request.id,
      });
      underWay.set(request, results);
      for (const result of results) void result.then((known) => onAnswered({ ...known, isDryRun, key }));
      if (prefersLines(request.headers.accept)) {
        return reply.type('application/x-ndjson; charset=utf-8').send(linesOf(results));
      }
      return reply.type('application/json; charset=utf-8').send(bodyOf(await Promise.all(results), isDryRun));
    },
  });
}

function bodyOf(results: readonly BatchResult[], isDryRun: boolean): string {
  const success = results.every(({ code }) => code === null);
  return `{"success":${success},${isDryRun ? '"dryRun":true,' : ''}"results":[${results.map(({ json }) => json).join(',')}]}`;
}

/** A dialing system's response may have line breaks between its values; JSON has none inside of a text. */
function onOneLine(json: string): string {
  return json.replaceAll(/[\r\n]/g, ' ');
}

/** One line for each result, as soon as it is known. */
function linesOf(results: readonly Promise<BatchResult>[]): PassThrough {
  const lines = new PassThrough();
  const written = results.map(async (result, index) => {
    const { json } = await result;
    // Its caller may have left.
    if (!lines.destroyed) lines.write(`{"index":${index},${onOneLine(json.slice(1))}\n`);
  });
  void Promise.all(written).then(() => lines.end());
  return lines;
}
