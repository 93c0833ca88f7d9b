import { leadRefused } from '@live-feed/operations/lead/lead-refused';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { button, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { pager } from '../../html/pager.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';
import { from } from '../../sign-in/access.ts';
import { addressOf, type LeadQuery, readQuery, zoneOf } from './lead-query.ts';
import { tabs } from './tabs.ts';

/** Requests for leads that were refused, beside the search for leads. */
export function addRefusedPage(app: FastifyInstance): void {
  app.get('/leads/refused', { config: { access: from('viewer') } }, async (request, reply) => {
    const query = readQuery(request.query);
    const zone = await zoneOf(request, query.company);
    const { refused, next } = await findRefused(request, query, 50);
    const older = next === null ? {} : { older: `leads/refused?${addressOf(query, { beforeId: next })}` };
    const content = html`
      ${tabs(query, 'refused')}
      <form method="get" action="leads/refused" class="filter" role="search">
        ${textField({ name: 'q', label: 'Phone', type: 'search', value: query.q })}
        ${textField({ name: 'campaign', label: 'Campaign', value: query.campaign })}
        <input type="hidden" name="company" value=${query.company} />
        <p class="field">${button('Search')}</p>
      </form>
      ${refusedTable(refused, zone)} ${pager(older)}
    `;
    return reply.page({ title: 'Refused requests', content });
  });
}

type Found = Awaited<ReturnType<typeof leadRefused.run>>;

/** @param limit how many at most */
export function findRefused(request: FastifyRequest, query: LeadQuery, limit: number): Promise<Found> {
  const { q, company, campaign, beforeId } = query;
  const given = (text: string) => (text === '' ? undefined : text);
  return request.perform(leadRefused, {
    ...{ phone: given(q), company: given(company), campaign: given(campaign) },
    ...{ beforeId: given(beforeId), limit },
  });
}

export function refusedTable(refused: Found['refused'], zone: string): Markup {
  return table({
    caption: 'Refused requests of the last seven days, newest first',
    columns: [
      { title: 'At', cell: ({ at }) => time(at, zone) },
      { title: 'Status', cell: ({ status }) => status, number: true },
      { title: 'Code', cell: ({ code }) => code },
      { title: 'Why', cell: ({ reason }) => reason },
      { title: 'Phone', cell: ({ phone }) => phone },
      { title: 'Company', cell: ({ company }) => company },
      { title: 'Campaign', cell: ({ campaignId }) => campaignId },
      { title: 'Source', cell: ({ source }) => source },
    ],
    rows: refused,
    empty: 'No such request was refused in the last seven days.',
  });
}
