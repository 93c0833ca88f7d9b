import { type DuplicateRule, ruleFor } from '@live-feed/core/directory/duplicate-rule';
import { newId } from '@live-feed/core/ids';
import { type LeadJob, SEALED } from '@live-feed/core/lead/lead-job';
import { listCampaigns } from '@live-feed/database/directory/campaigns';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { findCompanySettings } from '@live-feed/database/directory/company-settings';
import type { DialerRecord } from '@live-feed/database/directory/lookups';
import { claimPhone, releasePhone } from '@live-feed/database/duplicates/phone-claims';
import { type EndedLead, findEndedLeads, promiseResent } from '@live-feed/database/leads/resent-leads';
import { suppressedAmong } from '@live-feed/database/suppression/suppressed-phones';
import { databaseNow } from '@live-feed/database/upkeep/retention-cutoff';
import type { DialerFamily } from '@live-feed/dialers/family';
import { servedFamily, theDialer } from '../../dialer/the-dialer.ts';
import type { Context } from '../../operation.ts';
import { Refusal } from '../../refusal.ts';
import { queueLeads } from '../lead-queue.ts';
import { askDialer } from './ask-dialer.ts';
import { type Correction, correctedPayload } from './correction.ts';
import { askCheck, type PhoneAsked, preparePhoneCheck } from './phone-asked.ts';

/** Why a lead is not sent again. */
export const NOT_RESENT = [
  'changed', // it is not in a state for that, or was sent again already
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
  readonly ruleOf: (campaignId: string) => DuplicateRule | null;
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
  const rules = new Map(campaigns.map(({ campaignId, duplicates }) => [campaignId, duplicates]));
  if (input.campaignId !== undefined && !rules.has(input.campaignId)) {
    throw new Refusal(`"${company.name}" has no campaign ${input.campaignId}.`, {
      kind: 'not_found',
      see: { operation: 'campaign.add', to: 'Add it' },
    });
  }
  const { duplicates } = await findCompanySettings(database, company.id);
  const ruleOf = (campaignId: string) => ruleFor(duplicates, rules.get(campaignId) ?? null);
  const phoneCheck = await preparePhoneCheck(context, company.id);
  return { ...input, company, dialer, family, ruleOf, phoneCheck };
}

/** As many as a read-back of a dialing system may name. */
export const RESEND_BATCH = 200;

/**
 * Sends leads again, as new ones that name those before. The dialing system is asked first, and what refuses leads that come in refuses
 * these too: the do-not-call list, the company's check of phones, its rule about duplicates.
 *
 * @param ids at most `RESEND_BATCH`
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
  const made = ended.flatMap((lead) => {
    const lost = there.has(lead.id) ? 'in_dialer' : notAsked.has(lead.id) ? 'not_asked' : undefined;
    const next = lost === undefined ? newLead(context, plan, lead, nowMs) : undefined;
    if (next === undefined) results.set(lead.id, { kind: lost ?? 'unreadable' });
    return next === undefined ? [] : [{ from: lead.id, ...next }];
  });
  const suppressed = await suppressedAmong(
    database,
    plan.company.id,
    made.map(({ lead }) => lead.phoneDigest),
  );
  const taken: { lead: LeadJob; from: string }[] = [];
  for (const { from, lead, phone } of made) {
    const verdict = await verdictOf(context, plan, { lead, phone }, suppressed);
    if (verdict.kind === 'passed') taken.push({ from, lead: verdict.lead });
    else results.set(from, verdict);
  }
  const written = new Set(await promiseResent(database, taken));
  for (const { from, lead } of taken) {
    if (written.has(lead.leadId)) results.set(from, { kind: 'resent', id: lead.leadId });
    else await release(context, plan, lead);
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

async function verdictOf(
  context: Context,
  plan: ResendPlan,
  { lead, phone }: { readonly lead: LeadJob; readonly phone: string },
  suppressed: ReadonlySet<string>,
): Promise<{ readonly kind: 'passed'; readonly lead: LeadJob } | { readonly kind: NotResent }> {
  if (suppressed.has(lead.phoneDigest)) return { kind: 'suppressed' };
  const checked = await askCheck(plan.phoneCheck, lead.leadId, phone);
  if (checked === 'refused') return { kind: 'check_refused' };
  if (checked === 'unanswered') return { kind: 'check_unanswered' };
  const rule = plan.ruleOf(lead.campaignId);
  if (rule !== null) {
    const claimed = await claimPhone(context.database, { rule, lead });
    if (claimed.kind === 'duplicate') return { kind: 'duplicate' };
  }
  return { kind: 'passed', lead: checked === undefined ? lead : { ...lead, phoneCheck: checked } };
}

async function release({ database }: Context, plan: ResendPlan, lead: LeadJob): Promise<void> {
  const rule = plan.ruleOf(lead.campaignId);
  if (rule !== null) await releasePhone(database, { rule, lead });
}
