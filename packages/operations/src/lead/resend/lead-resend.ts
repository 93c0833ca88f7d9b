import { RESENDABLE } from '@live-feed/database/leads/resent-leads';
import { findLeadDetails } from '@live-feed/database/leads/search/lead-details';
import { z } from 'zod';
import { campaignId } from '../../campaign/campaign-id.ts';
import { durationInput } from '../../inputs/inputs.ts';
import { ofCompany, ofCompanysOwn } from '../../operation.ts';
import { Refusal } from '../../refusal.ts';
import { bulkInput, throughLeads } from '../lead-bulk.ts';
import { companyOfLead, leadInput, theLead } from '../the-lead.ts';
import { correctionInput } from './correction.ts';
import { NOT_RESENT, type NotResent, planResend, RESEND_BATCH, resendLeads } from './resend-leads.ts';

const DAY_MS = 86_400_000;

const triedForMs = durationInput({ min: 60_000, max: 30 * DAY_MS })
  .default(DAY_MS)
  .describe('milliseconds that the new lead is tried for');

export const leadResend = ofCompanysOwn({
  name: 'lead.resend',
  summary:
    'sends a lead again that was not taken, with a correction: a new lead that names the one before. The dialing system is asked first',
  role: 'operator',
  route: 'POST /leads/:lead/resend',
  input: leadInput({
    campaign: campaignId.optional().describe('another campaign than it was of'),
    ...correctionInput,
    triedForMs,
  }),
  ...companyOfLead,
  async run(context, input, company) {
    const { campaign, phone, fields, triedForMs } = input;
    const lead = await theLead(context, input, company, RESENDABLE);
    context.record({ target: `lead ${lead.id}`, before: { state: lead.state, campaign: lead.campaignId } });
    if (!RESENDABLE.some((state) => state === lead.state)) {
      throw new Refusal(
        `The lead cannot be sent again: it is ${lead.state}. Only leads that ended as ${RESENDABLE.join(', ')} can.`,
        { see: { operation: 'lead.show', values: [lead.id] } },
      );
    }
    const again = (await findLeadDetails(context.database, lead.id))?.resentAs ?? null;
    if (again !== null) {
      throw new Refusal(`The lead was sent again already, as ${again}.`, {
        see: { operation: 'lead.show', values: [again] },
      });
    }
    const correction = { phone, fields };
    const plan = await planResend(context, company, { campaignId: campaign, correction, triedForMs });
    const { results, queued } = await resendLeads(context, plan, [lead.id]);
    const result = results.get(lead.id);
    if (result?.kind !== 'resent') throw whyNot(result?.kind ?? 'changed', lead.id);
    const campaignId = campaign ?? lead.campaignId;
    context.record({ after: { resentAs: result.id, campaign: campaignId } });
    return { company, id: result.id, resentFrom: lead.id, campaignId, state: 'QUEUED' as const, queued };
  },
});

function whyNot(why: NotResent, id: string): Refusal {
  const see = { operation: 'lead.show', values: [id] } as const;
  switch (why) {
    case 'changed':
      return new Refusal('Somebody else has just changed this lead, or sent it again.', { see });
    case 'in_dialer':
      return new Refusal('The dialing system has this lead: it is not sent again.', { see });
    case 'not_asked':
      return new Refusal(
        'The dialing system could not be asked whether it has this lead, so it is not sent again. Try again.',
        { kind: 'unavailable', see: { operation: 'dialer.test', to: 'See whether it answers' } },
      );
    case 'unreadable':
      return new Refusal('The lead cannot be decrypted: SEAL_KEYS lacks its key.');
    case 'suppressed':
      return new Refusal("Its phone is on the company's do-not-call list: it is not sent again.", {
        see: { operation: 'dnc.check', to: 'See since when' },
      });
    case 'check_refused':
      return new Refusal("The company's check of phones refused its phone: it is not sent again.");
    case 'check_unanswered':
      return new Refusal(
        "The company's check of phones did not answer, and the company has such leads refused. Try again.",
        { kind: 'unavailable', see: { operation: 'company.check', to: 'See whether it answers' } },
      );
    case 'duplicate':
      return new Refusal(
        "Its phone has had another lead within the time of the company's rule about duplicates: it is not sent again.",
      );
  }
}

export const leadResendAll = ofCompany({
  name: 'lead.resend-all',
  summary:
    'sends the leads again that a filter fits and that were not taken, at most 10,000 a call, to another campaign if one is named. The dialing system is asked first',
  role: 'operator',
  route: 'POST /companies/:company/leads/resend',
  input: z.object({
    ...bulkInput,
    toCampaign: campaignId.optional().describe('another campaign than they were of'),
    triedForMs,
  }),
  async run(context, input, company) {
    const { dryRun, toCampaign, triedForMs } = input;
    const plan = await planResend(context, company, { campaignId: toCampaign, correction: {}, triedForMs });
    const counts = { resent: 0, ...(Object.fromEntries(NOT_RESENT.map((why) => [why, 0])) as Counts) };
    let queued = true;
    const work = async (ids: readonly string[]) => {
      for (let at = 0; at < ids.length; at += RESEND_BATCH) {
        const done = await resendLeads(context, plan, ids.slice(at, at + RESEND_BATCH));
        queued = done.queued && queued;
        for (const { kind } of done.results.values()) counts[kind] += 1;
      }
    };
    const passed = await throughLeads(
      context,
      input,
      company,
      RESENDABLE,
      dryRun ? undefined : (leads) => work(leads.map(({ id }) => id)),
    );
    const { resent, ...notResent } = counts;
    context.record({ after: { dryRun, found: passed.found, ...counts } });
    /** `notResent`: how many are not, by reason. */
    return { company, dryRun, ...passed, resent, notResent, queued };
  },
});

type Counts = Record<NotResent, number>;
