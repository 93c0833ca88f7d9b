import { dialerDrain } from '@live-feed/operations/dialer/dialer-drain';
import { dialerShow } from '@live-feed/operations/dialer/dialer-show';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { startProgress } from '../terminal/progress.ts';
import { Refusal } from '../terminal/refusal.ts';
import { count, type Report } from '../terminal/report.ts';

/** Stops a dialer for good, and gives back its promised leads that were not sent. */
export async function drainDialer(
  session: Session,
  companyName: string,
  options: { readonly yes?: true | undefined; readonly wait: number },
): Promise<Report> {
  if (options.yes !== true) {
    const { company, leads } = await session.perform(dialerShow, { company: companyName });
    throw new Refusal(
      `This stops the dialer of "${company.name}" for good and gives back what it has not sent, now ${count(leads.QUEUED ?? 0, 'promised lead')}. Add --yes to do it.`,
    );
  }
  const progress = startProgress(session.terminal, 'leads given back');
  try {
    const input = { company: companyName, waitMs: options.wait };
    const { company, ...data } = await session.perform(dialerDrain, input, progress.show);
    return { text: textOf(company.name, data), data, failed: !data.drained };
  } finally {
    progress.stop();
  }
}

type Drained = Omit<Awaited<ReturnType<typeof dialerDrain.run>>, 'company'>;

function textOf(companyName: string, { givenBack, left, drained }: Drained): string {
  const { queued, sending, unknown, parked, awaited } = left;
  const lines = [
    `Stopped the dialer of "${companyName}" and gave back ${count(givenBack, 'lead')}: ABANDONED, will not be sent.`,
    drained
      ? `Nothing is under way any more. The dialer stays paused and sends nothing. Stop its callers: ${hint`key list ${companyName}`}, ${hint`key revoke --help`}`
      : `Still under way: ${queued} queued, ${sending} being sent, ${unknown} being verified, ${awaited} whose callers wait. Run it again. ` +
        `Leads being verified need the dialer to run again: ${hint`dialer release ${companyName}`}`,
    ...(parked === 0
      ? []
      : [
          `${count(parked, 'parked lead')}, for you to decide: ${hint`lead list --company ${companyName} --state PARKED`}`,
        ]),
  ];
  return lines.join('\n');
}
