import { suppressionReasonSchema } from '@live-feed/core/directory/suppressed-phone';
import { z } from 'zod';
import { dryRunMark } from '../openapi/answer-schemas.ts';
import type { Operation } from '../openapi/operation.ts';

/** Bodies and answers of requests about a company's do-not-call list, as the vendor has them. */

export const phoneSchema = z
  .object({
    phone: z
      .string()
      .max(255)
      .describe('10-digit US phone; +1-prefixed and formatted variants are accepted.'),
  })
  .meta({ id: 'DncPhone' });

export const additionSchema = phoneSchema
  .extend({
    reason: suppressionReasonSchema
      .nullish()
      .describe('Why, for people. It is kept encrypted, and is in exports of the list.'),
  })
  .meta({ id: 'DncAddition' });

const success = z.literal(true);
const message = z.string().describe('For people.');

const changeSchema = z
  .object({ success, dryRun: dryRunMark, message })
  .meta({ id: 'DncChange', description: 'The list is as asked for, whether or not it was before.' });

const checkSchema = z
  .object({ success, onDnc: z.boolean().describe('Whether the phone is on the list.'), message })
  .meta({ id: 'DncCheck', description: 'Whether the phone is on the list.' });

/** What is said to people. */
export const MESSAGES = {
  added: 'The phone is on your do-not-call list now.',
  'there already': 'The phone was on your do-not-call list already.',
  removed: 'The phone is not on your do-not-call list any more.',
  'not there': 'The phone was not on your do-not-call list.',
  'on it': 'The phone is on your do-not-call list.',
  'not on it': 'The phone is not on your do-not-call list.',
} as const;

/** Before what is said to a dry run. */
export const DRY_RUN = 'Nothing was changed, because this was a dry run. Otherwise:';

const PHONE = '2065550199';
const TAG = 'Do-not-call list';

export const ADD: Operation = {
  operationId: 'addToDnc',
  tag: TAG,
  summary: 'Put a phone on the company’s do-not-call list',
  description:
    'Once this is answered no lead of that phone is sent any more, in no campaign: such a lead gets 422 `PHONE_SUPPRESSED`, and so does ' +
    'one that waits. A lead that is being sent at that moment, or that the dialer has, is not called back. Repeating the request changes nothing.',
  headers: ['preferDryRun'],
  example: { phone: PHONE, reason: 'asked by mail' },
  answers: {
    200: {
      schema: changeSchema,
      headers: ['preference-applied'],
      example: { success: true, message: MESSAGES.added },
    },
  },
  errors: ['keyed', 'body', 'phone'],
};

export const REMOVE: Operation = {
  operationId: 'removeFromDnc',
  tag: TAG,
  summary: 'Take a phone off the company’s do-not-call list',
  description:
    'Leads that were refused before stay as they are. A key that is limited to campaigns gets 403. Repeating the request changes nothing.',
  headers: ['preferDryRun'],
  example: { phone: PHONE },
  answers: {
    200: {
      schema: changeSchema,
      headers: ['preference-applied'],
      example: { success: true, message: MESSAGES.removed },
    },
  },
  errors: ['keyed', 'body', 'phone', 'phoneRemoval'],
};

export const CHECK: Operation = {
  operationId: 'checkDnc',
  tag: TAG,
  summary: 'Whether a phone is on the company’s do-not-call list',
  description: 'Changes nothing.',
  example: { phone: PHONE },
  answers: {
    200: { schema: checkSchema, example: { success: true, onDnc: true, message: MESSAGES['on it'] } },
  },
  errors: ['keyed', 'body', 'phone'],
};
