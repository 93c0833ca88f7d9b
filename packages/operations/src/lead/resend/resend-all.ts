import { RESENDABLE } from '@live-feed/database/leads/resent-leads';
import { z } from 'zod';
import { campaignId } from '../../campaign/campaign-id.ts';
import { ofCompany } from '../../operation.ts';
import { bulkInput, resultOf, throughLeads } from '../bulk/through-leads.ts';
import { resentForInput } from './lead-resend.ts';
import { NOT_RESENT, type NotResent, planResend, resendLeads } from './resend-leads.ts';

export const leadResendAll = ofCompany({
  name: 'lead.resend-all',
  summary:
    'sends the leads again that a filter fits and that were not taken, at most 10,000 a call, to another campaign if one is named. The dialing system is asked first',
  role: 'operator',
  watched: true,
  route: 'POST /companies/:company/leads/resend',
  input: z.object({
    ...bulkInput,
    toCampaign: campaignId.optional().describe('another campaign than they were of'),
    triedForMs: resentForInput,
  }),
  async run(context, input, company) {
    const { dryRun, toCampaign, triedForMs } = input;
    const plan = await planResend(context, company, { campaignId: toCampaign, correction: {}, triedForMs });
    const counts = { resent: 0, ...(Object.fromEntries(NOT_RESENT.map((why) => [why, 0])) as Counts) };
    let queued = true;
    const work = async (ids: readonly string[]) => {
      const done = await resendLeads(context, plan, ids);
      queued = done.queued && queued;
      for (const { kind } of done.results.values()) counts[kind] += 1;
    };
    const passed = await throughLeads(
      context,
      input,
      company,
      { states: RESENDABLE, notSentAgain: true },
      dryRun ? undefined : (leads) => work(leads.map(({ id }) => id)),
    );
    const { resent, ...notResent } = counts;
    context.record({ after: { ...resultOf(passed), ...counts } });
    /** `notResent`: how many are not, by reason. */
    return { company, dryRun, ...passed, resent, notResent, queued };
  },
});

type Counts = Record<NotResent, number>;
