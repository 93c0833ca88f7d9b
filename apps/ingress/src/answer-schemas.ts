import { z } from 'zod';
import { API_ERRORS, type ApiErrorCode } from './api-error.ts';

/** The answers of the API as its document shows them; tests hold every answer against these. */

export const dialerResponseSchema = z
  .looseObject({
    message: z.string().optional(),
    leadsSupplied: z.int().optional(),
    leadsAccepted: z.int().optional(),
    leadsInserted: z.int().optional(),
    processingResult: z.string().optional(),
    processingStatus: z.string().optional(),
    rejectedRows: z
      .array(z.looseObject({ message: z.string().optional(), rowData: z.array(z.string()).optional() }))
      .optional(),
  })
  .describe("The lead loader's own answer, passed on unchanged.");

export const acceptedSchema = z
  .object({ success: z.literal(true), dialerResponse: dialerResponseSchema })
  .describe('The dialer took the lead.');

function codesOf(status: number): [ApiErrorCode, ...ApiErrorCode[]] {
  const [first, ...rest] = (Object.keys(API_ERRORS) as ApiErrorCode[]).filter(
    (code) => API_ERRORS[code].status === status,
  );
  if (first === undefined) throw new Error(`No error has the status ${status}.`);
  return [first, ...rest];
}

/** The body of every answer of that status. */
export function errorSchema(status: number, description: string) {
  return z
    .object({
      success: z.literal(false),
      message: z.string().describe('What went wrong and what to do about it.'),
      code: z.enum(codesOf(status)).describe('Stable.'),
      requestId: z.string(),
      retryable: z.boolean().describe('False: do not resubmit.'),
      issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
      leadId: z.string().optional(),
      statusUrl: z.string().optional(),
      dialerResponse: z
        .union([dialerResponseSchema, z.string(), z.array(z.unknown()), z.number(), z.boolean(), z.null()])
        .optional()
        .describe("The dialer's answer: its JSON, its text, or null if there was none."),
    })
    .describe(description);
}

export const leadAnswers = {
  200: acceptedSchema,
  400: errorSchema(400, 'The request or the company’s dialer configuration is not right.'),
  401: errorSchema(401, 'Missing, invalid or inactive API key.'),
  403: errorSchema(403, 'The API key is not universal.'),
  404: errorSchema(404, 'No such campaign for this company.'),
  408: errorSchema(408, 'The request did not arrive in time.'),
  413: errorSchema(413, 'The body is too large.'),
  415: errorSchema(415, 'The body is not application/json.'),
  429: errorSchema(429, 'Nothing was taken; come back after Retry-After seconds.'),
  500: errorSchema(500, 'A fault of ours.'),
  502: errorSchema(
    502,
    'The dialer does not have the lead: it rejected it, failed, or could not be reached.',
  ),
  503: errorSchema(503, 'The queue or the database is away; nothing was taken, or it was given back unsent.'),
  504: errorSchema(504, 'The outcome is not known yet; the lead is kept. Do not submit it as a new lead.'),
};
