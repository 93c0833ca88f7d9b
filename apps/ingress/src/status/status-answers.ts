import { ANI_TIERS } from '@live-feed/core/caller-id/ani-choice';
import { PHONE_REGIONS } from '@live-feed/core/caller-id/phone-region';
import { keyLabelSchema } from '@live-feed/core/directory/key-settings';
import { OUTCOME_SOURCES, REASONS } from '@live-feed/core/lead/lead-outcome';
import { campaignIdSchema } from '@live-feed/core/lead/lead-request';
import { LEAD_STATES } from '@live-feed/core/lead/lead-state';
import { z } from 'zod';
import { dialerAnswerSchema, inDialerSchema } from '../openapi/answer-schemas.ts';

/** The parameters and answers of requests about leads, as the API's document shows them. */

const moment = z.iso.datetime();
const leadId = z.string().describe('Also its `externId` in the dialer.');

const stateSchema = z.enum(LEAD_STATES).meta({
  id: 'LeadState',
  description: [
    '- `QUEUED`: waits for an upload; the dialer does not have it',
    '- `SENDING`: is being sent',
    '- `UNKNOWN`: was sent; whether the dialer took it is being found out',
    '- `ACCEPTED`, `REJECTED`: final, by the dialer',
    '- `FAILED`: final; the dialer does not have it',
    '- `EXPIRED`: final; could not be delivered within its maximum age',
    '- `ABANDONED`: final; given back unsent',
    '- `PARKED`: needs a person; nothing happens by itself',
  ].join('\n'),
});

const summaryFields = {
  leadId,
  state: stateSchema,
  outcome: z.enum(REASONS).nullable().describe('Why it is in that state; null while it is under way.'),
  outcomeSource: z
    .enum(OUTCOME_SOURCES)
    .nullable()
    .describe(
      'How the outcome is known. `answer`: from the dialer’s response to the upload; `read-back`: the lead was looked up in the dialer; `person`: a person looked.',
    ),
  campaignId: z.string(),
  source: z
    .string()
    .nullable()
    .describe('The label of the API key that it came with; null if that has none.'),
  phoneLast2: z.string().describe('The last two digits of the phone.'),
  callerId: z.string().nullable().describe('The number assigned to it, once it has been sent.'),
  callerIdTier: z
    .enum(ANI_TIERS)
    .nullable()
    .describe(
      [
        'How near that number is to the lead; null where it has none.',
        '- `sticky`: the one that this phone was called with before',
        '- `area_code`: of the same area code',
        '- `nearby`: of the nearest area code within 150 km that had one left',
        '- `state`: of the same state',
        '- `any`: any other',
      ].join('\n'),
    ),
  receivedAt: moment,
  finishedAt: moment.nullable(),
  statusUrl: z.string(),
};

const summarySchema = z.object(summaryFields).meta({ id: 'LeadSummary' });

const phoneRegionSchema = z
  .enum(PHONE_REGIONS)
  .nullable()
  .describe(
    [
      'What the phone’s area code stands for; null where the lead cannot be read any more.',
      '- `us`: a state or territory of the United States',
      '- `canada`, `other_country`: another country that has +1',
      '- `toll_free`, `premium_rate`, `non_geographic`: no place',
      '- `unassigned`: no area code in service',
    ].join('\n'),
  );

const timelineSchema = z.array(
  z
    .discriminatedUnion('event', [
      z.object({ event: z.literal('received'), at: moment }),
      z.object({ event: z.literal('queued'), at: moment }),
      z
        .object({
          event: z.literal('upload'),
          at: moment,
          size: z.int().describe('Leads in that call to the dialer.'),
          result: z
            .string()
            .nullable()
            .describe(
              'How the call ended: `answered`, `refused`, `token_refused`, `campaign_unknown`, `throttled`, `never_sent`, `foreign`, `unknown`, `unusable`.',
            ),
          httpStatus: z.int().nullable(),
          latencyMs: z.int().nullable(),
        })
        .describe(
          'One call to the dialer. Null where it is under way, or where its end could not be recorded.',
        ),
      z.object({ event: z.literal('finished'), at: moment }),
    ])
    .meta({ id: 'LeadEvent' }),
);

