import { html, type Markup } from './html.ts';

/** A key or a secret that nobody can be shown again. The button works with `copy.js`. @param back relative to the console */
export function secretOnce({
  what,
  secret,
  back,
}: {
  readonly what: string;
  readonly secret: string;
  readonly back: { readonly href: string; readonly text: string };
}): Markup {
  return html`
    <div class="notice done" role="status">
      <p>This is the ${what}. It is not shown again: store it now.</p>
    </div>
    <pre id="secret">${secret}</pre>
    <p><button type="button" class="primary" data-copy="secret" hidden>Copy</button> <a href=${back.href}>${back.text}</a></p>
  `;
}
