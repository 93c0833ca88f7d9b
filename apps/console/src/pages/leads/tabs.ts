import { html, type Markup } from '../../html/html.ts';
import { addressOf, type LeadQuery } from './lead-query.ts';

const TABS = {
  leads: ['leads', 'Leads'],
  refused: ['leads/refused', 'Refused requests'],
  changes: ['leads/changes', 'Changes of many'],
} as const;

/** The same search among leads, and among requests that became none. */
export function tabs(query: LeadQuery, present: keyof typeof TABS): Markup {
  const address = addressOf(query, { beforeId: '' });
  return html`
    <nav class="pager" aria-label="What is looked for">
      ${Object.entries(TABS).map(
        ([name, [href, text]]) => html`
          <a href="${href}?${address}" aria-current=${name === present ? 'page' : undefined}>${text}</a>
        `,
      )}
    </nav>
  `;
}
