import { badge } from './badge.ts';
import { type Content, html, type Markup } from './html.ts';
import { type Flash, flashMessage } from './notice.ts';

/** What the person has chosen; `auto` is the browser's setting. */
export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export interface MenuEntry {
  /** Relative to the console. */
  readonly href: string;
  readonly text: string;
}

/** Everything on a page besides what it is about. */
export interface Frame {
  readonly title: string;
  /** Under which browsers see the console, with slashes around it. Every other address is relative to it. */
  readonly basePath: string;
  /** Of this page, relative to the console, with its query. */
  readonly path: string;
  readonly theme: Theme;
  readonly styles: readonly string[];
  readonly scripts: readonly string[];
  /** Null: nobody is signed in. */
  readonly person: {
    readonly name: string;
    readonly role: string;
    readonly menu: readonly MenuEntry[];
    readonly account: string | undefined;
  } | null;
  readonly flash: Flash | undefined;
  readonly content: Content;
}

/** htmx adds no style element, and nothing here uses what it would have to evaluate: the content security policy allows neither. */
const HTMX = JSON.stringify({ includeIndicatorCSS: false, extensions: 'sse' });

export function layout(frame: Frame): Markup {
  const { title, basePath, path, theme, styles, scripts, person, flash, content } = frame;
  return html`
    <html lang="en" data-theme=${theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content=${HTMX} />
        <base href=${basePath} />
        <link rel="icon" href="data:," />
        <title>${title} · Live Feed</title>
        ${styles.map((href) => html`<link rel="stylesheet" href=${href} />`)}
        ${scripts.map((src) => html`<script defer src=${src}></script>`)}
      </head>
      <body>
        <a class="skip" href="./${path}#content">Skip to the content</a>
        <header>
          <a class="brand" href="./">Live Feed</a>
          ${person === null ? null : html`${menu(person.menu, path)} ${whoIsHere(person, path, theme)}`}
        </header>
        <main id="content" tabindex="-1">
          <h1>${title}</h1>
          ${flash === undefined ? null : flashMessage(flash)} ${content}
        </main>
      </body>
    </html>
  `;
}

function menu(entries: readonly MenuEntry[], path: string): Markup {
  return html`
    <nav aria-label="Pages of the console">
      <ul>
        ${entries.map(
          ({ href, text }) =>
            html`<li><a href=${href} aria-current=${isWithin(path, href) ? 'page' : undefined}>${text}</a></li>`,
        )}
      </ul>
    </nav>
  `;
}

/** Whether a page is one of an entry's: `leads/1?a=b` is within `leads`. */
function isWithin(path: string, href: string): boolean {
  const [first = ''] = path.split(/[/?#]/, 1);
  return first === href.replace('./', '');
}

function whoIsHere(
  { name, role, account }: NonNullable<Frame['person']>,
  path: string,
  theme: Theme,
): Markup {
  return html`
    <div class="person">
      <form method="post" action="theme" class="inline">
        <input type="hidden" name="to" value=${path} />
        <label for="theme" class="unseen">Colours</label>
        <select id="theme" name="theme">
          ${THEMES.map((one) => html`<option value=${one} selected=${one === theme}>${THEME_NAMES[one]}</option>`)}
        </select>
        <button type="submit" class="plain">Switch</button>
      </form>
      <span>${account === undefined ? name : html`<a href=${account}>${name}</a>`} ${badge('off', role)}</span>
      <form method="post" action="sign-out" class="inline"><button type="submit" class="plain">Sign out</button></form>
    </div>
  `;
}

const THEME_NAMES: Readonly<Record<Theme, string>> = { auto: 'As the system', light: 'Light', dark: 'Dark' };
