import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { shownAgain } from './form-again.ts';
import { type Content, renderDocument } from './html.ts';
import { type Frame, layout, THEMES, type Theme } from './layout.ts';
import type { Flash } from './notice.ts';

declare module 'fastify' {
  interface FastifyReply {
    /** Sends a page of the console. */
    page(page: Page): FastifyReply;
    /**
     * After a change: the browser loads a page, which shows the message once.
     *
     * @param path relative to the console
     */
    seeOther(path: string, flash?: Flash): FastifyReply;
    /** Keeps what the person has chosen in this browser. */
    chooseTheme(theme: Theme): FastifyReply;
  }
}

export interface Page {
  readonly title: string;
  readonly content: Content;
  /** 200 by default. */
  readonly status?: number;
  /** Besides those that every page has; relative to the console. */
  readonly styles?: readonly string[];
  readonly scripts?: readonly string[];
}

export interface PageReplies {
  readonly basePath: string;
  readonly styles: readonly string[];
  readonly scripts: readonly string[];
  /** Whether the browser sees the console over HTTPS. */
  readonly isSecure: (request: FastifyRequest) => boolean;
  readonly personOf: (request: FastifyRequest) => Frame['person'];
}

const FLASH = 'live-feed-flash';
const THEME = 'live-feed-theme';
const YEAR_S = 31_536_000;
const FLASH_S = 60;

/** Adds `reply.page` and `reply.seeOther`. The cookies are read by `@fastify/cookie`. */
export function addPageReplies(app: FastifyInstance, replies: PageReplies): void {
  const { basePath, isSecure, personOf } = replies;
  const cookie = (request: FastifyRequest, maxAge: number) =>
    ({ path: basePath, httpOnly: true, sameSite: 'lax', secure: isSecure(request), maxAge }) as const;

  app.decorateReply('page', function page(this: FastifyReply, { title, content, status = 200, ...more }) {
    const { request } = this;
    const path = request.url.slice(1);
    const shown = shownAgain(content, path) ?? { content, status, flash: readFlash(request.cookies[FLASH]) };
    if (request.cookies[FLASH] !== undefined) this.clearCookie(FLASH, { path: basePath });
    const markup = layout({
      title,
      content: shown.content,
      basePath,
      path,
      theme: THEMES.find((theme) => theme === request.cookies[THEME]) ?? 'auto',
      styles: [...replies.styles, ...(more.styles ?? [])],
      scripts: [...replies.scripts, ...(more.scripts ?? [])],
      person: personOf(request),
      flash: shown.flash,
    });
    return this.code(shown.status)
      .header('content-type', 'text/html; charset=utf-8')
      .send(renderDocument(markup));
  });

  app.decorateReply('seeOther', function seeOther(this: FastifyReply, path: string, flash?: Flash) {
    if (flash !== undefined) {
      this.setCookie(FLASH, writeFlash(flash), cookie(this.request, FLASH_S));
    }
    return this.redirect(`${basePath}${path}`, 303);
  });

  app.decorateReply('chooseTheme', function chooseTheme(this: FastifyReply, theme: Theme) {
    return this.setCookie(THEME, theme, cookie(this.request, YEAR_S));
  });
}

/** Browsers keep no cookie of more than 4,096 bytes. */
const MOST_BYTES = 4_000;

function writeFlash({ kind, text }: Flash): string {
  const written = (shown: string) => Buffer.from(JSON.stringify({ kind, text: shown })).toString('base64url');
  const characters = [...text];
  let kept = characters.length;
  let cookie = written(text);
  while (cookie.length > MOST_BYTES) {
    kept = Math.floor(kept * 0.9);
    cookie = written(`${characters.slice(0, kept).join('')} …`);
  }
  return cookie;
}

function readFlash(cookie: string | undefined): Flash | undefined {
  if (cookie === undefined) return undefined;
  try {
    const { kind, text } = JSON.parse(Buffer.from(cookie, 'base64url').toString('utf8'));
    if (typeof text !== 'string') return undefined;
    return { kind: kind === 'done' ? 'done' : 'refused', text };
  } catch {
    return undefined;
  }
}
