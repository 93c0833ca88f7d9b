import { reaches } from '@live-feed/core/directory/role';
import { REASONS } from '@live-feed/core/lead/lead-outcome';
import { LEAD_STATES } from '@live-feed/core/lead/lead-state';
import { companyList } from '@live-feed/operations/company/companies';
import { leadExport } from '@live-feed/operations/lead/lead-export';
import { leadList } from '@live-feed/operations/lead/lead-list';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { button, selectField, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { refusal } from '../../html/notice.ts';
import { pager } from '../../html/pager.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';
import { sendDownload } from '../../operations/send-download.ts';
import { from } from '../../sign-in/access.ts';
import { BULK_ACTIONS } from './bulk-actions.ts';
import { addressOf, filterOf, idIn, type LeadQuery, readQuery, zoneOf } from './lead-query.ts';
import { stateBadge } from './lead-words.ts';
import { findRefused, refusedTable } from './refused-page.ts';
import { tabs } from './tabs.ts';

const PAGE = 50;
const MOST_REFUSED = 20;

/** The search for leads: what it looks for stays in the address. */
export function addLeadSearch(app: FastifyInstance): void {
  app.get('/leads', { config: { access: from('viewer') } }, async (request, reply) => {
    const query = readQuery(request.query);
    const id = idIn(query);
    if (id !== undefined) return reply.seeOther(`leads/${id}`);
    const zone = await zoneOf(request, query.company);
    const companies = await companiesOf(request);
    const found = await search(request, query, zone);
    const content = html`
      ${tabs(query, 'leads')} ${searchForm(query, zone, companies)}
      ${found instanceof Error ? refusal(found.message, query.q === '' ? undefined : REFUSED) : results(found, query, zone)}
      ${found instanceof Error ? null : forAll(request, query)}
      ${found instanceof Error || query.q === '' ? null : await refusedPart(request, query, zone)}
    `;
    return reply.page({ title: 'Leads', content });
  });

  app.get('/leads/export', { config: { access: from('viewer') } }, async (request, reply) => {
    const query = readQuery(request.query);
    const company = query.company === '' ? (request.signedIn?.companyId ?? '') : query.company;
    const zone = await zoneOf(request, query.company);
    const download = await request.perform(leadExport, { company, ...filterOf(query, zone) });
    return sendDownload(reply, download);
  });
}

/** Of a phone: requests that became no lead. */
async function refusedPart(request: FastifyRequest, query: LeadQuery, zone: string): Promise<Markup> {
  const { refused } = await findRefused(request, { ...query, beforeId: '' }, MOST_REFUSED);
  return html`<h2>Refused requests of this phone</h2>${refusedTable(refused, zone)}`;
}

type Found = Awaited<ReturnType<typeof leadList.run>>;

/** @returns what is wrong with the search, to be told beside its form */
async function search(request: FastifyRequest, query: LeadQuery, zone: string): Promise<Found | Error> {
  const { company, beforeId } = query;
  try {
    return await request.perform(leadList, {
      ...filterOf(query, zone),
      company: company === '' ? undefined : company,
      beforeId: beforeId === '' ? undefined : beforeId,
      limit: PAGE,
    });
  } catch (error) {
    if (error instanceof Error && ['InputError', 'OperationRefused'].includes(error.name)) return error;
    throw error;
  }
}

async function companiesOf(request: FastifyRequest): Promise<readonly { id: string; name: string }[]> {
  const { companies } = await request.perform(companyList, {});
  return companies;
}

/** A phone that cannot be read, or an id that is none, became no lead. */
const REFUSED = { href: 'leads/refused', text: 'Look at the refused requests: there is what became no lead' };

const ANY = { value: '', text: 'any' };
const plain = (values: readonly string[]) => [ANY, ...values.map((value) => ({ value, text: value }))];

function searchForm(
  query: LeadQuery,
  zone: string,
  companies: readonly { readonly id: string; readonly name: string }[],
): Markup {
  return html`
    <form method="get" action="leads" class="filter" role="search">
      ${textField({ name: 'q', label: 'Phone or id', type: 'search', value: query.q, autofocus: true })}
      ${selectField({
        name: 'company',
        label: 'Company',
        value: query.company,
        options: [ANY, ...companies.map(({ id, name }) => ({ value: id, text: name }))],
      })}
      ${textField({ name: 'campaign', label: 'Campaign', value: query.campaign })}
      ${selectField({ name: 'state', label: 'State', value: query.state[0] ?? '', options: plain(LEAD_STATES) })}
      ${selectField({ name: 'reason', label: 'Why', value: query.reason ?? '', options: plain(REASONS) })}
      ${textField({ name: 'source', label: 'Source', value: query.source })}
      ${textField({ name: 'callerId', label: 'Caller ID', value: query.callerId })}
      ${textField({ name: 'since', label: `From (${zone})`, type: 'datetime-local', value: query.since })}
      ${textField({ name: 'until', label: `Until (${zone})`, type: 'datetime-local', value: query.until })}
      <p class="field">${button('Search')}</p>
    </form>
  `;
}

function results({ leads, next }: Found, query: LeadQuery, zone: string): Markup {
  const older = next === null ? {} : { older: `leads?${addressOf(query, { beforeId: next })}` };
  const newer = query.beforeId === '' ? {} : { newer: `leads?${addressOf(query, { beforeId: '' })}` };
  const nothing =
    next === null
      ? 'There is no such lead.'
      : 'None so far: there are older ones to look at. Go on, or name a company, a time or a campaign.';
  return html`
    ${table({
      caption: 'Leads, newest first',
      columns: [
        {
          title: 'Received',
          cell: (lead) => html`<a href="leads/${lead.id}">${time(lead.receivedAt, zone)}</a>`,
        },
        { title: 'State', cell: ({ state }) => stateBadge(state) },
        { title: 'Why', cell: ({ reason }) => reason },
        { title: 'Phone', cell: ({ phone }) => phone },
        { title: 'Company', cell: ({ company }) => company },
        { title: 'Campaign', cell: ({ campaignId }) => campaignId },
        { title: 'Source', cell: ({ source }) => source },
        { title: 'Caller ID', cell: ({ callerId }) => callerId },
        {
          title: 'Finished',
          cell: ({ finishedAt }) => (finishedAt === null ? null : time(finishedAt, zone)),
        },
      ],
      rows: leads,
      empty: nothing,
    })}
    ${pager({ ...newer, ...older })}
  `;
}

/** What can be done with all that the search finds: of one company. */
function forAll(request: FastifyRequest, query: LeadQuery): Markup {
  const { signedIn } = request;
  if (query.company === '' && signedIn?.companyId === null) {
    return html`<p class="empty">Name a company to export what is found, or to change all of it.</p>`;
  }
  const address = addressOf(query, { beforeId: '' });
  const actions = reaches(signedIn?.role ?? 'viewer', 'operator') ? Object.entries(BULK_ACTIONS) : [];
  return html`
    <nav class="pager" aria-label="All that is found">
      <a href="leads/export?${address}">Export as CSV</a>
      ${actions.map(([action, { title }]) => html`<a href="leads/bulk?${address}&action=${action}">${title}</a>`)}
    </nav>
  `;
}
