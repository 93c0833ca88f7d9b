import type { PlaceUses } from '@live-feed/operations/ani/ani-places';
import { html, type Markup } from '../../html/html.ts';

/** Where each state's tile stands: column and row, roughly as on a map. */
const ROWS: readonly string[] = [
  '. . . . . CANADA . . . . . ME',
  'AK . . . . . . . . . VT NH',
  '. WA ID MT ND MN IL WI MI NY RI MA',
  '. OR NV WY SD IA IN OH PA NJ CT .',
  '. CA UT CO NE MO KY WV VA MD DE .',
  '. . AZ NM KS AR TN NC SC DC . .',
  '. . . . OK LA MS AL GA . . .',
  'HI . . . TX . . . . FL . PR',
];

const SIZE = 60;
const GAP = 4;
const STEP = SIZE + GAP;

interface Tile {
  readonly place: string;
  readonly x: number;
  readonly y: number;
}

export const TILES: readonly Tile[] = ROWS.flatMap((row, y) =>
  row.split(' ').flatMap((place, x) => (place === '.' ? [] : [{ place, x: x * STEP, y: y * STEP }])),
);

/** By colour: nothing there, much left, little left, nothing left. */
export type Level = 'none' | 'free' | 'near' | 'worn';

const NEAR = 0.8;

/** How worn out the numbers of a place are today. */
export function levelOf(uses: Pick<PlaceUses, 'used' | 'capacity'> | undefined): Level {
  if (uses === undefined) return 'none';
  if (uses.used >= uses.capacity) return 'worn';
  return uses.used >= uses.capacity * NEAR ? 'near' : 'free';
}

/** Whole percent; 100 only if nothing is left. */
export function percentUsed({ used, capacity }: Pick<PlaceUses, 'used' | 'capacity'>): number {
  return used >= capacity ? 100 : Math.min(99, Math.round((100 * used) / capacity));
}

/** The same is in the table of states, which says it to people who do not see the map. @param hrefOf relative to the console */
export function tileMap(places: readonly PlaceUses[], hrefOf: (place: string) => string): Markup {
  const byPlace = new Map(places.map((uses) => [uses.place, uses]));
  const [width, height] = [12 * STEP - GAP, ROWS.length * STEP - GAP];
  return html`
    <figure class="map">
      <svg viewBox="0 0 ${width} ${height}" role="group" aria-label="Uses of today against caps, by state">
        ${TILES.map((tile) => tileOf(tile, byPlace.get(tile.place), hrefOf))}
      </svg>
      <figcaption>
        ${LEGEND.map(([level, text]) => html`<span class="key ${level}">${text}</span> `)}
      </figcaption>
    </figure>
  `;
}

const LEGEND: readonly (readonly [Level, string])[] = [
  ['free', 'less than 80 % of the caps used'],
  ['near', '80 % and more'],
  ['worn', 'worn out: no use left today'],
  ['none', 'no numbers there'],
];

function tileOf(
  { place, x, y }: Tile,
  uses: PlaceUses | undefined,
  hrefOf: (place: string) => string,
): Markup {
  const [name, middle] = [place === 'CANADA' ? 'CAN' : place, x + SIZE / 2];
  const drawn = html`
    <rect x=${x} y=${y} width=${SIZE} height=${SIZE} rx="4" />
    <text x=${middle} y=${y + 25}>${name}</text>
    ${uses === undefined ? null : html`${' '}<text class="share" x=${middle} y=${y + 46}>${percentUsed(uses)} %</text>`}
  `;
  if (uses === undefined) return html`<g class="tile none">${drawn}</g>`;
  const { used, capacity } = uses;
  return html`
    <a href=${hrefOf(place)} class="tile ${levelOf(uses)}" aria-label="${name} ${percentUsed(uses)} %: ${used} of ${capacity} uses">${drawn}</a>
  `;
}
