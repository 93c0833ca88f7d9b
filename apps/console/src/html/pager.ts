import { html, type Markup } from './html.ts';

/** Links to the neighbours of a page of a long list; nothing if there are none. Addresses are relative to the console. */
export function pager({ newer, older }: { readonly newer?: string; readonly older?: string }): Markup | null {
  if (newer === undefined && older === undefined) return null;
  return html`
    <nav class="pager" aria-label="Pages">
      ${newer === undefined ? null : html`<a href=${newer} rel="prev">Newer</a>`}
      ${older === undefined ? null : html`<a href=${older} rel="next">Older</a>`}
    </nav>
  `;
}