const phoneCheckSchema = z
  .object({
    result: z.enum(['allowed', 'refused', 'unanswered']),
    at: moment,
    cached: z.boolean().describe('It had said so for an earlier lead.'),
    reason: z
      .string()
      .nullable()
      .optional()
      .describe('Of a refusal, in its own words; null if it gave none.'),
  })
  .meta({
    id: 'PhoneCheck',
    description: 'What your company’s own check said of the phone. Only where phones are checked.',
  });

const campaignPauseSchema = z
  .object({
    until: moment.nullable().describe('Null: until somebody resumes the campaign.'),
  })
  .meta({
    id: 'CampaignPause',
    description: 'The lead waits because its campaign is paused. Only while it does.',
  });

export const statusSchema = z
  .object({
    ...summaryFields,
    phoneRegion: phoneRegionSchema,
    phoneCheck: phoneCheckSchema.optional(),
    timeline: timelineSchema,
    campaignPause: campaignPauseSchema.optional(),
    inDialer: inDialerSchema.optional(),
    dialerResponse: dialerAnswerSchema,
  })
  .meta({ id: 'LeadStatus', description: 'The lead as it stands.' });

export const leadParamsSchema = z.object({ leadId });

/** Unknown parameters are refused: the caller expects an effect that they do not have. */
function parameters<Shape extends z.ZodRawShape>(shape: Shape) {
  const names = Object.keys(shape).join(', ');
  const known = names === '' ? 'this request has none' : `the parameters are: ${names}`;
  return z.looseObject(shape).superRefine(
    (value, { addIssue }) => {
      for (const name of Object.keys(value)) {
        if (Object.hasOwn(shape, name)) continue;
        addIssue({ code: 'custom', path: [name], message: `There is no such parameter; ${known}` });
      }
    },
    { when: () => true }, // also beside wrong values: all issues are reported at once
  );
}

export const leadStatusSchema = parameters({
  inDialer: z
    .enum(['true', 'false'])
    .optional()
    .describe(
      '`true`: also ask the dialer what it says of the lead now, and wait for that for some seconds.',
    ),
});

export const giveBackSchema = parameters({
  inDialer: z
    .enum(['cancel'])
    .optional()
    .describe(
      '`cancel`: a lead that the dialer has taken is cancelled there. Without it such a lead is a 409.',
    ),
});

/** Default number of leads on a page. */
const PAGE = 50;

const upperCase = (value: unknown) => (typeof value === 'string' ? value.toUpperCase() : value);
const asNumber = (value: unknown) =>
  typeof value === 'string' && /^[0-9]{1,9}$/.test(value) ? Number(value) : value;

export const leadSearchSchema = parameters({
  phone: z.string().max(255).optional().describe('In any form that a lead’s phone may have.'),
  campaignId: campaignIdSchema.optional(),
  source: keyLabelSchema.optional().describe('The label of the API key that they came with.'),
  state: z.preprocess(upperCase, stateSchema).optional().describe('Capitals or not.'),
  limit: z
    .preprocess(asNumber, z.int().min(1).max(100))
    .default(PAGE)
    .describe(`Leads on a page; ${PAGE} unless it is given.`),
  cursor: z.string().max(255).optional().describe('The `nextCursor` of the page before.'),
});

export type SearchQuery = z.infer<typeof leadSearchSchema>;

export const searchResultSchema = z
  .object({
    leads: z.array(summarySchema),
    nextCursor: z.string().nullable().describe('For the parameter `cursor`; null on the last page.'),
  })
  .meta({ id: 'LeadPage', description: 'A page of the company’s leads, newest first.' });
