import { setTimeout as pause } from 'node:timers/promises';
import { accountName } from '@live-feed/core/directory/account-name';
import type { Errand, ErrandAnswer, UNAVAILABLE } from '@live-feed/core/directory/errand';
import type { Bucket } from '@live-feed/core/limits/rate-windows';
import { findLoadedLead, type LoadedLead } from '@live-feed/database/leads/loaded-leads';
import type { LeadControl, NoAnswer, ProgressResult } from '@live-feed/dialers/account';
import { findFamily } from '@live-feed/dialers/families';
import type { DialerAccount } from '@live-feed/dialers/lead-loader';
import type { ServedDialer } from '../dialer/dialer-directory.ts';
import { type AccountTools, bucketOf, permitted } from './account-tools.ts';

/** A lead that its dialing system may have, with what is needed to ask about it there. */
interface Subject {
  readonly lead: LoadedLead;
  readonly dialer: ServedDialer;
  readonly account: DialerAccount;
  readonly control: LeadControl;
  /** May one more request of the kind be made? */
  readonly maySearch: () => Promise<boolean>;
  readonly mayCancel: () => Promise<boolean>;
  /** Why one may not. */
  readonly whyNot: () => (typeof UNAVAILABLE)[number];
}

type Unavailable = Extract<ErrandAnswer, { kind: 'unavailable' }>;

const unavailable = (why: (typeof UNAVAILABLE)[number]): Unavailable => ({ kind: 'unavailable', why });

/** Read-backs of uploads come first: looks get this share of their rate at most, and leave a permit for people, as those do. */
const LOOK_SHARE = 0.5;
const LEFT_FOR_PEOPLE = 1;

function lookBucket({ burst, ratePerMs }: Bucket): Bucket {
  return { burst, ratePerMs: ratePerMs * LOOK_SHARE };
}

/** How long after a cancellation the dialing system may still show the state of before. */
const SHOWN_AFTER_MS = 500;
const MOST_LOOKS = 3;

export async function lookAtLead(
  tools: AccountTools,
  errand: Extract<Errand, { kind: 'progress' }>,
  giveUpAt: number,
): Promise<ErrandAnswer> {
  const subject = await subjectOf(tools, errand, giveUpAt);
  return 'kind' in subject ? subject : search(subject);
}

/**
 * CANCEL_LEADS turns any state into CANCELLED, so it is sent only for a lead whose dialing has not ended, and its effect is looked at: the
 * answer to it names no leads. Repeating it changes nothing.
 */
export async function cancelLead(
  tools: AccountTools,
  errand: Extract<Errand, { kind: 'cancel' }>,
  giveUpAt: number,
): Promise<ErrandAnswer> {
  const subject = await subjectOf(tools, errand, giveUpAt);
  if ('kind' in subject) return subject;
  const before = await search(subject);
  if (before.kind !== 'found') return before;
  const standing = subject.control.standingOf(before.progress.leadState);
  if (standing === 'cancelled') return { kind: 'cancelled', progress: before.progress };
  if (standing === 'ended') return { kind: 'too_late', progress: before.progress };
  if (!(await subject.mayCancel())) return unavailable(subject.whyNot());
  const { control, account, lead } = subject;
  const result = await control.cancel(account, lead.campaignId, [lead.id]);
  if (result.kind !== 'taken' && result.kind !== 'unknown') return unavailable(codeOf(result));
  return seen(subject);
}

/** What became of a cancellation that was sent. */
async function seen(subject: Subject): Promise<ErrandAnswer> {
  for (let look = 1; look <= MOST_LOOKS; look += 1) {
    const after = await search(subject);
    if (after.kind !== 'found') return { kind: 'unknown' };
    const standing = subject.control.standingOf(after.progress.leadState);
    if (standing === 'cancelled') return { kind: 'cancelled', progress: after.progress };
    if (standing === 'ended') return { kind: 'too_late', progress: after.progress };
    await pause(SHOWN_AFTER_MS);
  }
  return { kind: 'unknown' };
}

type Found = Extract<ErrandAnswer, { kind: 'found' | 'absent' | 'unavailable' }>;

async function search({ control, account, lead, maySearch, whyNot }: Subject): Promise<Found> {
  if (!(await maySearch())) return unavailable(whyNot());
  const result: ProgressResult = await control.progressOf(account, lead.campaignId, lead.id);
  return result.kind === 'found' || result.kind === 'absent' ? result : unavailable(codeOf(result));
}

function codeOf({ kind }: NoAnswer): (typeof UNAVAILABLE)[number] {
  switch (kind) {
    case 'token_refused':
      return 'TOKEN_REFUSED';
    case 'throttled':
      return 'THROTTLED';
    case 'unreachable':
      return 'UNREACHABLE';
    case 'not_found':
    case 'failed':
      return 'FAILED';
  }
}

async function subjectOf(
  tools: AccountTools,
  { companyId, leadId }: { readonly companyId: string; readonly leadId: string },
  giveUpAt: number,
): Promise<Subject | Unavailable> {
  const lead = await findLoadedLead(tools.database, companyId, leadId);
  const dialer = lead === null ? undefined : await tools.directory.find(lead.dialerId);
  if (lead === null || dialer === undefined) return unavailable('OTHER_ACCOUNT');
  const family = findFamily(dialer.record.family);
  const control = family && tools.loaders.leadControlFor(family);
  if (family?.leadControl === undefined || control === undefined) return unavailable('CANNOT');
  if (lead.sentTo !== null && lead.sentTo !== accountName(dialer.record)) return unavailable('OTHER_ACCOUNT');
  if (dialer.account === undefined) return unavailable('TOKEN_REFUSED');
  const { account, readBackBucket } = dialer;
  const { lookPermits, readBackPermits, leadControlPermits } = tools;
  const wait = { giveUpAt, reserve: LEFT_FOR_PEOPLE };
  const bucket = bucketOf(family.leadControl.windows);
  return {
    ...{ lead, dialer, account, control },
    maySearch: async () =>
      (await permitted(tools, lookPermits, dialer, lookBucket(readBackBucket), { giveUpAt })) &&
      (await permitted(tools, readBackPermits, dialer, readBackBucket, wait)),
    mayCancel: () => permitted(tools, leadControlPermits, dialer, bucket, { giveUpAt }),
    whyNot: () => (tools.stopping.aborted ? 'NOT_ASKED' : 'THROTTLED'),
  };
}
