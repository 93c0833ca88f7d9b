import { leadResend } from '@live-feed/operations/lead/resend/lead-resend';
import { leadResendAll } from '@live-feed/operations/lead/resend/resend-all';
import type { z } from 'zod';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { count, type Report } from '../terminal/report.ts';
import { everyCall } from './every-call.ts';
import { noteQueued, wouldChange } from './lead-changes.ts';

export async function resendLead(session: Session, input: z.input<typeof leadResend.input>): Promise<Report> {
  const { id, resentFrom, campaignId, queued } = await session.perform(leadResend, input);
  noteQueued(session, queued);
  return {
    text: `Sent the lead ${resentFrom} again to campaign ${campaignId}, as ${id}. See: ${hint`lead show ${id}`}`,
    data: { id, resentFrom, campaignId },
  };
}

/** Why leads are not sent again, for people. */
const WHY = {
  changed: 'just changed by somebody else',
  no_campaign: 'whose campaign was removed: name another one with --to-campaign',
  in_dialer: 'in the dialing system already',
  not_asked: 'of which the dialing system could not be asked',
  unreadable: 'that cannot be decrypted',
  suppressed: 'on the do-not-call list',
  check_refused: "refused by the company's check of phones",
  check_unanswered: "that the company's check of phones did not answer about",
  duplicate: 'whose phones have had other leads shortly before',
} as const;

type Why = keyof typeof WHY;

export async function resendAll(
  session: Session,
  input: z.input<typeof leadResendAll.input>,
): Promise<Report> {
  const notResent = Object.fromEntries(Object.keys(WHY).map((why) => [why, 0])) as Record<Why, number>;
  let found = 0;
  let resent = 0;
  const { company } = await everyCall(session, leadResendAll, input, 'leads', (passed) => {
    found += passed.found;
    resent += passed.resent;
    for (const why of Object.keys(WHY) as Why[]) notResent[why] += passed.notResent[why];
    noteQueued(session, passed.queued);
  });
  if (input.dryRun) return wouldChange('send again', found, 'lead', company.name);
  const others = (Object.keys(WHY) as Why[]).filter((why) => notResent[why] > 0);
  return {
    text: [
      `Sent ${count(resent, 'lead')} of "${company.name}" again.`,
      ...others.map((why) => `Not sent again: ${notResent[why].toLocaleString('en-US')} ${WHY[why]}.`),
    ].join('\n'),
    data: { companyId: company.id, found, resent, notResent },
    failed: notResent.not_asked + notResent.check_unanswered > 0,
  };
}
