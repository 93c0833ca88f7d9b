import type { AniRecord } from '@live-feed/database/caller-ids/ani-inventory';
import { selectField, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';
import { standingBadge } from './standing.ts';

interface Numbers {
  /** Relative to the console. */
  readonly base: string;
  readonly anis: readonly AniRecord[];
  readonly zone: string;
  readonly mayChange: boolean;
  readonly campaigns: readonly { readonly campaignId: string; readonly name: string | null }[];
}

/** The numbers, and what can be done with those that are ticked. */
export function numbersForm({ base, anis, zone, mayChange, campaigns }: Numbers): Markup {
  const rows = table({
    caption: 'Numbers with their uses of today',
    columns: [
      { title: 'Number', cell: (ani) => (mayChange ? tick(ani) : ani.phone) },
      { title: 'State', cell: ({ standing }) => standingBadge(standing) },
      { title: 'Used today', number: true, cell: ({ usedToday }) => usedToday },
      {
        title: 'Cap',
        number: true,
        cell: ({ cap, dailyCap }) => (dailyCap === null ? `${cap} (company's)` : cap),
      },
      { title: 'Cools down until', cell: ({ coolingUntil }) => coolingUntil && time(coolingUntil, zone) },
      { title: 'Flagged', cell: ({ flaggedAt }) => flaggedAt && time(flaggedAt, zone) },
      { title: 'Last assigned', cell: ({ lastAssignedAt }) => lastAssignedAt && time(lastAssignedAt, zone) },
      { title: 'Pools', cell: ({ pools }) => pools.join(', ') },
    ],
    rows: anis,
    empty: 'No number is like that.',
  });
  if (!mayChange || anis.length === 0) return rows;
  const action = (name: string, text: string, kind: 'plain' | 'danger' = 'plain') =>
    html`<button type="submit" class=${kind} formaction="${base}/${name}">${text}</button>`;
  return html`
    <form method="post" action="${base}/pause">
      ${rows}
      <fieldset class="actions">
        <legend>With the numbers that are ticked</legend>
        <p>${action('pause', 'Pause')} ${action('activate', 'Activate')} ${action('remove', 'Remove', 'danger')}</p>
        <div class="filter">
          ${textField({ name: 'for', label: 'Cool down for', hint: '1h to 365d', value: '7d' })} ${action('flag', 'Flag')}
          ${textField({ name: 'cap', label: 'Daily cap', hint: "Empty: the company's" })} ${action('cap', 'Set the cap')}
          ${
            campaigns.length === 0
              ? null
              : html`
                ${selectField({
                  name: 'pool',
                  label: 'Pool of campaign',
                  options: campaigns.map(({ campaignId, name }) => ({
                    value: campaignId,
                    text: name === null ? campaignId : `${campaignId} ${name}`,
                  })),
                })}
                ${action('into-pool', 'Put in')} ${action('out-of-pool', 'Take out')}
              `
          }
        </div>
      </fieldset>
    </form>
  `;
}

function tick({ phone }: AniRecord): Markup {
  return html`<label><input type="checkbox" name="phones" value=${phone} /> ${phone}</label>`;
}
