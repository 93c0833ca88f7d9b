import { z } from 'zod';
import { dialerAnswerSchema, errorAnswers } from './answer-schemas.ts';

const resultSchema = z
  .looseObject({
    status: z.int().min(200).max(599).describe('What the lead would have got alone.'),
    success: z.boolean(),
    leadId: z.string().optional(),
    code: z.string().optional(),
    message: z.string().optional(),
    dialerResponse: dialerAnswerSchema.optional(),
  })
  .describe('`status`, then the members of the body that the lead would have got alone.');

const resultsSchema = z
  .object({
    success: z.boolean().describe('Whether every lead was taken: `status` 200 or 202.'),
    results: z.array(resultSchema),
  })
  .describe('What became of each lead, in their order.');

const { 400: invalid, 401: noKey, 403: wrongKey, 405: method, 408: late, 413: large } = errorAnswers;
const { 415: media, 429: busy, 431: headers, 500: fault, 503: away } = errorAnswers;

export const batchAnswers = {
  200: resultsSchema,
  ...{ 400: invalid, 401: noKey, 403: wrongKey, 405: method, 408: late, 413: large },
  ...{ 415: media, 429: busy, 431: headers, 500: fault, 503: away },
};
