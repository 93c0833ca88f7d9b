/**
 * How the dialing systems behave, as set over HTTP while the simulator runs.
 *
 * Rules are checked in their order. A fault belongs to one of four layers, and in each layer the first rule that applies wins. So three
 * rules can combine a delay, rejected leads and a lost response:
 *
 * 1. `delay`
 * 2. of single leads: `reject`, `acceptedNotInserted` (the first rule that applies to the lead)
 * 3. `lag` of the read-back
 * 4. of the answer: `status`, `page`, `hang`, `reset`, `drip`, `malformed`, `redirect`, `encoded`, `altered`, `bloated`, `verbatim`, `expire`
 *
 * A rule applies if its `match` does, its `times` are not used up, and a draw against its `probability` succeeds.
 */
import { z } from 'zod';
import {
  actionFaultSchema,
  listingFaultSchema,
  MAX_MS,
  readBackFaultSchema,
  signInFaultSchema,
  uploadFaultSchema,
} from './fault-kinds.ts';

const text = z.string().min(1);
const oneOrMore = z.union([text, z.array(text).min(1).max(10_000)]);

/** Every given member must match; of a list, one value. `{}` matches everything. */
const matchSchema = z.strictObject({
  family: z.enum(['ringcx', 'newbridge']).optional(),
  /** Of a call that signs in: the account of its JWT. */
  accountId: oneOrMore.optional(),
  /** Calls that sign in as this client. */
  clientId: oneOrMore.optional(),
  campaignId: oneOrMore.optional(),
  /** Requests with a lead of this number; a fault of single leads then applies only to these leads. */
  phone: oneOrMore.optional(),
  externId: oneOrMore.optional(),
  /** Requests with at least this many leads: `2` exempts uploads of one lead. */
  minLeads: z.int().min(1).optional(),
});

const conditions = {
  match: matchSchema.default({}),
  /** Maximum number of requests that the rule applies to; for a fault of single leads, of requests with such a lead. */
  times: z.int().min(1).optional(),
  /** Drawn per request; for a fault of single leads, per lead. */
  probability: z.number().min(0).max(1).default(1),
};

export const ruleSchema = z.discriminatedUnion('on', [
  z.strictObject({ on: z.literal('upload'), ...conditions, fault: uploadFaultSchema }),
  z.strictObject({ on: z.literal('readBack'), ...conditions, fault: readBackFaultSchema }),
  z.strictObject({ on: z.enum(['campaigns', 'accounts']), ...conditions, fault: listingFaultSchema }),
  z.strictObject({ on: z.literal('leadActions'), ...conditions, fault: actionFaultSchema }),
  z.strictObject({
    on: z.enum(['signIn', 'exchange', 'refresh']),
    ...conditions,
    fault: signInFaultSchema,
  }),
]);

/** A sliding window: no more than `requests` within any `perMs`. */
const windowSchema = z.strictObject({
  requests: z.int().min(1).max(100_000),
  perMs: z.int().min(1).max(MAX_MS),
});

const windowsSchema = z.array(windowSchema).min(1).max(10);

/** RingCX's published limits per sub-account. NewBridge publishes none; its accounts have the same here. */
const limitsSchema = z.strictObject({
  upload: windowsSchema.default([
    { requests: 30, perMs: 10_000 },
    { requests: 120, perMs: 60_000 },
  ]),
  readBack: windowsSchema.default([
    { requests: 15, perMs: 10_000 },
    { requests: 60, perMs: 30_000 },
  ]),
  leadActions: windowsSchema.default([
    { requests: 30, perMs: 10_000 },
    { requests: 120, perMs: 60_000 },
  ]),
  /** Of lists of campaigns, and of accounts. None are published: these are a guess. */
  listings: windowsSchema.default([{ requests: 30, perMs: 10_000 }]),
  /** Sent as `Retry-After` with a 429 from the windows; RingCX documents none. */
  retryAfterSeconds: z.int().min(0).optional(),
});

export const scenarioSchema = z.strictObject({
  /** Whether the windows are enforced; the default is set when the simulator starts. */
  enforceLimits: z.boolean().optional(),
  limits: limitsSchema.prefault({}),
  /** Accept only the published enums of the upload options. */
  strictOptions: z.boolean().default(false),
  /** The shape of a read-back's response, whose published type is only `object`. */
  readBackForm: z.enum(['array', 'leads', 'data']).default('array'),
  /** Searches ignore which leads they are asked for, as an integrator has seen, and go over the whole campaign. */
  ignoresExternIds: z.boolean().default(false),
  /** Every lead is suppressed as it is loaded. */
  suppressesLeads: z.boolean().default(false),
  /** How long a bearer token of RingCX lives that is issued from now on. */
  bearerLifeMs: z.int().min(1).max(MAX_MS).default(300_000),
  /** The same for an access token of RingCentral. */
  rcTokenLifeMs: z.int().min(1_000).max(MAX_MS).default(3_600_000),
  /** Tokens, client secrets and JWTs that are refused. */
  revokedTokens: z.array(text).max(1_000).default([]),
  rules: z.array(ruleSchema).max(1_000).default([]),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type Rule = z.infer<typeof ruleSchema>;
export type Match = z.infer<typeof matchSchema>;
export type RateWindow = z.infer<typeof windowSchema>;
