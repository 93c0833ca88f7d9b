import type { AniImport } from '@live-feed/database/caller-ids/ani-import';
import type { AniFile } from '@live-feed/operations/ani/ani-file';
import { facts } from '../../html/facts.ts';
import { button } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { table } from '../../html/table.ts';

const MOST_SHOWN = 500;

interface Preview {
  /** Where it is confirmed, relative to the console. */
  readonly action: string;
  readonly text: string;
  readonly file: AniFile;
  /** What would come of it. */
  readonly imported: AniImport & {
    readonly notOfUs: readonly { readonly line: number; readonly phone: string; readonly region: string }[];
  };
}

/** What a file would change, with the errors of its rows. */
export function importPreview({ action, text, file, imported }: Preview): Markup {
  const { added, known, changed, notOfUs } = imported;
  const errors = [...file.errors, ...imported.errors].sort((one, other) => one.line - other.line);
  return html`
    ${facts([
      ['Numbers that would be added', added],
      ['Numbers that would be changed', changed],
      ['Numbers that would stay as they are', known - changed],
      ['Rows that would not be imported', errors.length],
      ['Columns that are not used', file.unusedColumns.join(', ') || 'none'],
    ])}
    ${table({
      caption:
        errors.length > MOST_SHOWN ? `The first ${MOST_SHOWN} of ${errors.length} wrong rows` : 'Wrong rows',
      columns: [
        { title: 'Line', number: true, cell: ({ line }) => line },
        { title: 'What stands there', cell: ({ value }) => html`<code>${value.slice(0, 40)}</code>` },
        { title: 'What is wrong', cell: ({ problem }) => problem },
      ],
      rows: errors.slice(0, MOST_SHOWN),
      empty: 'No row is wrong.',
    })}
    ${
      notOfUs.length === 0
        ? null
        : table({
            caption: 'Imported, but no distance to a lead is known for them',
            columns: [
              { title: 'Line', number: true, cell: ({ line }) => line },
              { title: 'Number', cell: ({ phone }) => phone },
              { title: 'Where it is', cell: ({ region }) => region.replaceAll('_', ' ') },
            ],
            rows: notOfUs.slice(0, MOST_SHOWN),
            empty: '',
          })
    }
    ${
      added + changed === 0
        ? html`<p class="empty">The file would change nothing.</p>`
        : html`
          <form method="post" action=${action} enctype="multipart/form-data" class="inline">
            <textarea name="rows" hidden aria-hidden="true">${text}</textarea> ${button('Import the right rows')}
          </form>
        `
    }
    <p><a href=${action.replace('/confirm', '')}>Choose another file</a></p>
  `;
}
