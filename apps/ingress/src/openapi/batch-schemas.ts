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

/** What refuses a batch as a whole; the others are those of single leads. */
const {
  404: _notFound,
  409: _conflict,
  422: _keyReused,
  502: _dialer,
  504: _late,
  ...wholeErrors
} = errorAnswers;

export const batchAnswers = { 200: resultsSchema, ...wholeErrors };
