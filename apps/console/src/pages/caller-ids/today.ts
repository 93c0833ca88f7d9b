import type { AniStats } from '@live-feed/database/caller-ids/ani-inventory';
import type { PlaceUses } from '@live-feed/operations/ani/ani-places';
import { count } from '../../html/count.ts';
import { facts } from '../../html/facts.ts';
import { html, type Markup } from '../../html/html.ts';
import { table } from '../../html/table.ts';
import type { NumberFilter } from './number-filter.ts';
import type { STANDING_WORDS } from './standing.ts';
import { levelOf, percentUsed } from './tile-map.ts';

/** How today's capacity stands. */
export function todayFacts(
  { today, anis, used, capacity, rules }: AniStats,
  places: readonly PlaceUses[],
  hrefOf: (filter: Partial<NumberFilter>) => string,
): Markup {
  const numbersOf = (standing: keyof typeof STANDING_WORDS) =>
    places.reduce((sum, { standings }) => sum + standings[standing], 0);
  const link = (standing: keyof typeof STANDING_WORDS) =>
    html`<a href=${hrefOf({ standing })}>${count(numbersOf(standing), 'number')}</a>`;
  return facts([
    ['Today', `${today} in ${rules.timeZone}`],
    ['Numbers', anis],
    ['Used today', `${used} of ${capacity} uses`],
    ['Worn out: at their caps today', link('at_cap')],
    ['Cooling down', link('cooling')],
    ['Paused', link('paused')],
    ['Cap without an own', rules.dailyCap],
    ['If none is left', rules.whenNone === 'reject' ? 'the lead is refused' : "the campaign's own caller ID"],
  ]);
}

const LEVEL_WORDS = { none: '', free: '', near: 'nearly worn out', worn: 'worn out' } as const;

export function placesTable(places: readonly PlaceUses[], hrefOf: (place: string) => string): Markup {
  return html`
    <details>
      <summary>The map as a table</summary>
      ${table({
        caption: 'Uses of today against caps, by state',
        columns: [
          { title: 'State', cell: ({ place }) => html`<a href=${hrefOf(place)}>${place}</a>` },
          { title: 'Used', number: true, cell: ({ used, capacity }) => `${used} of ${capacity}` },
          { title: 'Share', number: true, cell: (uses) => `${percentUsed(uses)} %` },
          { title: '', cell: (uses) => LEVEL_WORDS[levelOf(uses)] },
          { title: 'Numbers', number: true, cell: ({ anis }) => anis },
          { title: 'Worn out', number: true, cell: ({ standings }) => standings.at_cap },
          { title: 'Cooling', number: true, cell: ({ standings }) => standings.cooling },
          { title: 'Paused', number: true, cell: ({ standings }) => standings.paused },
        ],
        rows: places,
        empty: 'The company has no numbers yet.',
      })}
    </details>
  `;
}

export function tiersTable({ tiers }: Pick<AniStats, 'tiers'>): Markup {
  return table({
    caption: "How near the numbers of today's leads are",
    columns: [
      { title: 'Tier', cell: ({ tier }) => tier },
      { title: 'Leads', number: true, cell: ({ leads }) => leads },
    ],
    rows: tiers,
    empty: 'No lead was assigned a number today.',
  });
}
