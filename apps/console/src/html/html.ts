import { type ComponentChildren, Fragment, h, type VNode } from 'preact';
import { render } from 'preact-render-to-string';

/**
 * The console's templates. A value in a template is text and is escaped; only another template is markup. Nothing here or in a page
 * uses `dangerouslySetInnerHTML`, and no object from outside is spread into attributes.
 */
export { html } from 'htm/preact';

export type Markup = VNode;

/** What may stand between two tags. */
export type Content = ComponentChildren;

/** A part of a page as text. */
export function renderPart(part: Content): string {
  return render(h(Fragment, null, part));
}

/** A whole document as text. */
export function renderDocument(document: Markup): string {
  return `<!doctype html>\n${render(document)}\n`;
}
