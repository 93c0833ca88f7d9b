import { campaignResume } from '@live-feed/operations/campaign/campaign-changes';
import { campaignSync } from '@live-feed/operations/campaign/campaign-sync';
import { companyCheck } from '@live-feed/operations/company/phone-check';
import { dialerRelease } from '@live-feed/operations/dialer/dialer-hold';
import { dialerTest, explainCheck } from '@live-feed/operations/dialer/dialer-test';
import { leadRetryAll } from '@live-feed/operations/lead/bulk/retry-and-cancel';
import type { Attention } from '@live-feed/operations/overview/attention';
import { webhookSet } from '@live-feed/operations/webhook/webhook-changes';
import { webhookTest } from '@live-feed/operations/webhook/webhook-deliveries';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { actionButton } from '../../html/form.ts';
import type { Markup } from '../../html/html.ts';
import type { Flash } from '../../html/notice.ts';
import { blank, readForm } from '../../operations/form-input.ts';
import { from, mayUse, type Person } from '../../sign-in/access.ts';

/** What an operation mends by itself: a button beside what needs a person, for those who may. Where a person must choose, there is a link alone. */

const ROUTE = '/overview/mend';

const form = z.object({
  operation: z.string(),
  company: z.string(),
  campaign: blank(z.string()),
  thing: blank(z.string()),
  /** Whose overview it was; none: that of all companies. */
  page: blank(z.string()),
});

type Mended = z.output<typeof form>;

interface Mend {
  readonly operation: { readonly name: string; readonly role: Person['role'] };
  run(request: FastifyRequest, mended: Mended): Promise<Flash>;
}

const done = (text: string): Flash => ({ kind: 'done', text });
const refused = (text: string): Flash => ({ kind: 'refused', text });

const MENDS: readonly Mend[] = [
  {
    operation: dialerRelease,
    async run(request, { company: named }) {
      const { company } = await request.perform(dialerRelease, { company: named });
      return done(`The dialer of "${company.name}" sends again.`);
    },
  },
  {
    operation: dialerTest,
    async run(request, { company }) {
      const result = await request.perform(dialerTest, { company });
      const text = `${result.host}: ${explainCheck(result, result.signsInWith).text}`;
      return result.kind === 'works' ? done(text) : refused(text);
    },
  },
  {
    operation: campaignResume,
    async run(request, { company, campaign: campaignId = '' }) {
      await request.perform(campaignResume, { company, campaignId });
      return done(`Campaign ${campaignId} goes on: what waits is sent.`);
    },
  },
  {
    operation: campaignSync,
    async run(request, { company }) {
      const result = await request.perform(campaignSync, { company });
      return result.kind === 'listed'
        ? done(`Read ${result.listed} campaigns: ${result.added.length} new, ${result.ended.length} ended.`)
        : refused('The campaigns could not be read. No campaign was changed; test the dialer.');
    },
  },
  {
    operation: leadRetryAll,
    async run(request, { company, campaign }) {
      await request.performInBackground(leadRetryAll, { company, campaign });
      return done('The parked leads are retried. How far it is: Leads, then Changes.');
    },
  },
  {
    operation: webhookSet,
    async run(request, { thing: webhook = '' }) {
      await request.perform(webhookSet, { webhook, on: true });
      return done('The webhook is on: events are delivered, those that wait as well.');
    },
  },
  {
    operation: webhookTest,
    async run(request, { thing: webhook = '' }) {
      const { outcome, tookMs, taken } = await request.perform(webhookTest, { webhook });
      const said = outcome.kind === 'answer' ? `HTTP ${outcome.httpStatus} in ${tookMs} ms` : outcome.why;
      return taken ? done(`Taken: ${said}.`) : refused(`Not taken: ${said}.`);
    },
  },
  {
    operation: companyCheck,
    async run(request, { company }) {
      const { answer, tookMs } = await request.perform(companyCheck, { company });
      return answer.kind === 'answer'
        ? done(`The check of phones answers, in ${tookMs} ms.`)
        : refused(`The check of phones did not answer: ${answer.why}.`);
    },
  },
];

export function addMends(app: FastifyInstance): void {
  app.post(ROUTE, { config: { access: from('operator') } }, async (request, reply) => {
    const mended = readForm(form, request.body);
    const mend = MENDS.find(({ operation }) => operation.name === mended.operation);
    if (mend === undefined) return reply.seeOther('', refused('The overview cannot do that.'));
    const flash = await mend.run(request, mended);
    return reply.seeOther(mended.page === undefined ? '' : `?company=${mended.page}`, flash);
  });
}

/** @param page whose overview it is; null: that of all companies @returns undefined if no operation mends it by itself, or the person may not */
export function mendButton(
  { mend, companyId, campaignId, thing }: Pick<Attention, 'mend' | 'companyId' | 'campaignId' | 'thing'>,
  page: string | null,
  person: Person,
): Markup | undefined {
  const operation = MENDS.find(({ operation: { name } }) => name === mend?.operation)?.operation;
  if (operation === undefined || companyId === null || !mayUse(from(operation.role), person))
    return undefined;
  return actionButton(ROUTE.slice(1), mend?.to ?? 'Mend it', {
    hidden: {
      ...{ operation: operation.name, company: companyId, campaign: campaignId ?? '' },
      ...{ thing: thing ?? '', page: page ?? '' },
    },
  });
}
