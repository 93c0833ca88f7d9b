import type { AniStanding } from '@live-feed/database/caller-ids/ani-inventory';
import { ANI_PLACES } from '@live-feed/operations/ani/ani-places';
import { button, checkBox, selectField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { STANDING_WORDS } from './standing.ts';

/** Which numbers are shown. */
export interface NumberFilter {
  readonly standing?: AniStanding | undefined;
  readonly flagged: boolean;
  readonly place?: string | undefined;
  readonly campaign?: string | undefined;
}

/** @param after the last number of the page before */
export function queryOf({ standing, flagged, place, campaign }: NumberFilter, after?: string): string {
  const all = { standing, flagged: flagged ? 'true' : undefined, place, campaign, after };
  const given = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return new URLSearchParams(given).toString();
}

export function filterForm(
  action: string,
  { standing, flagged, place, campaign }: NumberFilter,
  campaigns: readonly { readonly campaignId: string; readonly name: string | null }[],
): Markup {
  const all = { value: '', text: 'all' };
  return html`
    <form method="get" action=${action} class="filter">
      ${selectField({
        name: 'standing',
        label: 'Which are',
        value: standing ?? '',
        options: [all, ...Object.entries(STANDING_WORDS).map(([value, { long }]) => ({ value, text: long }))],
      })}
      ${selectField({
        name: 'place',
        label: 'In',
        value: place?.toUpperCase() ?? '',
        options: [all, ...ANI_PLACES.map((value) => ({ value, text: value }))],
      })}
      ${selectField({
        name: 'campaign',
        label: 'In the pool of campaign',
        value: campaign ?? '',
        options: [
          all,
          ...campaigns.map(({ campaignId, name }) => ({
            value: campaignId,
            text: name === null ? campaignId : `${campaignId} ${name}`,
          })),
        ],
      })}
      ${checkBox({ name: 'flagged', label: 'Only flagged ones', checked: flagged })} ${button('Show', 'plain')}
    </form>
  `;
}
