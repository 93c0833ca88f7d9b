import { randomBytes } from 'node:crypto';
import { FORWARDABLE, LEAD_FIELDS } from '@live-feed/core/lead/lead-fields';
import { CLOSED_PORT } from '../system/company.ts';

/** A lead that can be recognised wherever a part of it turns up, and the ways that it can go. */

/** What was planted, by what it stands for. */
export const markers: Record<string, string> = {};

export const PHONE = '2125559471';
export const WRITTEN_PHONE = '+1 (212) 555-9471';

/** Nobody's but this run's, and as long as Base64 needs to show it. */
function plant(name: string): string {
  const marker = `${name.toLowerCase()}-${randomBytes(9).toString('hex')}`;
  markers[name] = marker;
  return marker;
}

const texts = {
  leadPhone: WRITTEN_PHONE,
  ...Object.fromEntries([...LEAD_FIELDS, ...FORWARDABLE.lead].map((field) => [field, plant(field)])),
  email: `${plant('email')}@planted.example`,
};
/** Each company's dialer is sent all of it. */
export const lead = {
  ...texts,
  leadPriority: 3,
  maxPasses: 7,
  nextDialTime: '2026-12-01T09:30:00-05:00',
  extendedLeadData: { [plant('extended name')]: plant('extended value') },
};
export const options = { description: plant('description'), dncTags: [plant('tag')] };
/** As dialing systems' errors do. */
const ECHO = {
  errorCode: 'lead.bad',
  generalMessage: `Bad lead ${JSON.stringify(lead)}`,
  phone: PHONE,
  details: [Object.values(lead)],
};

interface Scenario {
  /** What the dialing system does. */
  readonly faults: readonly object[];
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly baseUrl?: string;
  readonly signsIn?: 'with a JWT';
  /** Nobody takes the lead out of its queue. */
  readonly unserved?: true;
}

const reject = (row: string) => ({ kind: 'reject', message: `No ${lead.email}`, row });
const status = (code: number, more = {}) => ({ kind: 'status', status: code, body: ECHO, ...more });
const ASYNC = { prefer: 'respond-async' };

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  accepted: { faults: [], status: 200 },
  keyed: { faults: [], status: 200, headers: { 'idempotency-key': plant('idempotencyKey') } },
  'rejected, the row repeated': { faults: [reject('full')], status: 502 },
  'rejected, the phone repeated': { faults: [reject('phone')], status: 502 },
  'refused with 400 and an echo': { faults: [status(400)], status: 502 },
  'refused with 404 and an echo': { faults: [status(404)], status: 502 },
  'failing with 500 and an echo': { faults: [status(500)], status: 502 },
  'throttled with an echo': { faults: [status(429, { retryAfter: 1 })], status: 502 },
  'token refused with an echo': { faults: [status(401)], status: 502 },
  'stored, and the answer lost': { faults: [{ kind: 'reset', when: 'afterStoring' }], status: 200 },
  'a redirect that repeats the lead': {
    faults: [{ kind: 'redirect', status: 307, location: `/elsewhere?${new URLSearchParams(texts)}` }],
    status: 502,
  },
  'no answer': { faults: [{ kind: 'hang', when: 'beforeStoring' }], status: 502 },
  'not sent by the deadline': { faults: [], status: 504, unserved: true },
  'an unreadable answer': { faults: [{ kind: 'malformed', form: 'otherShape' }], status: 200 },
  'nobody there': { faults: [], status: 502, baseUrl: CLOSED_PORT },
  'signed in with a JWT': { faults: [], status: 200, signsIn: 'with a JWT' },
  'access tokens that have ended': { faults: [{ kind: 'expire' }], status: 502, signsIn: 'with a JWT' },
  parked: { faults: [status(401)], status: 202, headers: ASYNC },
  'kept and delivered': { faults: [], status: 202, headers: ASYNC },
};
