import { leadCancelAll, leadRetryAll } from '@live-feed/operations/lead/bulk/retry-and-cancel';
import { leadResendAll } from '@live-feed/operations/lead/resend/resend-all';
import type { FastifyRequest } from 'fastify';
import type { filterOf } from './lead-query.ts';

export interface BulkInput extends ReturnType<typeof filterOf> {
  readonly company: string;
  readonly dryRun: boolean;
  /** When they were counted; undefined: now. */
  readonly countedAt: string | undefined;
  readonly beforeId: string | undefined;
  /** Only for sending again; undefined: their own. */
  readonly toCampaign: string | undefined;
}

export interface BulkOutcome {
  readonly found: number;
  readonly next: string | null;
  readonly countedAt: Date;
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
  no_campaign: 'whose campaign was removed: name another one',
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
      const { resent, notResent, ...passed } = await request.perform(leadResendAll, input);
      const others = Object.entries(NOT_RESENT).flatMap(([why, words]) => {
        const count = notResent[why as keyof typeof notResent];
        return count === 0 ? [] : [`${count} ${words}`];
      });
      const not = others.length === 0 ? '' : ` Not sent again: ${others.join('; ')}.`;
      return { ...passed, text: `Sent ${resent} of ${passed.found} leads again.${not}` };
    },
  },
  retry: {
    title: 'Retry parked ones…',
    explanation:
      'Leads that are PARKED go on. Those that may have been taken are verified first, so that none is doubled.',
    async run(request, { toCampaign: _, ...input }) {
      const done = await request.perform(leadRetryAll, input);
      const { sentAgain, askedAbout, staying, ...passed } = done;
      const text = `${sentAgain} leads are sent again, ${askedAbout} are verified first, ${staying} stay parked.`;
      return { ...passed, text };
    },
  },
  cancel: {
    title: 'Take back…',
    explanation: 'Promised leads that wait to be sent are given back: they will not be sent.',
    async run(request, { toCampaign: _, ...input }) {
      const { givenBack, staying, ...passed } = await request.perform(leadCancelAll, input);
      const stay = staying === 0 ? '' : ` ${staying} stay: their callers wait, or a worker was faster.`;
      return { ...passed, text: `Gave back ${givenBack} leads.${stay}` };
    },
  },
};
