import type { Attention } from '@live-feed/operations/overview/attention';
import type { Overview } from '@live-feed/operations/overview/overview';
import { badge } from '../../html/badge.ts';
import { html, type Markup } from '../../html/html.ts';
import { emptyState } from '../../html/table.ts';
import { time } from '../../html/time.ts';
import type { AccessTable, Person } from '../../sign-in/access.ts';
import { mendButton } from './mends.ts';
import { placeOf } from './places.ts';

/** What needs a person, red first. */
export function attentionPart(overview: Overview, pages: AccessTable, person: Person): Markup {
  const { attention, attentionInAll } = overview;
  const red = attention.filter(({ severity }) => severity === 'red').length;
  const left = attentionInAll - attention.length;
  return html`
    <section aria-labelledby="attention-title">
      <h2 id="attention-title">What needs a person ${attentionInAll === 0 ? null : badge(red > 0 ? 'bad' : 'wait', String(attentionInAll))}</h2>
      ${
        attention.length === 0
          ? emptyState('Nothing. Leads are called as they come.')
          : html`<ul class="attention">${attention.map((each) => line(each, overview, pages, person))}</ul>`
      }
      ${left === 0 ? null : html`<p>… and ${left} more.</p>`}
    </section>
  `;
}

function line(
  attention: Attention,
  { companyId, timeZone }: Overview,
  pages: AccessTable,
  person: Person,
): Markup {
  const { severity, company, campaignId, campaign, message, at } = attention;
  const whose = [company, campaignId === null ? null : `campaign ${campaign ?? campaignId}`];
  const place = placeOf(attention, pages, person);
  return html`
    <li class=${severity}>
      ${severity === 'red' ? badge('bad', 'down') : badge('wait', 'soon')}
      <span class="whose">${whose.filter((part) => part !== null).join(', ') || 'All companies'}</span>
      <span class="what">${message} ${at === null ? null : time(at, timeZone)}</span>
      ${mendButton(attention, companyId, person)}
      ${place === undefined ? null : html`<a href=${place}>Look at it</a>`}
    </li>
  `;
}
