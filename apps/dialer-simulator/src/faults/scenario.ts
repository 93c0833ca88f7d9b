/**
 * How the dialing systems are to behave, as it is put over HTTP while the simulator runs.
 *
 * Rules are looked at in their order. A fault belongs to one of four layers, and in each layer the first rule that
 * applies wins, so that a delay, rejected leads and a lost answer can be combined by three rules:
 *
 * 1. `delay`
 * 2. of single leads: `reject`, `acceptedNotInserted` (the first rule that applies to the lead)
 * 3. `lag` of the read-back
 * 4. of the answer: `status`, `page`, `hang`, `reset`, `drip`, `malformed`, `redirect`, `encoded`, `altered`, `bloated`, `verbatim`
 *
 * A rule applies if its `match` does, its `times` are not used up, and a draw against its `probability` succeeds.
 */
import { z } from 'zod';

/** Long enough for any time-out that is tested; a timer takes no more than 2^31 − 1 ms. */
const MAX_MS = 86_400_000;
const ms = z.int().min(0).max(MAX_MS);
const text = z.string().min(1);
const oneOrMore = z.union([text, z.array(text).min(1).max(10_000)]);

/** Every member given must match; of a list, one of its values. With `{}` a rule is global. */
const matchSchema = z.strictObject({
  family: z.enum(['ringcx', 'newbridge']).optional(),
  accountId: oneOrMore.optional(),
  campaignId: oneOrMore.optional(),
  /** Any lead of the request with this number; a fault of single leads then touches only these. */
  phone: oneOrMore.optional(),
  externId: oneOrMore.optional(),
  /** Requests with at least so many leads: `2` leaves uploads of one alone. */
  minLeads: z.int().min(1).optional(),
});

const delay = z.strictObject({
  kind: z.literal('delay'),
  ms,
  /** A random share of this comes on top. */
  jitterMs: ms.default(0),
});

const status = z.strictObject({
  kind: z.literal('status'),
  status: z.int().min(200).max(599),
  /** Text is sent as plain text, anything else as JSON; by default the documented error body. */
  body: z.json().optional(),
  /** The `Retry-After` header: seconds or an HTTP date. */
  retryAfter: z.union([z.int().min(0), text]).optional(),
});

/** The request is never answered. It is let go when its client or the simulator goes. */
const hang = z.strictObject({ kind: z.literal('hang') });

/** The connection ends in a TCP reset. */
const reset = z.strictObject({ kind: z.literal('reset') });

/** The good answer, a few bytes at a time. */
const drip = z.strictObject({
  kind: z.literal('drip'),
  bytes: z.int().min(1).default(1),
  everyMs: ms.default(100),
});

/**
 * Status 200 with a body that can't be used: JSON that breaks off, a connection that breaks off before
 * `Content-Length` is reached, no body, a page of HTML, or JSON of another shape.
 */
const malformed = z.strictObject({
  kind: z.literal('malformed'),
  form: z.enum(['brokenJson', 'truncated', 'empty', 'html', 'otherShape']).default('brokenJson'),
});

const redirect = z.strictObject({
  kind: z.literal('redirect'),
  status: z
    .union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)])
    .default(307),
  location: text,
});

/** A page of HTML with any status, as proxies, firewalls and load balancers in front of a dialing system answer. */
const page = z.strictObject({
  kind: z.literal('page'),
  status: z.int().min(200).max(599).default(403),
  retryAfter: z.union([z.int().min(0), text]).optional(),
});

/**
 * The good answer, compressed without having been asked for; `unknown` in a coding that nobody knows, `bomb` a few bytes that become
 * 64 MiB.
 */
const encoded = z.strictObject({
  kind: z.literal('encoded'),
  coding: z.enum(['gzip', 'br', 'deflate', 'rawDeflate', 'unknown', 'bomb']).default('gzip'),
});

/** The good answer with some members replaced, so that it contradicts itself, say. */
const altered = z.strictObject({ kind: z.literal('altered'), members: z.record(z.string(), z.json()) });

/** The good answer with a member nested `count` deep, with that many rejected rows or members, or a text of that length. */
const bloated = z.strictObject({
  kind: z.literal('bloated'),
  form: z.enum(['nested', 'rows', 'members', 'text']),
  count: z.int().min(1).max(10_000_000),
});

/** These very bytes in place of the good answer. */
const verbatim = z.strictObject({
  kind: z.literal('verbatim'),
  status: z.int().min(200).max(599).default(200),
  body: z.string(),
  contentType: text.default('application/json'),
  charset: z.enum(['utf8', 'utf16le', 'latin1']).default('utf8'),
});

