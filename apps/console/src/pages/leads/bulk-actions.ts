import type { ShownChange } from '@live-feed/operations/lead/bulk/lead-change-operations';
import { leadCancelAll, leadRetryAll } from '@live-feed/operations/lead/bulk/retry-and-cancel';
import { leadResendAll } from '@live-feed/operations/lead/resend/resend-all';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { filterOf } from './lead-query.ts';

export interface BulkInput extends ReturnType<typeof filterOf> {
  readonly company: string;
  /** When they were counted; undefined: now. */
  readonly countedAt: string | undefined;
  readonly beforeId: string | undefined;
  /** Only for sending again; undefined: their own. */
  readonly toCampaign: string | undefined;
}

interface Counted {
  readonly found: number;
  readonly countedAt: Date;
  readonly next: string | null;
}

interface BulkAction {
  /** Of its operation. */
  readonly name: string;
  readonly title: string;
  /** What happens to which leads. */
  readonly explanation: string;
  count(request: FastifyRequest, input: BulkInput): Promise<Counted>;
  /** In the background. @returns the id of the change */
  begin(request: FastifyRequest, input: BulkInput): Promise<string>;
  /** What came of it, for people. */
  told(counts: Counts): string;
}

type Counts = (name: string) => number;

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

export type Action = 'resend' | 'retry' | 'cancel';

/** By what the address calls them. */
export const BULK_ACTIONS: Readonly<Record<Action, BulkAction>> = {
  resend: {
    name: leadResendAll.name,
    title: 'Send again…',
    explanation:
      'Leads that ended as REJECTED, FAILED, EXPIRED or ABANDONED are sent again, as new ones. The dialing system is asked first, so that none is doubled.',
    count: (request, input) => request.perform(leadResendAll, { ...input, dryRun: true }),
    begin: (request, input) => request.performInBackground(leadResendAll, input),
    told(counts) {
      const others = Object.entries(NOT_RESENT).filter(([why]) => counts(why) > 0);
      const not = others.map(([why, words]) => `${counts(why)} ${words}`).join('; ');
      return `Sent ${counts('resent')} of ${counts('found')} leads again.${not === '' ? '' : ` Not sent again: ${not}.`}`;
    },
  },
  retry: {
    name: leadRetryAll.name,
    title: 'Retry parked ones…',
    explanation:
      'Leads that are PARKED go on. Those that may have been taken are verified first, so that none is doubled.',
    count: (request, { toCampaign: _, ...input }) =>
      request.perform(leadRetryAll, { ...input, dryRun: true }),
    begin: (request, { toCampaign: _, ...input }) => request.performInBackground(leadRetryAll, input),
    told: (counts) =>
      `${counts('sentAgain')} leads are sent again, ${counts('askedAbout')} are verified first, ${counts('staying')} stay parked.`,
  },
  cancel: {
    name: leadCancelAll.name,
    title: 'Take back…',
    explanation: 'Promised leads that wait to be sent are given back: they will not be sent.',
    count: (request, { toCampaign: _, ...input }) =>
      request.perform(leadCancelAll, { ...input, dryRun: true }),
    begin: (request, { toCampaign: _, ...input }) => request.performInBackground(leadCancelAll, input),
    told(counts) {
      const staying = counts('staying');
      const stay = staying === 0 ? '' : ` ${staying} stay: their callers wait, or a worker was faster.`;
      return `Gave back ${counts('givenBack')} leads.${stay}`;
    },
  },
};

export function actionNamed(given: unknown): Action | undefined {
  return (Object.keys(BULK_ACTIONS) as Action[]).find((each) => each === given);
}

/** As the audit log has it. */
const resultSchema = z.record(z.string(), z.unknown());

export interface BulkResult {
  readonly text: string;
  /** Whether a person has stopped it, or the console was stopped. */
  readonly isStopped: boolean;
  /** `beforeId` for the leads that were more than one change takes; null: there are none. */
  readonly next: string | null;
}

/** @returns undefined if it has not ended, or what it came to is not known */
export function resultOf({ operation, state, result }: ShownChange): BulkResult | undefined {
  const action = Object.values(BULK_ACTIONS).find(({ name }) => name === operation);
  const known = resultSchema.safeParse(result);
  if (action === undefined || state !== 'done' || !known.success) return undefined;
  const { stopped, next } = known.data;
  return {
    text: action.told((name) => Number(known.data[name] ?? 0)),
    isStopped: stopped === true,
    next: typeof next === 'string' ? next : null,
  };
}
