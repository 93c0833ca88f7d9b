import { dialerList } from '@live-feed/operations/overview/dialer-list';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { type Report, table } from '../terminal/report.ts';

export async function listDialers(session: Session, company: string | undefined): Promise<Report> {
  const { dialers } = await session.perform(dialerList, { company });
  return {
    text: table(
      ['company', 'family', 'state', 'held until', 'why', 'leads that wait', 'id'],
      dialers.map(({ company, family, light, heldUntil, why, waiting, dialerId }) => [
        ...[company, family, light, heldUntil, why, waiting, dialerId],
      ]),
      `There is no dialer yet. Connect one: ${hint`dialer connect --help`}`,
    ),
    data: dialers,
  };
}
