import { leadCancelAll, leadRetryAll } from '@live-feed/operations/lead/lead-bulk';
import { leadResendAll } from '@live-feed/operations/lead/resend/lead-resend';
import type { FastifyRequest } from 'fastify';
import type { filterOf } from './lead-query.ts';

export interface BulkInput extends ReturnType<typeof filterOf> {
  readonly company: string;
  readonly dryRun: boolean;
  readonly beforeId: string | undefined;
  /** Only for sending again; undefined: their own. */
  readonly toCampaign: string | undefined;
}

export interface BulkOutcome {
  readonly found: number;
  readonly next: string | null;
  /** What came of it, for people. */
  readonly text: string;
}

interface BulkAction {
  readonly title: string;
  /** What happens to which leads. */
  readonly explanation: string;
  run(request: FastifyRequest, input: BulkInput): Promise<BulkOutcome>;
}

/** Why leads are not sent again, for people. */
const NOT_RESENT = {
  changed: 'changed meanwhile or sent again already',
  in_dialer: 'in the dialing system already',
  not_asked: 'of which the dialing system could not be asked',
  unreadable: 'that cannot be decrypted',
  suppressed: 'on the do-not-call list',
  check_refused: "refused by the company's check of phones",
  check_unanswered: 'that the check of phones did not answer about',
  duplicate: 'whose phones have had other leads shortly before',
} as const;

/** By what the address calls them. */
export const BULK_ACTIONS: Readonly<Record<'resend' | 'retry' | 'cancel', BulkAction>> = {
  resend: {
    title: 'Send again…',
    explanation:
      'Leads that ended as REJECTED, FAILED, EXPIRED or ABANDONED are sent again, as new ones. The dialing system is asked first, so that none is doubled.',
    async run(request, input) {
      const { found, next, resent, notResent } = await request.perform(leadResendAll, input);
      const others = Object.entries(NOT_RESENT).flatMap(([why, words]) => {
        const count = notResent[why as keyof typeof notResent];
        return count === 0 ? [] : [`${count} ${words}`];
      });
      const not = others.length === 0 ? '' : ` Not sent again: ${others.join('; ')}.`;
      return { found, next, text: `Sent ${resent} of ${found} leads again.${not}` };
    },
  },
  retry: {
    title: 'Retry parked ones…',
    explanation:
      'Leads that are PARKED go on. Those that may have been taken are verified first, so that none is doubled.',
    async run(request, { toCampaign: _, ...input }) {
      const done = await request.perform(leadRetryAll, input);
      const { found, next, sentAgain, askedAbout, staying } = done;
      const text = `${sentAgain} leads are sent again, ${askedAbout} are verified first, ${staying} stay parked.`;
      return { found, next, text };
    },
  },
  cancel: {
    title: 'Take back…',
    explanation: 'Promised leads that wait to be sent are given back: they will not be sent.',
    async run(request, { toCampaign: _, ...input }) {
      const { found, next, givenBack, staying } = await request.perform(leadCancelAll, input);
      const stay = staying === 0 ? '' : ` ${staying} stay: their callers wait, or a worker was faster.`;
      return { found, next, text: `Gave back ${givenBack} leads.${stay}` };
    },
  },
};
