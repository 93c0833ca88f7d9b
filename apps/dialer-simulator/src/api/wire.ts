/**
 * The wire format of a lead loader, as RingCentral publishes it for RingCX ("About Lead Loader API", "Search leads" and the OpenAPI
 * file). NewBridge publishes nothing; we assume that it has the same format.
 *
 * The request schemas reject unknown fields, because accepting a misspelt one would hide a bug of ours.
 */
import { z } from 'zod';

/** `int64`, as far as JSON numbers are exact. */
const int64 = z.int();

/**
 * One lead of an upload, `CampaignLead` in the OpenAPI file. Any string passes here, also an empty or invalid one: `flawOf` checks the
 * values, and rejects the row, not the upload. A value of another type is refused with the upload.
 */
export const loadLeadSchema = z.strictObject({
  externId: z.string().optional(),
  leadPhone: z.string().optional(),
  leadPhoneE164: z.string().optional(),
  callerId: z.string().optional(),
  firstName: z.string().optional(),
  lastName: z.string().optional(),
  email: z.string().optional(),
  address1: z.string().optional(),
  address2: z.string().optional(),
  city: z.string().optional(),
  state: z.string().optional(),
  zip: z.string().optional(),
  auxData1: z.string().optional(),
  auxData2: z.string().optional(),
  auxData3: z.string().optional(),
  auxData4: z.string().optional(),
  auxData5: z.string().optional(),
  midName: z.string().optional(),
  suffix: z.string().optional(),
  title: z.string().optional(),
  auxPhone: z.string().optional(),
  auxExternalUrl: z.string().optional(),
  auxGreeting: z.string().optional(),
  gateKeeper: z.string().optional(),
  leadTimezone: z.string().optional(),
  reserveAgent: z.string().optional(),
  liveAnswerMessage: z.string().optional(),
  machAnswerMessage: z.string().optional(),
  leadPriority: z.int32().optional(),
  maxPasses: z.int32().optional(),
  dupeKeyOverride: int64.optional(),
  nextDialTime: z.iso.datetime({ offset: true }).optional(),
  extendedLeadData: z.record(z.string(), z.string()).optional(),
  suppressed: z.boolean().optional(),
  /** Its keys are labels that the account has configured. */
  personaPhoneConfig: z.record(z.string(), z.json()).optional(),
});

/** The body of a direct load. Options accept any text, because callers send more values than the published enums have. */
export const loadRequestSchema = z.strictObject({
  description: z.string().optional(),
  dialPriority: z.string().min(1),
  duplicateHandling: z.string().min(1),
  listState: z.string().min(1).optional(),
  timeZoneOption: z.string().min(1),
  dncTags: z.array(z.string()).optional(),
  phoneNumbersI18nEnabled: z.boolean().optional(),
  internationalNumberFormat: z.boolean().optional(),
  numberOriginCountry: z.string().min(1).optional(),
  uploadLeads: z.array(loadLeadSchema).min(1),
});

/** The same body for a dialing system that accepts only the published enums. */
export const strictLoadRequestSchema = loadRequestSchema.extend({
  dialPriority: z.enum(['IMMEDIATE', 'NORMAL']),
  duplicateHandling: z.enum(['REMOVE_ALL_EXISTING', 'REMOVE_FROM_LIST', 'RETAIN_ALL']),
  listState: z
    .enum([
      'ACTIVE',
      'PAUSED',
      'PENDING_DNC',
      'LOADING',
      'DELETED',
      'READY',
      'CALLBACKS',
      'CALLBACKS_AGENT',
      'DUPLICATES_NOT_MERGED',
      'DUPLICATES_NOT_MOVED',
    ])
    .optional(),
  timeZoneOption: z.enum(['NPA_NXX', 'ZIPCODE', 'EXPLICIT', 'NOT_APPLICABLE']),
});

export const rejectedRowSchema = z.strictObject({
  message: z.string(),
  /** The row's values without their names; there is no externId field. */
  rowData: z.array(z.string()),
});

export const PROCESSING_STATUSES = [
  'DEFAULT_NOT_A_FAILURE',
  'NO_LEADS_PASSED_VALIDATION',
  'GENERAL_FAILURE',
  'DNC_ACCOUNT_SETTINGS',
  'DNC_UPLOAD_FAILED',
  'DNC_GREATER_ONE_DAY',
] as const;

const count = z.int().min(0);

/** The response to a direct load, status 200. With `leadsAccepted: 0` it is a rejection. */
export const loadAnswerSchema = z.strictObject({
  message: z.string(),
  leadsSupplied: count,
  leadsAccepted: count,
  leadsInserted: count,
  leadsConverted: count.optional(),
  dncReturnedCount: count.optional(),
  internalDncCount: count.optional(),
  whitelistCount: count.optional(),
  failedAgentAssignment: count.optional(),
  listState: z.string(),
  timeZoneOption: z.string(),
  processingResult: z.enum(['OK', 'Failed']),
  processingStatus: z.enum(PROCESSING_STATUSES),
  rejectedRows: z.array(rejectedRowSchema),
});

/** An error's JSON body. `timestamp` is in milliseconds since the epoch. */
export const errorAnswerSchema = z.strictObject({
  errorCode: z.string(),
  generalMessage: z.string(),
  timestamp: z.number(),
});

/** The body of a lead search, with only those published filters that a read-back needs. */
export const leadSearchRequestSchema = z.strictObject({
  campaignIds: z.array(z.union([z.int(), z.string().min(1)])).optional(),
  externIds: z.array(z.string().min(1)).optional(),
  suppressed: z.enum(['ALL', 'ONLY_SUPPRESSED', 'ONLY_UNSUPPRESSED']).default('ONLY_UNSUPPRESSED'),
});

/** `page` counts from 1. */
export const leadSearchQuerySchema = z.object({
  page: z.coerce.number().int().min(1).default(1),
  maxRows: z.coerce.number().int().min(1).max(10_000).default(100),
});

/** A lead in the response of a search. The published type of the response is only `object`. */
export const foundLeadSchema = z.strictObject({
  leadId: z.int(),
  externId: z.string(),
  leadPhone: z.string(),
  leadState: z.string(),
  /** How often it was dialled. */
  leadPasses: z.int(),
  lastPassDisposition: z.string().optional(),
  /** ISO 8601, UTC, as are the others. */
  lastPassDts: z.string().optional(),
  nextDialTime: z.string().optional(),
  /** The dialing system has it and does not dial it. */
  suppressed: z.boolean(),
  callerId: z.string().optional(),
  campaignId: z.string(),
  listId: z.int(),
  loadedDts: z.string(),
});

export type LoadLead = z.infer<typeof loadLeadSchema>;
export type LoadRequest = z.infer<typeof loadRequestSchema>;
export type LoadAnswer = z.infer<typeof loadAnswerSchema>;
export type RejectedRow = z.infer<typeof rejectedRowSchema>;
export type ErrorAnswer = z.infer<typeof errorAnswerSchema>;
