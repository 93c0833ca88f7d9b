import { type Content, html, type Markup } from './html.ts';

/** Tells somebody once what came of a change, on the page that they see next. */
export interface Flash {
  readonly kind: 'done' | 'refused';
  readonly text: string;
}

export function flashMessage({ kind, text }: Flash): Markup {
  return html`<p class="notice ${kind}" role=${kind === 'done' ? 'status' : 'alert'}>${text}</p>`;
}

/** Why something is not done or shown. @param see the page that helps, relative to the console */
export function refusal(text: Content, see?: { readonly href: string; readonly text: string }): Markup {
  return html`
    <div class="notice refused" role="alert">
      <p>${text}</p>
      ${see === undefined ? null : html`<p><a href=${see.href}>${see.text}</a></p>`}
    </div>
  `;
}
