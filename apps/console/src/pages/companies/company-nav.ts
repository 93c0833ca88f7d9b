import { html, type Markup } from '../../html/html.ts';

const PARTS = [
  { part: 'settings', text: 'Settings', href: (id: string) => `companies/${id}` },
  { part: 'keys', text: 'Keys', href: (id: string) => `companies/${id}/keys` },
  { part: 'webhooks', text: 'Webhooks', href: (id: string) => `companies/${id}/webhooks` },
  { part: 'caller-ids', text: 'Caller IDs', href: (id: string) => `caller-ids/${id}` },
  { part: 'leads', text: 'Its leads', href: (id: string) => `leads?company=${id}` },
  { part: 'audit', text: 'Who changed what', href: (id: string) => `audit?company=${id}` },
] as const;

/** The pages about one company. */
export function companyNav(companyId: string, present: (typeof PARTS)[number]['part']): Markup {
  return html`
    <nav class="parts" aria-label="Pages about the company">
      <ul>
        ${PARTS.map(
          ({ part, text, href }) =>
            html`<li><a href=${href(companyId)} aria-current=${part === present ? 'page' : undefined}>${text}</a></li>`,
        )}
      </ul>
    </nav>
  `;
}
