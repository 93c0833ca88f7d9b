import { z } from 'zod';

/**
 * An errand: what an ingress, which has no dialer's token, asks any worker to do on a dialing system, and waits for. It says whom it is about
 * by ids only; its answer is sealed.
 */
export const errandSchema = z.discriminatedUnion('kind', [
  /** Reads the dialer's campaigns, where workers do that by themselves. */
  z.object({ kind: z.literal('campaigns'), companyId: z.string(), dialerId: z.string() }),
  /** Looks how far the dialing of a lead has come. */
  z.object({ kind: z.literal('progress'), companyId: z.string(), leadId: z.string() }),
  /** Cancels a lead that the dialing system has taken. */
  z.object({ kind: z.literal('cancel'), companyId: z.string(), leadId: z.string() }),
]);

export type Errand = z.infer<typeof errandSchema>;

/** Why a dialing system was not asked, or did not answer. */
export const UNAVAILABLE = [
  /** It has no such ability. */
  'CANNOT',
  /** The lead was sent to another account than the dialer has now, or there is no dialer any more. */
  'OTHER_ACCOUNT',
  'TOKEN_REFUSED',
  'THROTTLED',
  'UNREACHABLE',
  'FAILED',
  /** Whoever was to ask it could not, or stopped before. */
  'NOT_ASKED',
] as const;

export const leadProgressSchema = z.object({
  leadState: z.string(),
  leadPasses: z.number().nullable(),
  lastPassDisposition: z.string().nullable(),
  lastPassDts: z.string().nullable(),
  nextDialTime: z.string().nullable(),
});

/** How far the dialing of a lead has come, in the dialing system's own words; null where it does not say. */
export type LeadProgress = z.infer<typeof leadProgressSchema>;

export const errandAnswerSchema = z.discriminatedUnion('kind', [
  /** The campaigns were read and kept, or they could not be. */
  z.object({ kind: z.literal('campaigns'), read: z.boolean() }),
  z.object({ kind: z.literal('found'), progress: leadProgressSchema }),
  /** The dialing system does not have the lead, or does not show it yet. */
  z.object({ kind: z.literal('absent') }),
  /** Seen to be cancelled. */
  z.object({ kind: z.literal('cancelled'), progress: leadProgressSchema }),
  /** Its dialing had ended, so nothing was done. */
  z.object({ kind: z.literal('too_late'), progress: leadProgressSchema }),
  /** It may be cancelled. */
  z.object({ kind: z.literal('unknown') }),
  /** Nothing was done. */
  z.object({ kind: z.literal('unavailable'), why: z.enum(UNAVAILABLE) }),
]);

export type ErrandAnswer = z.infer<typeof errandAnswerSchema>;

/** What a sealed answer is bound to, besides the company. */
export const ERRAND_ANSWER = 'errands.answer';
