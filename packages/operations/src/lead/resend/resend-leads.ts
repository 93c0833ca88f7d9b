import { type DuplicateRule, ruleFor } from '@live-feed/core/directory/duplicate-rule';
import { newId } from '@live-feed/core/ids';
import { type LeadJob, SEALED } from '@live-feed/core/lead/lead-job';
import { listCampaigns } from '@live-feed/database/directory/campaigns';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { findCompanySettings } from '@live-feed/database/directory/company-settings';
import type { DialerRecord } from '@live-feed/database/directory/lookups';
import { promiseUnlessDuplicate } from '@live-feed/database/duplicates/promise-unless-duplicate';
import { type EndedLead, findEndedLeads, type Resent } from '@live-feed/database/leads/resent-leads';
import { suppressedAmong } from '@live-feed/database/suppression/suppressed-phones';
import { databaseNow } from '@live-feed/database/upkeep/retention-cutoff';
import type { DialerFamily } from '@live-feed/dialers/family';
import { servedFamily, theDialer } from '../../dialer/the-dialer.ts';
import type { Context } from '../../operation.ts';
import { Refusal } from '../../refusal.ts';
import { queueLeads } from '../lead-queue.ts';
import { askDialer } from './ask-dialer.ts';
import { type Correction, correctedPayload } from './correction.ts';
import { askCheckOfEach, type PhoneAsked, preparePhoneCheck } from './phone-asked.ts';

/** Why a lead is not sent again. */
export const NOT_RESENT = [
  'changed', // it is not in a state for that, or was sent again already
  'no_campaign', // its campaign was removed, and no other one is named
  'in_dialer', // the dialing system has it
  'not_asked', // the dialing system could not be asked
  'unreadable', // it cannot be decrypted any more
  'suppressed', // its phone is on the company's do-not-call list
  'check_refused', // the company's check of phones refused it
  'check_unanswered', // that check did not answer, and such leads are refused
  'duplicate', // its phone has had another lead within the time of the company's rule
] as const;

export type NotResent = (typeof NOT_RESENT)[number];

export type ResendResult =
  | { readonly kind: 'resent'; readonly id: string }
  | { readonly kind: NotResent; readonly id?: undefined };

/** Everything that is the same for all leads of a call. */
export interface ResendPlan {
  readonly company: CompanyRecord;
  readonly dialer: DialerRecord;
  readonly family: DialerFamily;
  /** Of another campaign than the leads were of; undefined: their own. */
  readonly campaignId: string | undefined;
  readonly correction: Correction;
  readonly triedForMs: number;
  /** By campaign: its rule about duplicates; a campaign that is not here was removed. */
  readonly rules: ReadonlyMap<string, DuplicateRule | null>;
  readonly phoneCheck: PhoneAsked | undefined;
}

/** @throws Refusal if the company's leads cannot be sent at all, or it has no such campaign */
export async function planResend(
  context: Pick<Context, 'database' | 'keyring' | 'outbound'>,
  company: CompanyRecord,
  input: Pick<ResendPlan, 'campaignId' | 'correction' | 'triedForMs'>,
): Promise<ResendPlan> {
  const { database } = context;
  const dialer = await theDialer(database, company);
  const family = servedFamily(dialer.family);
  const campaigns = await listCampaigns(database, company.id);
  const settings = await findCompanySettings(database, company.id);
  const rules = new Map(
    campaigns.map(({ campaignId, duplicates }) => [campaignId, ruleFor(settings.duplicates, duplicates)]),
  );
  if (input.campaignId !== undefined && !rules.has(input.campaignId)) {
    throw new Refusal(`"${company.name}" has no campaign ${input.campaignId}.`, {
      kind: 'not_found',
      see: { operation: 'campaign.add', to: 'Add it' },
    });
  }
  const phoneCheck = await preparePhoneCheck(context, company.id);
  return { ...input, company, dialer, family, rules, phoneCheck };
}

