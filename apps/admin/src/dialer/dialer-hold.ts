import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import { theDialer } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import type { Report } from '../terminal/report.ts';
import { withQueue } from './dialer-show.ts';

/** Stops sending for a while; leads wait. */
export async function holdDialer(
  session: Session,
  companyName: string,
  options: { readonly for: number; readonly reason: string },
): Promise<Report> {
  const { company, dialer } = await theDialer(session, companyName);
  const health = createDialerHealth(await session.redis());
  await health.hold(dialerAddress(dialer), options.for, options.reason);
  const standing = await health.describe(dialerAddress(dialer));
  return {
    text: `The dialer of "${company.name}" is held until ${standing.heldUntil?.toISOString()}. End it with: ${hint`dialer release ${company.name}`}`,
    data: { company, dialerId: dialer.id, standing },
  };
}

/** Sends again at once: ends a hold and a pause, and resets the failure count. */
export async function releaseDialer(session: Session, companyName: string): Promise<Report> {
  const { company, dialer } = await theDialer(session, companyName);
  const health = createDialerHealth(await session.redis());
  const before = await health.describe(dialerAddress(dialer));
  await health.release(dialerAddress(dialer));
  const paused = await withQueue(session, dialer.id, async (queue) => {
    const wasPaused = await queue.isPaused();
    await queue.resume();
    return wasPaused;
  });
  const was = [...(before.reason === null ? [] : [`held (${before.reason})`]), ...(paused ? ['paused'] : [])];
  const said = was.length === 0 ? 'was neither held nor paused' : `was ${was.join(' and ')}, and sends again`;
  return {
    text: `The dialer of "${company.name}" ${said}.`,
    data: { company, dialerId: dialer.id, before, wasPaused: paused },
  };
}