/** Whether the leads are stored although the answer goes wrong. */
const effect = (initial: 'beforeStoring' | 'afterStoring') => ({
  when: z.enum(['beforeStoring', 'afterStoring']).default(initial),
});

const reject = z.strictObject({
  kind: z.literal('reject'),
  message: text.default('Lead rejected by the simulator'),
  /** What the rejected row tells: the whole lead, its phone only, something that names no lead, or there is no row. */
  row: z.enum(['full', 'phone', 'anonymous', 'none']).default('full'),
});

/** Counted as accepted, but neither inserted nor stored. */
const acceptedNotInserted = z.strictObject({ kind: z.literal('acceptedNotInserted') });

/** Leads loaded less than this ago do not show in a read-back. */
const lag = z.strictObject({ kind: z.literal('lag'), ms });

const uploadFaultSchema = z.discriminatedUnion('kind', [
  delay,
  reject,
  acceptedNotInserted,
  status.extend(effect('beforeStoring')),
  hang.extend(effect('beforeStoring')),
  reset.extend(effect('beforeStoring')),
  malformed.extend(effect('afterStoring')),
  page.extend(effect('beforeStoring')),
  encoded.extend(effect('afterStoring')),
  altered.extend(effect('afterStoring')),
  bloated.extend(effect('afterStoring')),
  verbatim.extend(effect('afterStoring')),
  drip,
  redirect,
]);

const readBackFaultSchema = z.discriminatedUnion('kind', [
  delay,
  lag,
  status,
  hang,
  reset,
  malformed,
  page,
  encoded,
  altered,
  bloated,
  verbatim,
  drip,
  redirect,
]);

const conditions = {
  match: matchSchema.default({}),
  /** The rule is used up after so many requests; a fault of single leads uses one for each request with such a lead. */
  times: z.int().min(1).optional(),
  /** Drawn for each request, for a fault of single leads for each lead. */
  probability: z.number().min(0).max(1).default(1),
};

export const ruleSchema = z.discriminatedUnion('on', [
  z.strictObject({ on: z.literal('upload'), ...conditions, fault: uploadFaultSchema }),
  z.strictObject({ on: z.literal('readBack'), ...conditions, fault: readBackFaultSchema }),
]);

/** A sliding window: no more than `requests` within any `perMs`. */
const windowSchema = z.strictObject({
  requests: z.int().min(1).max(100_000),
  perMs: z.int().min(1).max(MAX_MS),
});

const windowsSchema = z.array(windowSchema).min(1).max(10);

/** RingCX's published limits per sub-account. NewBridge publishes none; its accounts are held to the same. */
const limitsSchema = z.strictObject({
  upload: windowsSchema.default([
    { requests: 30, perMs: 10_000 },
    { requests: 120, perMs: 60_000 },
  ]),
  readBack: windowsSchema.default([
    { requests: 15, perMs: 10_000 },
    { requests: 60, perMs: 30_000 },
  ]),
  /** Sent as `Retry-After` with a 429 from the windows; RingCX documents none. */
  retryAfterSeconds: z.int().min(0).optional(),
});

export const scenarioSchema = z.strictObject({
  /** Whether the windows are enforced; by default as the simulator was started. */
  enforceLimits: z.boolean().optional(),
  limits: limitsSchema.prefault({}),
  /** Insist on the published enums of the upload options. */
  strictOptions: z.boolean().default(false),
  /** The shape of a read-back's answer, which is published as no more than `object`. */
  readBackForm: z.enum(['array', 'leads', 'data']).default('array'),
  /** Tokens that are answered with 401. */
  revokedTokens: z.array(text).max(1_000).default([]),
  rules: z.array(ruleSchema).max(1_000).default([]),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type Rule = z.infer<typeof ruleSchema>;
export type Match = z.infer<typeof matchSchema>;
export type RateWindow = z.infer<typeof windowSchema>;
export type UploadFault = z.infer<typeof uploadFaultSchema>;
export type ReadBackFault = z.infer<typeof readBackFaultSchema>;
export type LeadFault = Extract<UploadFault, { kind: 'reject' | 'acceptedNotInserted' }>;
/** What goes wrong with an answer; `when` is there for uploads only. */
export type AnswerFault = Exclude<UploadFault | ReadBackFault, LeadFault | { kind: 'delay' | 'lag' }>;
