import { type Content, html, type Markup } from './html.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Content;
  /** Numbers stand at the right. */
  readonly number?: boolean;
}

export interface Table<Row> {
  /** Says what the rows are; also read to people who do not see the table. */
  readonly caption: string;
  /** The first names the row. */
  readonly columns: readonly [Column<Row>, ...Column<Row>[]];
  readonly rows: readonly Row[];
  /** Instead of the table if it has no rows. */
  readonly empty: Content;
}

export function table<Row>({ caption, columns, rows, empty }: Table<Row>): Markup {
  if (rows.length === 0) return emptyState(empty);
  const [name, ...others] = columns;
  return html`
    <div class="scroll" role="region" aria-label=${caption} tabindex="0">
      <table>
        <caption>${caption}</caption>
        <thead>
          <tr>${columns.map(({ title, number }) => html`<th scope="col" class=${side(number)}>${title}</th>`)}</tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) => html`
              <tr>
                <th scope="row">${name.cell(row)}</th>
                ${others.map(({ cell, number }) => html`<td class=${side(number)}>${cell(row)}</td>`)}
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}

function side(number: boolean | undefined): string | undefined {
  return number ? 'number' : undefined;
}

/** What stands where there is nothing to show, with what to do about it. */
export function emptyState(text: Content): Markup {
  return html`<p class="empty">${text}</p>`;
}
