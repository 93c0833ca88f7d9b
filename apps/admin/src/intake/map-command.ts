import { leaf, type Run } from '../command.ts';
import { as } from '../terminal/arguments.ts';
import { type Defaults, fieldDefault, mappedName, type Names } from './map-arguments.ts';

/** `dialer map`. */
export function mapCommand(run: Run) {
  return leaf('map', 'show or change under which names callers may send fields, and what fields have else')
    .argument('<company>', "name or id, or its dialer's id")
    .argument(
      '[field=name...]',
      'a field of the API, and what callers call it; "field=" removes it',
      (text, others: Names | undefined): Names => ({ ...others, ...as(mappedName)(text) }),
    )
    .option(
      '--default <field=value>',
      'for leads without that field; may be repeated; "field=" removes it',
      (text, others: Defaults | undefined): Defaults => ({ ...others, ...as(fieldDefault)(text) }),
    )
    .addHelpText(
      'after',
      '\nA field that is sent under its own name keeps what was sent.\n\nExample:\n  admin dialer map "Acme Solar" auxData1=source firstName=first_name --default state=FL',
    )
    .action((company, names, options) =>
      run(options, async (session) =>
        (await import('./map-fields.ts')).mapFields(session, company, names ?? {}, options.default ?? {}),
      ),
    );
}

/** `dialer fields`: the same, only to look. */
export function fieldsCommand(run: Run) {
  return leaf('fields', 'show under which names callers may send fields, and what fields have else')
    .argument('<company>', "name or id, or its dialer's id")
    .action((company, options) =>
      run(options, async (session) => (await import('./map-fields.ts')).showFields(session, company)),
    );
}
