import { type Content, html, type Markup } from './html.ts';

interface Labelled {
  /** Also its id, so once on a page, unless `id` is given. */
  readonly name: string;
  readonly id?: string;
  readonly label: string;
  /** What is expected, in a few words. */
  readonly hint?: string;
  /** Why what was given is refused. */
  readonly error?: string | undefined;
  readonly required?: boolean;
}

export interface TextField extends Labelled {
  readonly type?: 'text' | 'password' | 'email' | 'number' | 'search' | 'date' | 'datetime-local' | 'url';
  readonly value?: string | number | undefined;
  readonly autocomplete?: string;
  readonly placeholder?: string;
  readonly maxlength?: number;
  readonly autofocus?: boolean;
  /** What is written there is never sent back. Nor is that of passwords. */
  readonly secret?: true;
}

export function textField(field: TextField): Markup {
  const {
    name,
    type = 'text',
    value,
    autocomplete = 'off',
    placeholder,
    maxlength,
    autofocus,
    secret,
  } = field;
  return labelled(
    field,
    ({ id, describedBy }) => html`
      <input id=${id} name=${name} type=${type} value=${value} autocomplete=${autocomplete} placeholder=${placeholder}
        maxlength=${maxlength} autofocus=${autofocus} required=${field.required} data-private=${secret}
        aria-describedby=${describedBy} aria-invalid=${invalid(field)} />
    `,
  );
}

export interface SelectField extends Labelled {
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly value?: string | undefined;
}

export function selectField(field: SelectField): Markup {
  const { name, options, value: chosen } = field;
  return labelled(
    field,
    ({ id, describedBy }) => html`
      <select id=${id} name=${name} required=${field.required} aria-describedby=${describedBy} aria-invalid=${invalid(field)}>
        ${options.map(({ value, text }) => html`<option value=${value} selected=${value === chosen}>${text}</option>`)}
      </select>
    `,
  );
}

interface TextArea extends Labelled {
  readonly value?: string;
  readonly rows?: number;
  /** What is written there is never sent back. */
  readonly secret?: true;
}

export function textArea(field: TextArea): Markup {
  const { name, value, rows = 4, secret } = field;
  return labelled(
    field,
    ({ id, describedBy }) => html`
      <textarea id=${id} name=${name} rows=${rows} required=${field.required} aria-describedby=${describedBy} data-private=${secret}
        aria-invalid=${invalid(field)}>${value}</textarea>
    `,
  );
}

export function checkBox({
  name,
  id = name,
  label,
  checked,
  value = 'true',
}: {
  readonly name: string;
  readonly id?: string;
  readonly label: string;
  readonly checked?: boolean;
  readonly value?: string;
}): Markup {
  return html`
    <p class="check">
      <input id=${id} name=${name} type="checkbox" value=${value} checked=${checked} /> <label for=${id}>${label}</label>
    </p>
  `;
}

/** @param kind `danger` for what cannot be taken back */
export function button(text: string, kind: 'primary' | 'plain' | 'danger' = 'primary'): Markup {
  return html`<button type="submit" class=${kind}>${text}</button>`;
}

/** A form with a button alone, for a change that needs no more to be said. @param action relative to the console */
export function actionButton(
  action: string,
  text: string,
  {
    kind = 'plain',
    hidden = {},
  }: {
    readonly kind?: 'primary' | 'plain' | 'danger';
    /** Sent with it. */
    readonly hidden?: Readonly<Record<string, string>>;
  } = {},
): Markup {
  return html`
    <form method="post" action=${action} class="inline">
      ${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name=${name} value=${value} />`)}
      ${button(text, kind)}
    </form>
  `;
}

function labelled(
  { name, id = name, label, hint, error }: Labelled,
  input: (ids: { readonly id: string; readonly describedBy: string | undefined }) => Content,
): Markup {
  const notes = [
    ...(hint === undefined ? [] : [`${id}-hint`]),
    ...(error === undefined ? [] : [`${id}-error`]),
  ];
  const describedBy = notes.length === 0 ? undefined : notes.join(' ');
  return html`
    <div class="field">
      <label for=${id}>${label}</label>
      ${input({ id, describedBy })}
      ${hint === undefined ? null : html`<small id="${id}-hint">${hint}</small>`}
      ${error === undefined ? null : html`<small id="${id}-error" class="error">${error}</small>`}
    </div>
  `;
}

function invalid({ error }: Labelled): 'true' | undefined {
  return error === undefined ? undefined : 'true';
}
