import { z } from 'zod';
import { phoneCheckedSchema } from './phone-checked.ts';

/**
 * The data of a lead's job, parsed at both ends. Old jobs are in flight during a deploy: a new field stays optional
 * for one release.
 */
export const leadJobSchema = z.object({
  v: z.literal(1),
  leadId: z.string(),
  companyId: z.string(),
  dialerId: z.string(),
  campaignId: z.string(),
  /** The label of the key that the lead came with. */
  source: z.string().nullish(),
  /** Sealed `LeadPayload`. */
  payload: z.string(),
  phoneDigest: z.string(),
  phoneLast2: z.string(),
  /** Where the company has phones checked. */
  phoneCheck: phoneCheckedSchema.nullish(),
  /** See `request-digest.ts`. A request of the same key joins this lead while it is under way; without a key no request does. */
  joinKey: z.string().nullish(),
  /** The completion stream of the ingress whose caller waits. */
  replyTo: z.string(),
  receivedAtMs: z.number(),
  deadlineMs: z.number(),
  expiresAtMs: z.number(),
});

export type LeadJob = z.infer<typeof leadJobSchema>;

/** What a sealed column is bound to, besides the company. */
export const SEALED = {
  payload: 'leads.payload',
  dialerResponse: 'leads.dialer_response',
  permanentToken: 'dialers.permanent_token',
  apiAuthToken: 'dialers.api_auth_token',
  jwtCredential: 'dialers.jwt_credential',
  webhookHeaders: 'webhooks.headers',
  webhookSecret: 'webhooks.secret',
  webhookOldSecret: 'webhooks.old_secret',
  suppressedPhone: 'suppressed_phones.entry',
  phoneCheckHeaders: 'phone_checks.headers',
  phoneCheckReason: 'leads.phone_check',
  alertTarget: 'alert_channels.target',
  totpSecret: 'people.totp_secret',
} as const;
