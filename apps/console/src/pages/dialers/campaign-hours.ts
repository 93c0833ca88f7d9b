import { companyShow } from '@live-feed/operations/company/company-settings';
import { leadFigures } from '@live-feed/operations/lead/lead-figures';
import type { FastifyRequest } from 'fastify';
import { milliseconds, number, share } from '../../html/figures.ts';
import type { Markup } from '../../html/html.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';

/** Since when a campaign fares as it does: the last 24 hours, the newest first; hours without leads are left out. */
export async function campaignHours(
  request: FastifyRequest,
  company: string,
  campaign: string,
): Promise<Markup> {
  const { settings } = await request.perform(companyShow, { company });
  const { figures } = await request.perform(leadFigures, { by: 'hour', company, campaign });
  return table({
    caption: 'By the hour, the last 24 hours',
    columns: [
      { title: 'From', cell: ({ key }) => time(new Date(key), settings.timeZone) },
      { title: 'Leads', number: true, cell: ({ leads }) => number(leads) },
      { title: 'Acceptance', number: true, cell: ({ acceptance }) => share(acceptance) },
      { title: 'Rejected', number: true, cell: ({ byState }) => number(byState.REJECTED) },
      { title: 'Half answered in', number: true, cell: ({ p50Ms }) => milliseconds(p50Ms) },
    ],
    rows: figures.toReversed(),
    empty: 'No lead of it ended in the last 24 hours.',
  });
}
