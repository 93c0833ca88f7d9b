import { ANI_TIERS } from '@live-feed/core/caller-id/ani-choice';
import { leadProgressSchema } from '@live-feed/core/directory/errand';
import { REASONS } from '@live-feed/core/lead/lead-outcome';
import { LEAD_STATES } from '@live-feed/core/lead/lead-state';
import { z } from 'zod';
import { IN_DIALER_REASONS } from '../answers/in-dialer.ts';

/** The schemas that several answers of the API have, for its document. Tests check every answer against them. */

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
  .meta({ id: 'DialerResponse', description: "The dialer's own response, passed on unchanged." });

/** For answers that need not be the lead loader's: the dialer may have answered anything, or nothing. */
export const dialerAnswerSchema = z
  .union([dialerResponseSchema, z.string(), z.array(z.unknown()), z.number(), z.boolean(), z.null()])
  .meta({
    id: 'DialerAnswer',
    description: "The dialer's response: its JSON, its text, or null if there was none.",
  });

/** In every answer to a dry run, and in no other. */
export const dryRunMark = z.literal(true).optional().describe('It was a dry run: nothing was changed.');

const acceptedSchema = z
  .object({ success: z.literal(true), dryRun: dryRunMark, dialerResponse: dialerResponseSchema })
  .meta({ id: 'Accepted', description: 'The dialer took the lead.' });

export const wouldSendSchema = z
  .object({
    dialerFamily: z.string().describe('`ringcx` or `newbridge`.'),
    campaignId: z.string(),
    source: z.string().nullable().describe('The label of the API key.'),
    callerId: z.string().nullable().describe('Null: the campaign’s own caller ID.'),
    callerIdTier: z.enum(ANI_TIERS).nullable(),
    callerIdDistanceKm: z.int().min(0).nullable().describe('Null where the phone or the number is no place.'),
    body: z
      .record(z.string(), z.unknown())
      .describe('The body of the upload to the dialer. `externId` is zeros: the lead’s id would be there.'),
  })
  .meta({ id: 'WouldSend', description: 'What would be sent to the dialer, without what authenticates it.' });

export const wouldJoin = z
  .string()
  .describe('The id of an equal lead that is under way: this one would get its response.');

const triedSchema = z
  .object({
    success: z.literal(true),
    dryRun: z.literal(true),
    wouldSend: wouldSendSchema.optional(),
    wouldJoin: wouldJoin.optional(),
  })
  .meta({ id: 'Tried', description: 'Of a dry run: the lead would be taken.' });

export const acceptedOrTriedSchema = z
  .union([acceptedSchema, triedSchema])
  .describe('The dialer took the lead; or, of a dry run, the lead would be taken.');

export const keptSchema = z
  .object({
    success: z.literal(true),
    dryRun: dryRunMark,
    message: z.string(),
    leadId: z.string(),
    statusUrl: z.string(),
  })
  .meta({
    id: 'Kept',
    description:
      'The lead is kept and will be delivered or end in a recorded final state. Only for callers that send `Prefer`.',
  });

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
  .meta({
    id: 'InDialer',
    description:
      'Only with the parameter `inDialer`. `leadState`, `leadPasses` (how often it was dialled), `lastPassDisposition`, `lastPassDts` and `nextDialTime` are the dialer’s own words, null where it says nothing.',
  });

export const duplicateOfSchema = z
  .object({
    leadId: z.string(),
    state: z.enum(LEAD_STATES).nullable().describe('Null if it is in the queue only.'),
    outcome: z.enum(REASONS).nullable(),
    statusUrl: z.string(),
  })
  .meta({
    id: 'DuplicateOf',
    description: 'The earlier lead of this phone, where your company has duplicates looked for.',
  });

const issueSchema = z
  .object({
    path: z.string().describe('Where in the request: `lead.leadPhone`.'),
    message: z.string().describe('What to send instead.'),
  })
  .meta({ id: 'Issue' });

/** The body of every answer that is not a success. */
export const errorSchema = z
  .object({
    success: z.literal(false),
    dryRun: dryRunMark,
    message: z.string().describe('What went wrong and what to do about it, for people.'),
    code: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/)
      .describe('For programs: each response names its codes in its examples. More can be added.'),
    requestId: z.string().describe('Also in the header `x-request-id`. Quote it to support.'),
    retryable: z.boolean().describe('False: do not resubmit.'),
    issues: z.array(issueSchema).optional(),
    retryAfterSeconds: z
      .int()
      .min(1)
      .nullable()
      .describe(
        'With 429: after how many seconds to try again, as far as is known now; null if that is not known. `Retry-After` is the same, and 30 at most. With 404, only where the dialer is asked for new campaigns: after how many seconds it can be asked again.',
      )
      .optional(),
    reason: z
      .string()
      .nullable()
      .optional()
      .describe(
        'With 422, where your company’s own check of phones refused this one: its words; null if it gave none.',
      ),
    leadId: z.string().optional(),
    statusUrl: z.string().optional(),
    dialerResponse: dialerAnswerSchema.optional(),
    inDialer: inDialerSchema.optional(),
    duplicateOf: duplicateOfSchema.optional(),
  })
  .meta({ id: 'Error', description: 'The body of every response that is not a success.' });
