/**
 * What an integrator writes against a generated client: the core of the contract, compiled strictly and then run. Each program prints one
 * line of JSON, by what was tried: status and what the types say can be read. Environment: `API_URL`, `API_KEY`, `LIMITED_KEY` (a key that has
 * sent all that it may), `CAMPAIGN`.
 */

const SHARED = `
const { API_URL = '', API_KEY = '', LIMITED_KEY = '', CAMPAIGN = '' } = process.env;
const said: Record<string, readonly unknown[]> = {};
const phones = { accepted: '5551230001', rejected: '5551230002', short: '123', kept: '5551230003' };
`;

/** For \`openapi-typescript\` and \`openapi-fetch\`; the types are in \`./schema.ts\`. */
export const OPENAPI_FETCH = `
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.ts';
${SHARED}
type LeadRequest = components['schemas']['LeadRequest'];
type ApiError = components['schemas']['Error'];

const as = (key: string) =>
  createClient<paths>({ baseUrl: API_URL, headers: { authorization: \`Bearer \${key}\` } });
const api = as(API_KEY);
const body = (leadPhone: string, campaignId = CAMPAIGN): LeadRequest => ({
  campaignId,
  lead: { leadPhone, firstName: 'Jane' },
  options: { dialPriority: 'IMMEDIATE' },
});
const told = (error: ApiError | undefined): readonly [string | undefined, boolean | undefined] => [
  error?.code,
  error?.retryable,
];

const accepted = await api.POST('/live-feed/ringcx', { body: body(phones.accepted) });
if (accepted.data === undefined || !('dialerResponse' in accepted.data)) throw new Error('The lead was not taken.');
const taken: number | null | undefined = accepted.data.dialerResponse.leadsAccepted;
said['accepted'] = [accepted.response.status, taken];

const rejected = await api.POST('/live-feed/ringcx', { body: body(phones.rejected) });
const answer = rejected.error?.dialerResponse;
if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw new Error('The dialer said nothing.');
const reason: string | null | undefined = answer.rejectedRows?.[0]?.message;
said['rejected'] = [rejected.response.status, ...told(rejected.error), answer.leadsAccepted, reason];

const invalid = await api.POST('/live-feed/ringcx', {
  // @ts-expect-error a number is not a ZIP code
  body: { ...body(phones.accepted), lead: { leadPhone: phones.accepted, zip: 33101 } },
});
said['invalid'] = [invalid.response.status, ...told(invalid.error), invalid.error?.issues?.[0]?.path];
const phone = await api.POST('/live-feed/ringcx', { body: body(phones.short) });
said['phone'] = [phone.response.status, ...told(phone.error)];
const stranger = await as('oiq_nobody').POST('/live-feed/ringcx', { body: body(phones.accepted) });
said['stranger'] = [stranger.response.status, ...told(stranger.error)];
const nowhere = await api.POST('/live-feed/ringcx', { body: body(phones.accepted, '999999') });
said['nowhere'] = [nowhere.response.status, ...told(nowhere.error)];
const limited = await as(LIMITED_KEY).POST('/live-feed/ringcx', { body: body(phones.accepted) });
const again: number | null | undefined = limited.error?.retryAfterSeconds;
said['limited'] = [limited.response.status, ...told(limited.error), typeof again];

const kept = await api.POST('/live-feed/ringcx', {
  body: body(phones.kept),
  params: { header: { prefer: 'respond-async', 'idempotency-key': 'an order' } },
});
if (kept.data === undefined || !('leadId' in kept.data)) throw new Error('The lead was not kept.');
const { leadId } = kept.data;
const status = await api.GET('/live-feed/leads/{leadId}', { params: { path: { leadId } } });
const state: components['schemas']['LeadState'] | undefined = status.data?.state;
said['status'] = [kept.response.status, status.response.status, status.data?.leadId === leadId, typeof state];
const list = await api.GET('/live-feed/leads', { params: { query: { campaignId: CAMPAIGN, limit: 10 } } });
said['list'] = [list.response.status, list.data?.leads.some((lead) => lead.leadId === leadId)];

const batch = await api.POST('/live-feed/ringcx/batch', {
  body: { leads: [body('5551230004'), body(phones.short)] },
});
said['batch'] = [batch.response.status, batch.data?.success, ...(batch.data?.results ?? []).map((one) => one.status)];
console.log(JSON.stringify(said));
`;