/**
 * Sends leads again, as new ones that name those before. The dialing system is asked first, and what refuses leads that come in refuses
 * these too: the do-not-call list, the company's check of phones, its rule about duplicates.
 *
 * @param ids at most 200, as many as a read-back of a dialing system may name
 * @returns what became of each, and whether the new ones are queued: if not, the reconciler queues them
 */
export async function resendLeads(
  context: Context,
  plan: ResendPlan,
  ids: readonly string[],
): Promise<{ readonly results: ReadonlyMap<string, ResendResult>; readonly queued: boolean }> {
  const { database } = context;
  const results = new Map<string, ResendResult>(ids.map((id) => [id, { kind: 'changed' }]));
  const ended = await findEndedLeads(database, plan.company.id, ids);
  const { there, notAsked } = await askDialer(context, plan.dialer, plan.family, ended);
  const nowMs = await databaseNow(database);
  function whyNot({ id, campaignId }: EndedLead): NotResent | undefined {
    if (!plan.rules.has(plan.campaignId ?? campaignId)) return 'no_campaign';
    if (there.has(id)) return 'in_dialer';
    return notAsked.has(id) ? 'not_asked' : undefined;
  }
  const made = ended.flatMap((lead) => {
    const why = whyNot(lead);
    const next = why === undefined ? newLead(context, plan, lead, nowMs) : undefined;
    if (next === undefined) results.set(lead.id, { kind: why ?? 'unreadable' });
    return next === undefined ? [] : [{ from: lead.id, ...next }];
  });
  const suppressed = await suppressedAmong(
    database,
    plan.company.id,
    made.map(({ lead }) => lead.phoneDigest),
  );
  const listed = made.filter(({ lead }) => suppressed.has(lead.phoneDigest));
  for (const { from } of listed) results.set(from, { kind: 'suppressed' });
  const passed: Resent[] = [];
  const others = made.filter(({ lead }) => !suppressed.has(lead.phoneDigest));
  for (const { from, lead, check } of await askCheckOfEach(plan.phoneCheck, others)) {
    if (check === 'refused') results.set(from, { kind: 'check_refused' });
    else if (check === 'unanswered') results.set(from, { kind: 'check_unanswered' });
    else passed.push({ from, lead: check === undefined ? lead : { ...lead, phoneCheck: check } });
  }
  const { written, duplicates } = await promiseUnlessDuplicate(database, plan.rules, passed);
  for (const { from, lead } of passed) {
    if (duplicates.has(lead.leadId)) results.set(from, { kind: 'duplicate' });
    if (written.has(lead.leadId)) results.set(from, { kind: 'resent', id: lead.leadId });
  }
  return { results, queued: await queueLeads(context, [...written]) };
}

/** @returns undefined if the lead cannot be decrypted */
function newLead(
  { keyring, digests }: Pick<Context, 'keyring' | 'digests'>,
  { company: { id: companyId }, dialer, campaignId, correction, triedForMs }: ResendPlan,
  ended: EndedLead,
  nowMs: number,
): { readonly lead: LeadJob; readonly phone: string } | undefined {
  const payload = correctedPayload({ keyring }, companyId, ended, correction);
  if (payload === undefined) return undefined;
  const { phone } = payload;
  const lead: LeadJob = {
    ...{ v: 1, leadId: newId(nowMs), companyId, dialerId: dialer.id, replyTo: '' },
    campaignId: campaignId ?? ended.campaignId,
    source: ended.source,
    payload: keyring.seal(JSON.stringify(payload), { companyId, column: SEALED.payload }),
    phoneDigest: digests.phone(companyId, phone),
    phoneLast2: phone.slice(-2),
    // Nobody waits for it, and no request joins it.
    ...{ joinKey: null, receivedAtMs: nowMs, deadlineMs: nowMs, expiresAtMs: nowMs + triedForMs },
  };
  return { lead, phone };
}
