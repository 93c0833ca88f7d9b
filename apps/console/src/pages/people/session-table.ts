import type { SessionRecord } from '@live-feed/database/people/sessions';
import { actionButton } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';

/** Where somebody is signed in. @param options.action ends one of them, or all. `currentId`: of the browser that looks */
export function sessionTable(
  sessions: readonly SessionRecord[],
  { action, currentId }: { readonly action: string; readonly currentId: string | undefined },
): Markup {
  return html`
    ${table<SessionRecord>({
      caption: 'Where this person is signed in',
      columns: [
        {
          title: 'Browser',
          cell: ({ id, browser }) => (id === currentId ? `${browser} (this one)` : browser),
        },
        { title: 'From', cell: ({ address }) => address },
        { title: 'Since', cell: ({ createdAt }) => time(createdAt) },
        { title: 'Last used', cell: ({ lastSeenAt }) => time(lastSeenAt) },
        { title: 'Ends', cell: ({ endsAt }) => time(endsAt) },
        {
          title: 'End it',
          cell: ({ id }) =>
            id === currentId ? null : actionButton(action, 'End', { hidden: { session: id } }),
        },
      ],
      rows: sessions,
      empty: 'Nowhere.',
    })}
    ${sessions.some(({ id }) => id !== currentId) ? actionButton(action, 'End all others') : null}
  `;
}
