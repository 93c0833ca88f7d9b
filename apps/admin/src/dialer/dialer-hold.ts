import { dialerHold, dialerRelease } from '@live-feed/operations/dialer/dialer-hold';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import type { Report } from '../terminal/report.ts';

/** Stops sending for a while; leads wait. */
export async function holdDialer(
  session: Session,
  companyName: string,
  options: { readonly for: number; readonly reason: string },
): Promise<Report> {
  const { for: forMs, reason } = options;
  const data = await session.perform(dialerHold, { company: companyName, forMs, reason });
  const { company, standing } = data;
  return {
    text: `The dialer of "${company.name}" is held until ${standing.heldUntil?.toISOString()}. End it with: ${hint`dialer release ${company.name}`}`,
    data,
  };
}

/** Sends again at once: ends a hold and a pause, and resets the failure count. */
export async function releaseDialer(session: Session, companyName: string): Promise<Report> {
  const data = await session.perform(dialerRelease, { company: companyName });
  const { before, wasPaused } = data;
  const was = [
    ...(before.reason === null ? [] : [`held (${before.reason})`]),
    ...(wasPaused ? ['paused'] : []),
  ];
  const said = was.length === 0 ? 'was neither held nor paused' : `was ${was.join(' and ')}, and sends again`;
  return { text: `The dialer of "${data.company.name}" ${said}.`, data };
}
