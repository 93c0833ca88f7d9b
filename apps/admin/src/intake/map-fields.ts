import { type IntakeSettings, REQUEST_FIELDS } from '@live-feed/core/directory/intake-settings';
import { dialerFields, dialerMap } from '@live-feed/operations/intake/field-maps';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { facts, type Report, table } from '../terminal/report.ts';
import type { Defaults, Names } from './map-arguments.ts';

/** Shows under which names callers may send fields, and what fields have where they send none. */
export async function showFields(session: Session, company: string): Promise<Report> {
  const { notSentOn, ...data } = await session.perform(dialerFields, { company });
  return { text: `${describe(data)}${notes(notSentOn)}`, data };
}

/** Changes them, if there is something to change, and shows them. */
export async function mapFields(
  session: Session,
  company: string,
  map: Names,
  defaults: Defaults,
): Promise<Report> {
  if (Object.keys({ ...map, ...defaults }).length === 0) return showFields(session, company);
  const { notSentOn, ...data } = await session.perform(dialerMap, { company, map, defaults });
  return {
    text: `Changed how leads of "${data.company.name}" come in.\n\n${describe(data)}${notes(notSentOn)}`,
    data,
  };
}

function describe(intake: IntakeSettings): string {
  const rows = fieldsOf(intake).map((field) => [field, intake.map[field], defaultOf(intake, field)]);
  const none = `Fields have their own names only, and no defaults. See: ${hint`dialer map --help`}`;
  const forms = facts([['form posts', intake.forms ? 'on' : 'off']]);
  return `${table(['field', 'also called', 'default'], rows, none)}\n\n${forms}`;
}

/** The same, beside other settings. */
export function intakeFacts(intake: IntakeSettings): string {
  const pairs = (textOf: (field: string) => string | undefined) =>
    fieldsOf(intake)
      .flatMap((field) => (textOf(field) === undefined ? [] : [`${field}=${textOf(field)}`]))
      .join(', ');
  return facts([
    ['fields also called', pairs((field) => intake.map[field])],
    ['field defaults', pairs((field) => defaultOf(intake, field))],
    ['form posts', intake.forms ? 'on' : 'off'],
  ]);
}

/** Those that have another name or a default, in the order of the API. */
function fieldsOf(intake: IntakeSettings): string[] {
  return [...REQUEST_FIELDS.keys()].filter(
    (field) => intake.map[field] !== undefined || defaultOf(intake, field) !== undefined,
  );
}

function defaultOf({ defaults }: IntakeSettings, field: string): string | undefined {
  const value = (defaults as Readonly<Record<string, unknown>>)[field];
  return value === undefined ? undefined : String(value);
}

/** Fields that are mapped in vain. */
function notes(notSentOn: readonly string[]): string {
  if (notSentOn.length === 0) return '';
  return `\n\nIts dialer is not sent ${notSentOn.join(', ')}: switch on all that it needs with --forward. See: ${hint`dialer set --help`}`;
}
