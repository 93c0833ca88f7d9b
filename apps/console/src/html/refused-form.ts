import { cloneElement, isValidElement, type VNode } from 'preact';
import { type Content, html } from './html.ts';

/** A form that was sent and refused. */
export interface RefusedForm {
  /** Where it was sent, relative to the console, without a query. */
  readonly action: string;
  /** What was sent: a text, or several under one name. */
  readonly sent: Readonly<Record<string, unknown>>;
  /** `member`: the field's name, or dotted with it in front. */
  readonly problems: readonly { readonly member: string; readonly message: string }[];
}

/** The field with which a form says on which page it is, where the address does not. */
export const FORM_PAGE = 'form-page';

/** Marks a field whose value is never sent back, such as a token. Passwords never are. */
export const SECRET = 'data-private';

/**
 * The page that a refused form is on, with what was typed and with what is wrong beside its fields. Of several forms that go there, it is
 * the one whose hidden fields are those that were sent.
 *
 * @param page where it is, relative to the console
 * @returns undefined if the page has no such form, or the form has nothing but buttons
 */
export function refill(content: Content, refused: RefusedForm, page: string): Content | undefined {
  const form = find(content, (node) => isRefused(node, refused) && hasFields(node));
  if (form === undefined) return undefined;
  const fill = refiller(refused);
  const here = html`<input type="hidden" name=${FORM_PAGE} value=${page} />`;
  return change(content, (node) => {
    if (node === form) return withChildren(node, [here, change(node.props.children, fill)]);
    if (node.type === 'form' && node.props['method'] === 'post')
      return withChildren(node, [here, node.props.children]);
    if (node.type === 'details' && find(node.props.children, (inner) => inner === form) !== undefined) {
      return cloneElement(node, { open: true }, refill(node.props.children, refused, page));
    }
    return undefined;
  });
}

type Node = VNode<Readonly<Record<string, unknown>> & { readonly children?: Content }>;

function nodeOf(content: Content): Node | undefined {
  return isValidElement(content) ? (content as Node) : undefined;
}

/** @param to what a node is replaced by; undefined: it stays, and what is in it is looked at */
function change(content: Content, to: (node: Node) => Content | undefined): Content {
  if (Array.isArray(content)) return content.map((each) => change(each, to));
  const node = nodeOf(content);
  if (node === undefined) return content;
  return to(node) ?? withChildren(node, change(node.props.children, to));
}

function withChildren(node: Node, children: Content): Node {
  return cloneElement(node, {}, children);
}

function find(content: Content, fits: (node: Node) => boolean): Node | undefined {
  if (Array.isArray(content)) {
    for (const each of content) {
      const found = find(each, fits);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const node = nodeOf(content);
  if (node === undefined || fits(node)) return node;
  return find(node.props.children, fits);
}

function isRefused(form: Node, { action, sent }: RefusedForm): boolean {
  if (form.type !== 'form' || form.props['method'] !== 'post') return false;
  const goesThere = (to: unknown) => typeof to === 'string' && to.replace(/[?#].*$/, '') === action;
  const inside = form.props.children;
  const isOther = find(
    inside,
    ({ type, props: { type: kind, name, value } }) =>
      type === 'input' && kind === 'hidden' && !valuesOf(sent, name).includes(String(value)),
  );
  if (isOther !== undefined) return false;
  return (
    goesThere(form.props['action']) ||
    find(inside, ({ props }) => goesThere(props['formaction'])) !== undefined
  );
}

function valuesOf(sent: RefusedForm['sent'], name: unknown): readonly string[] {
  const value = typeof name === 'string' ? sent[name] : undefined;
  return value === undefined ? [] : [value].flat().map(String);
}

const isTicked = (kind: unknown) => kind === 'checkbox' || kind === 'radio';

function hasFields(form: Node): boolean {
  return find(form.props.children, isField) !== undefined;
}

function isField({ type, props }: Node): boolean {
  if (type === 'select' || type === 'textarea') return true;
  return type === 'input' && !['hidden', 'submit', 'button'].includes(String(props['type']));
}

/** Puts what was sent into fields, and what is wrong beside the first of each name. */
function refiller({ sent, problems }: RefusedForm): (node: Node) => Content | undefined {
  const told = new Set<string>();
  const places = new Map<string, number>();

  return (node) => {
    if (!isField(node)) return undefined;
    const name = String(node.props['name'] ?? '');
    const problem = told.has(name) ? undefined : problems.find(({ member }) => member.split('.')[0] === name);
    told.add(name);
    const place = places.get(name) ?? 0;
    places.set(name, place + 1);
    const filled = cloneElement(node, valueFor(node, valuesOf(sent, name), place));
    if (problem === undefined) return filled;
    const id = `${String(node.props['id'] ?? name)}-error`;
    const describedBy = [node.props['aria-describedby'], id].filter(Boolean).join(' ');
    return [
      cloneElement(filled, { 'aria-describedby': describedBy, 'aria-invalid': 'true' }),
      html`<small id=${id} class="error">${problem.message}</small>`,
    ];
  };
}

/** Properties with the value. @param place among the fields of that name */
function valueFor(
  { type, props }: Node,
  values: readonly string[],
  place: number,
): Readonly<Record<string, unknown>> {
  if (props['type'] === 'password' || props['type'] === 'file' || props[SECRET] !== undefined) return {};
  if (type === 'select') return { children: change(props.children, (node) => chosen(node, values)) };
  if (isTicked(props['type'])) return { checked: values.includes(String(props['value'] ?? 'on')) };
  const value = values[place] ?? '';
  return type === 'textarea' ? { children: value } : { value };
}

function chosen(node: Node, values: readonly string[]): Content | undefined {
  if (node.type !== 'option') return undefined;
  return cloneElement(node, { selected: values.includes(String(node.props['value'])) });
}
