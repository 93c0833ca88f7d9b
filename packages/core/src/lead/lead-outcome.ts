import { z } from 'zod';
import { LEAD_STATES } from './lead-state.ts';
import { phoneCheckedSchema } from './phone-checked.ts';

/** Why a lead is where it is: stable codes, kept on the row. */
export const REASONS = [
  /** Accepted. */
  'DIALER_ACCEPTED',
  /** The dialing system refused this lead, or the upload that held it alone. */
  'DIALER_REJECTED',
  /** It does not know the campaign. */
  'DIALER_CAMPAIGN_UNKNOWN',
  /** It refused the dialer's token. */
  'DIALER_TOKEN_REFUSED',
  /** No connection: the lead was never sent. */
  'DIALER_UNREACHABLE',
  /** HTTP failure, known to have had no effect. */
  'DIALER_FAILED',
  /** Throttled by the dialing system until it was too late. */
  'DIALER_THROTTLED',
  /** Unknown outcome that cannot be read back. */
  'OUTCOME_UNVERIFIABLE',
  /** What the lead or its dialer is configured with cannot be used: sealed under a lost key, say. */
  'LEAD_UNUSABLE',
  /** Not sent before its caller's deadline. */
  'DEADLINE_PASSED',
  /** Not delivered within its maximum age. */
  'AGE_LIMIT',
  /** No ANI was left for it, and its company sends none without. */
  'NO_ANI_AVAILABLE',
  /** Its phone is one that its company must not have called. */
  'PHONE_SUPPRESSED',
  /** Given back by the ingress. */
  'GIVEN_BACK',
] as const;

export const reasonSchema = z.enum(REASONS);
export type Reason = z.infer<typeof reasonSchema>;

/** How an outcome is known: by the answer to the upload, by read-back, or because a person has looked. */
export const OUTCOME_SOURCES = ['answer', 'read-back', 'person'] as const;
export type OutcomeSource = (typeof OUTCOME_SOURCES)[number];

/** How a lead stands, by a completion event or its row. */
export const leadOutcomeSchema = z.object({
  leadId: z.string(),
  state: z.enum(LEAD_STATES),
  reason: reasonSchema.nullable(),
  /** Of a lead whose phone its company's check refused. */
  phoneCheck: phoneCheckedSchema.nullish(),
  /** Sealed JSON text: the dialing system's answer, as far as it is about this lead. */
  dialerResponse: z.string().nullable(),
  source: z.enum(OUTCOME_SOURCES).nullable(),
  uploadSize: z.number().nullable(),
});

export type LeadOutcome = z.infer<typeof leadOutcomeSchema>;