/** For \`@hey-api/openapi-ts\`; the client is in \`./hey\`. */
export const HEY_API = `
import { createClient } from './hey/client/index.ts';
import { getLead, listLeads, submitLead, submitLeads } from './hey/sdk.gen.ts';
import type { Error as ApiError, LeadRequest, LeadState } from './hey/types.gen.ts';
${SHARED}
const as = (key: string) => createClient({ baseUrl: API_URL, auth: key });
const client = as(API_KEY);
const body = (leadPhone: string, campaignId = CAMPAIGN): LeadRequest => ({
  campaignId,
  lead: { leadPhone, firstName: 'Jane' },
  options: { dialPriority: 'IMMEDIATE' },
});
const told = (error: ApiError | undefined): readonly [string | undefined, boolean | undefined] => [
  error?.code,
  error?.retryable,
];

const accepted = await submitLead({ client, body: body(phones.accepted) });
if (accepted.data === undefined || !('dialerResponse' in accepted.data)) throw new Error('The lead was not taken.');
const taken: number | null | undefined = accepted.data.dialerResponse.leadsAccepted;
said['accepted'] = [accepted.response?.status, taken];

const rejected = await submitLead({ client, body: body(phones.rejected) });
const answer = rejected.error?.dialerResponse;
if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw new Error('The dialer said nothing.');
const reason: string | null | undefined = answer.rejectedRows?.[0]?.message;
said['rejected'] = [rejected.response?.status, ...told(rejected.error), answer.leadsAccepted, reason];

const invalid = await submitLead({
  client,
  // @ts-expect-error a number is not a ZIP code
  body: { ...body(phones.accepted), lead: { leadPhone: phones.accepted, zip: 33101 } },
});
said['invalid'] = [invalid.response?.status, ...told(invalid.error), invalid.error?.issues?.[0]?.path];
const phone = await submitLead({ client, body: body(phones.short) });
said['phone'] = [phone.response?.status, ...told(phone.error)];
const stranger = await submitLead({ client: as('oiq_nobody'), body: body(phones.accepted) });
said['stranger'] = [stranger.response?.status, ...told(stranger.error)];
const nowhere = await submitLead({ client, body: body(phones.accepted, '999999') });
said['nowhere'] = [nowhere.response?.status, ...told(nowhere.error)];
const limited = await submitLead({ client: as(LIMITED_KEY), body: body(phones.accepted) });
const again: number | null | undefined = limited.error?.retryAfterSeconds;
said['limited'] = [limited.response?.status, ...told(limited.error), typeof again];

const kept = await submitLead({
  client,
  body: body(phones.kept),
  headers: { prefer: 'respond-async', 'idempotency-key': 'an order' },
});
if (kept.data === undefined || !('leadId' in kept.data)) throw new Error('The lead was not kept.');
const { leadId } = kept.data;
const status = await getLead({ client, path: { leadId } });
const state: LeadState | undefined = status.data?.state;
said['status'] = [kept.response?.status, status.response?.status, status.data?.leadId === leadId, typeof state];
const list = await listLeads({ client, query: { campaignId: CAMPAIGN, limit: 10 } });
said['list'] = [list.response?.status, list.data?.leads.some((lead) => lead.leadId === leadId)];

const batch = await submitLeads({ client, body: { leads: [body('5551230004'), body(phones.short)] } });
said['batch'] = [batch.response?.status, batch.data?.success, ...(batch.data?.results ?? []).map((one) => one.status)];
console.log(JSON.stringify(said));
`;
