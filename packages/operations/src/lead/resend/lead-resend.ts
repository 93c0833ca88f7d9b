import { RESENDABLE } from '@live-feed/database/leads/resent-leads';
import { findLeadDetails } from '@live-feed/database/leads/search/lead-details';
import { campaignId } from '../../campaign/campaign-id.ts';
import { durationInput } from '../../inputs/inputs.ts';
import { ofCompanysOwn } from '../../operation.ts';
import { Refusal } from '../../refusal.ts';
import { companyOfLead, leadInput, theLead } from '../the-lead.ts';
import { correctionInput } from './correction.ts';
import { type NotResent, planResend, resendLeads } from './resend-leads.ts';

const DAY_MS = 86_400_000;

/** Milliseconds. */
export const resentForInput = durationInput({ min: 60_000, max: 30 * DAY_MS })
  .default(DAY_MS)
  .describe('milliseconds that the new lead is tried for');

export const leadResend = ofCompanysOwn({
  name: 'lead.resend',
  summary:
    'sends a lead again that was not taken, with a correction: a new lead that names the one before. The dialing system is asked first',
  role: 'operator',
  route: 'POST /leads/:lead/resend',
  input: leadInput.safeExtend({
    campaign: campaignId.optional().describe('another campaign than it was of'),
    ...correctionInput,
    triedForMs: resentForInput,
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
    case 'no_campaign':
      return new Refusal(
        'Its campaign was removed: name another one to send it to, or add its campaign again.',
        { see: { operation: 'campaign.list', to: 'See which there are' } },
      );
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
