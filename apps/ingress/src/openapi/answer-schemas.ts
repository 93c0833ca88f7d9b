import { leadProgressSchema } from '@live-feed/core/directory/errand';
import { z } from 'zod';
import { API_ERRORS, type ApiErrorCode } from '../answers/api-error.ts';
import { IN_DIALER_REASONS } from '../answers/in-dialer.ts';

/** The schemas of the API's answers, for its document. Tests check every answer against them. */

/** The dialing system's own: members may be missing or null, and there may be others. */
const dialerResponseSchema = z
  .looseObject({
    message: z.string().nullish(),
    leadsSupplied: z.int().nullish(),
    leadsAccepted: z.int().nullish(),
    leadsInserted: z.int().nullish(),
    processingResult: z.string().nullish(),
    processingStatus: z.string().nullish(),
    rejectedRows: z
      .array(
        z.looseObject({
          message: z.string().nullish(),
          rowData: z.array(z.string().nullable()).nullish(),
        }),
      )
      .nullish(),
  })
  .describe("The dialer's own response, passed on unchanged.");

/** For answers that need not be the lead loader's: the dialer may have answered anything, or nothing. */
export const dialerAnswerSchema = z
  .union([dialerResponseSchema, z.string(), z.array(z.unknown()), z.number(), z.boolean(), z.null()])
  .describe("The dialer's response: its JSON, its text, or null if there was none.");

const acceptedSchema = z
  .object({ success: z.literal(true), dialerResponse: dialerResponseSchema })
  .describe('The dialer took the lead.');

const keptSchema = z
  .object({ success: z.literal(true), message: z.string(), leadId: z.string(), statusUrl: z.string() })
  .describe(
    'The lead is kept and will be delivered or end in a recorded final state. Only for callers that send `Prefer`.',
  );

const progress = leadProgressSchema.shape;

export const inDialerSchema = z
  .discriminatedUnion('answer', [
    z.object({ answer: z.literal('found'), ...progress }).describe('What the dialer says of the lead now.'),
    z.object({ answer: z.literal('cancelled'), ...progress }).describe('The dialer has cancelled the lead.'),
    z
      .object({ answer: z.literal('absent') })
      .describe('The dialer does not have the lead, or does not show it yet.'),
    z
      .object({ answer: z.literal('unavailable'), reason: z.enum(IN_DIALER_REASONS), message: z.string() })
      .describe('The dialer was not asked, or did not answer.'),
  ])
  .describe(
    'Only with the parameter `inDialer`. `leadState`, `leadPasses` (how often it was dialled), `lastPassDisposition`, `lastPassDts` and `nextDialTime` are the dialer’s own words, null where it says nothing.',
  );

type ErrorStatus = (typeof API_ERRORS)[ApiErrorCode]['status'];

/** The body of every answer of that status. */
function errorSchema(status: ErrorStatus, description: string) {
  const codes = codesOf(status);
  return z
    .object({
      success: z.literal(false),
      message: z.string().describe('What went wrong and what to do about it, for people.'),
      code: z
        .enum(codes)
        .describe(codes.map((code) => `- \`${code}\`: ${API_ERRORS[code].meaning}`).join('\n')),
      requestId: z.string().describe('Also in the header `x-request-id`. Quote it to support.'),
      retryable: z.boolean().describe('False: do not resubmit.'),
      issues: z
        .array(
          z.object({
            path: z.string().describe('Where in the body: `lead.leadPhone`.'),
            message: z.string(),
          }),
        )
        .optional(),
      retryAfterSeconds: z
        .int()
        .min(1)
        .nullable()
        .describe(
          'With 429: after how many seconds to try again, as far as is known now; null if that is not known. `Retry-After` is the same, and 30 at most. With 404, only where the dialer is asked for new campaigns: after how many seconds it can be asked again.',
        )
        .optional(),
      leadId: z.string().optional(),
      statusUrl: z.string().optional(),
      dialerResponse: dialerAnswerSchema.optional(),
      inDialer: inDialerSchema.optional(),
    })
    .describe(description);
}

function codesOf(status: ErrorStatus): [ApiErrorCode, ...ApiErrorCode[]] {
  const [first, ...rest] = (Object.keys(API_ERRORS) as ApiErrorCode[]).filter(
    (code) => API_ERRORS[code].status === status,
  );
  if (first === undefined) throw new Error(`No error has the status ${status}.`);
  return [first, ...rest];
}

export const errorAnswers = {
  400: errorSchema(400, 'The request or the company’s configuration is not right, or no caller ID is left.'),
  401: errorSchema(401, 'Missing, invalid or inactive API key.'),
  403: errorSchema(403, 'The API key is not universal, or may not load the campaign.'),
  404: errorSchema(404, 'No such campaign or lead of this company, or no such path.'),
  405: errorSchema(405, 'The path has other methods.'),
  408: errorSchema(408, 'The request did not arrive in time.'),
  409: errorSchema(409, 'The lead cannot be given back, or not be cancelled in the dialer.'),
  413: errorSchema(413, 'The body is too large.'),
  415: errorSchema(415, 'The body is not application/json.'),
  422: errorSchema(422, 'The Idempotency-Key is that of another request.'),
  429: errorSchema(
    429,
    'Nothing was taken; come back after Retry-After seconds. See `retryAfterSeconds` for longer times.',
  ),
  431: errorSchema(431, 'The headers are too large.'),
  500: errorSchema(500, 'A fault of ours.'),
  502: errorSchema(
    502,
    'The dialer does not have the lead: it rejected it, failed, or could not be reached.',
  ),
  503: errorSchema(503, 'The queue or the database is away; nothing was taken, or it was given back unsent.'),
  504: errorSchema(504, 'The outcome is not known yet. Do not submit the lead as a new one.'),
} satisfies Record<ErrorStatus, unknown>;

const { 409: _onlyOfGivingBack, ...submissionErrors } = errorAnswers;

export const leadAnswers = { 200: acceptedSchema, 202: keptSchema, ...submissionErrors };
