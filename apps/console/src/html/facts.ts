import { type Content, html, type Markup } from './html.ts';

/** Names and values, side by side. A value that is null or undefined is a dash. */
export function facts(entries: readonly (readonly [name: string, value: Content])[]): Markup {
  return html`
    <dl class="facts">
      ${entries.map(([name, value]) => html`<dt>${name}</dt><dd>${value ?? '–'}</dd>`)}
    </dl>
  `;
}
