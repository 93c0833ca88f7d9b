import { SHORT, upTo, withoutControls } from '@live-feed/core/lead/lead-fields';
import { z } from 'zod';
import { dryRunMark } from '../openapi/answer-schemas.ts';
import type { Operation } from '../openapi/operation.ts';

/** Bodies and answers of requests for caller IDs, as the vendor has them. */

export const MOST_PROSPECTS = 1_000;

const prospect = {
  prospect_phone: upTo(SHORT).describe('Whom the dialer is about to call: 10 to 15 digits.'),
  prospect_zip: upTo(SHORT)
    .nullish()
    .describe('Counts where the phone’s area code is no place, such as toll-free ones.'),
  dialer_campaign: withoutControls(upTo(SHORT))
    .nullish()
    .describe(
      'The dialer’s id of the campaign: its pool of numbers counts. Default: that of the key, if any.',
    ),
};

const preferences = {
  real_time: z.boolean().nullish().describe('Taken, and changes nothing: every assignment is made now.'),
  e164: z
    .boolean()
    .nullish()
    .describe('Whether numbers are given as `+12065550100` and not as `2065550100`.'),
};

export const prospectSchema = z.object({ ...prospect, ...preferences }).meta({ id: 'AssignmentRequest' });

export const prospectsSchema = z
  .object({
    leads: z
      .array(
        z
          .object({
            row_id: z.union([upTo(SHORT), z.number()]).describe('Of your choice; given back as it is.'),
            ...prospect,
          })
          .meta({ id: 'AssignmentRow' }),
      )
      .min(1)
      .max(MOST_PROSPECTS),
    ...preferences,
  })
  .meta({ id: 'AssignmentBatchRequest' });

const assignedSchema = z
  .object({
    success: z.boolean().describe('Whether a number was assigned.'),
    dryRun: dryRunMark,
    ani: z.string().optional(),
    message: z.string().describe('For people.'),
  })
  .meta({ id: 'Assignment', description: 'The number, or that there is none.' });

const assignedManySchema = z
  .object({
    success: z.literal(true),
    dryRun: dryRunMark,
    results: z.array(
      z
        .object({
          row_id: z.union([z.string(), z.number()]),
          outboundani: z.string().describe('Empty where there is none.'),
          error: z.string().nullable().describe('Why there is none, for people.'),
        })
        .meta({ id: 'AssignmentResult' }),
    ),
  })
  .meta({ id: 'AssignmentResults', description: 'A number, or why there is none, for each in their order.' });

/** What is said to people. */
export const MESSAGES = {
  assigned: 'ANI assigned successfully',
  tried: 'This ANI would be assigned; it was not used up, because this was a dry run',
  none: 'No available ANI found',
  suppressed: 'The phone is on your do-not-call list. Do not call it.',
} as const;

const TAG = 'Caller IDs';
const PROSPECT = { prospect_phone: '2065550199', dialer_campaign: '123456' };
const ANI = '2065550100';

export const ASSIGN: Operation = {
  operationId: 'assignAni',
  tag: TAG,
  summary: 'Get the caller ID for a call that your dialer makes by itself',
  description:
    'Chosen as for leads, under the same daily caps, and used up by this: repeating the request uses another one up. Needs no dialer here.',
  headers: ['preferDryRun'],
  example: PROSPECT,
  answers: {
    200: {
      schema: assignedSchema,
      headers: ['preference-applied'],
      example: { success: true, ani: ANI, message: MESSAGES.assigned },
    },
  },
  errors: ['keyed', 'body', 'assignments', 'assignment'],
};

export const ASSIGN_MANY: Operation = {
  operationId: 'assignAnis',
  tag: TAG,
  summary: 'Get the caller IDs for up to 1,000 calls',
  description:
    'As for one. A row whose phone or campaign is wrong has an `error`; the others have their numbers all the same.',
  headers: ['preferDryRun'],
  example: {
    leads: [
      { row_id: 1, ...PROSPECT },
      { row_id: 2, prospect_phone: '206555019' },
    ],
  },
  answers: {
    200: {
      schema: assignedManySchema,
      headers: ['preference-applied'],
      example: {
        success: true,
        results: [
          { row_id: 1, outboundani: ANI, error: null },
          {
            row_id: 2,
            outboundani: '',
            error: 'The phone number must have 10 to 15 digits, such as "5551234567".',
          },
        ],
      },
    },
  },
  errors: ['keyed', 'body', 'assignments'],
};
