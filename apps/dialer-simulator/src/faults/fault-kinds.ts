/** The faults that a rule can have; see `scenario.ts` for when one applies. */
import { z } from 'zod';

/** Long enough for every tested time-out; a timer takes at most 2^31 − 1 ms. */
export const MAX_MS = 86_400_000;
const ms = z.int().min(0).max(MAX_MS);
const text = z.string().min(1);

const delay = z.strictObject({
  kind: z.literal('delay'),
  ms,
  /** A random part of this is added. */
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

/** No response. The connection ends when the client or the simulator closes it. */
const hang = z.strictObject({ kind: z.literal('hang') });

/** The connection ends in a TCP reset. */
const reset = z.strictObject({ kind: z.literal('reset') });

/** The normal response, a few bytes at a time. */
const drip = z.strictObject({
  kind: z.literal('drip'),
  bytes: z.int().min(1).default(1),
  everyMs: ms.default(100),
});

/**
 * Status 200 with an unusable body: truncated JSON, a connection that closes before `Content-Length` is reached, no body, an HTML page,
 * or JSON of another shape.
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

/** An HTML page with any status, as from a proxy, firewall or load balancer in front of a dialing system. */
const page = z.strictObject({
  kind: z.literal('page'),
  status: z.int().min(200).max(599).default(403),
  retryAfter: z.union([z.int().min(0), text]).optional(),
});

/**
 * The normal response, compressed although the request did not ask for it; `unknown` uses an unknown coding, `bomb` is a few bytes that
 * decompress to 64 MiB.
 */
const encoded = z.strictObject({
  kind: z.literal('encoded'),
  coding: z.enum(['gzip', 'br', 'deflate', 'rawDeflate', 'unknown', 'bomb']).default('gzip'),
});

/** The normal response with some members replaced, for example so that it contradicts itself. */
const altered = z.strictObject({ kind: z.literal('altered'), members: z.record(z.string(), z.json()) });

/** The normal response with a member nested `count` deep, with that many rejected rows or members, or a text of that length. */
const bloated = z.strictObject({
  kind: z.literal('bloated'),
  form: z.enum(['nested', 'rows', 'members', 'text']),
  count: z.int().min(1).max(10_000_000),
});

/** Exactly these bytes in place of the normal response. */
const verbatim = z.strictObject({
  kind: z.literal('verbatim'),
  status: z.int().min(200).max(599).default(200),
  body: z.string(),
  contentType: text.default('application/json'),
  charset: z.enum(['utf8', 'utf16le', 'latin1']).default('utf8'),
});

/** Whether the leads are stored although the response fails. */
const effect = (initial: 'beforeStoring' | 'afterStoring') => ({
  when: z.enum(['beforeStoring', 'afterStoring']).default(initial),
});

/** The bearer token of the request has ended: 401 `Jwt is expired`, and so from then on. Not for requests with a permanent token. */
const expire = z.strictObject({ kind: z.literal('expire') });

const reject = z.strictObject({
  kind: z.literal('reject'),
  message: text.default('Lead rejected by the simulator'),
  /** Content of the rejected row: the whole lead, only its phone, a text that names no lead, or no row at all. */
  row: z.enum(['full', 'phone', 'anonymous', 'none']).default('full'),
});

/** Counted as accepted, but neither inserted nor stored. */
const acceptedNotInserted = z.strictObject({ kind: z.literal('acceptedNotInserted') });

/** Leads loaded less than this ago are missing from read-backs. */
const lag = z.strictObject({ kind: z.literal('lag'), ms });

export const uploadFaultSchema = z.discriminatedUnion('kind', [
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
  expire,
]);

const answerFaults = [
  delay,
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
  expire,
] as const;

export const readBackFaultSchema = z.discriminatedUnion('kind', [lag, ...answerFaults]);

export const listingFaultSchema = z.discriminatedUnion('kind', answerFaults);

/** Of the calls that sign in; `when`: whether tokens are issued, and a refresh token spent, although the response fails. */
export const signInFaultSchema = z.discriminatedUnion('kind', [
  delay,
  status.extend(effect('beforeStoring')),
  hang.extend(effect('beforeStoring')),
  reset.extend(effect('beforeStoring')),
  page.extend(effect('beforeStoring')),
  malformed.extend(effect('afterStoring')),
  altered.extend(effect('afterStoring')),
  drip,
  redirect,
]);

/** Of a lead action, whose effect may be lost or not. */
export const actionFaultSchema = z.discriminatedUnion('kind', [
  delay,
  status.extend(effect('beforeStoring')),
  hang.extend(effect('beforeStoring')),
  reset.extend(effect('beforeStoring')),
  malformed.extend(effect('afterStoring')),
  page.extend(effect('beforeStoring')),
]);

type UploadFault = z.infer<typeof uploadFaultSchema>;
type ReadBackFault = z.infer<typeof readBackFaultSchema>;
export type LeadFault = Extract<UploadFault, { kind: 'reject' | 'acceptedNotInserted' }>;
type SignInFault = z.infer<typeof signInFaultSchema>;
/** Faults of the response; those of read-backs have no `when`. */
export type AnswerFault = Exclude<
  UploadFault | ReadBackFault | SignInFault,
  LeadFault | { kind: 'delay' | 'lag' }
>;
