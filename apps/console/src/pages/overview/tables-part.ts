import type { Overview } from '@live-feed/operations/overview/overview';
import { lightBadge } from '../../html/badge.ts';
import { number, share } from '../../html/figures.ts';
import { html, type Markup } from '../../html/html.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';

/** A row for each company and campaign. */
export function campaignsTable({ campaigns, campaignsInAll, companyId }: Overview): Markup {
  const left = campaignsInAll - campaigns.length;
  return html`
    <section>
      ${table({
        caption: 'Campaigns: today against the same time yesterday',
        columns: [
          {
            title: 'Company',
            cell: ({ company, companyId: its }) =>
              companyId === null ? html`<a href="./?company=${its}">${company}</a>` : company,
          },
          {
            title: 'Campaign',
            cell: ({ campaign, campaignId }) =>
              campaign === null ? campaignId : `${campaign} (${campaignId})`,
          },
          { title: 'Last hour', number: true, cell: ({ lastHour }) => number(lastHour.leads) },
          { title: 'Today', number: true, cell: ({ today }) => number(today.leads) },
          { title: 'Yesterday', number: true, cell: ({ yesterday }) => number(yesterday.leads) },
          {
            title: 'Acceptance, last hour',
            number: true,
            cell: ({ lastHour }) => share(lastHour.acceptance),
          },
          { title: 'today', number: true, cell: ({ today }) => share(today.acceptance) },
          { title: 'yesterday', number: true, cell: ({ yesterday }) => share(yesterday.acceptance) },
          { title: 'last week', number: true, cell: ({ lastWeek }) => share(lastWeek.acceptance) },
          {
            title: 'Why not, today',
            cell: ({ companyId: company, campaignId: campaign, reasons }) =>
              reasons.map(({ reason, leads }, place) => {
                const named = reason
                  ? html`<a href="leads?${new URLSearchParams({ company, campaign, reason })}">${reason}</a>`
                  : 'no reason';
                return html`${place === 0 ? '' : ', '}${named} ${number(leads)}`;
              }),
          },
        ],
        rows: campaigns,
        empty: 'No campaign had leads today, yesterday, or on this day last week.',
      })}
      ${left === 0 ? null : html`<p>… and ${number(left)} more campaigns: choose a company.</p>`}
    </section>
  `;
}

export function dialersTable({ dialers, dialersInAll, timeZone }: Overview): Markup {
  const left = (dialersInAll ?? 0) - (dialers?.length ?? 0);
  return html`
    <section>
      ${table({
        caption: 'Dialers',
        columns: [
          {
            title: 'Company',
            cell: ({ company, companyId }) => html`<a href="dialers/${companyId}">${company}</a>`,
          },
          { title: 'Family', cell: ({ family }) => family },
          { title: 'State', cell: ({ light }) => lightBadge(light) },
          {
            title: 'Held until',
            cell: ({ heldUntil }) => (heldUntil === null ? null : time(heldUntil, timeZone)),
          },
          { title: 'Why', cell: ({ why }) => why },
          { title: 'Leads that wait', number: true, cell: ({ waiting }) => number(waiting) },
        ],
        rows: dialers ?? [],
        empty:
          dialers === null
            ? 'The states of the dialers are not known: Redis cannot be asked.'
            : 'There are no dialers yet.',
      })}
      ${left === 0 ? null : html`<p>… and ${number(left)} more, which serve or wait as those at the end.</p>`}
    </section>
  `;
}
