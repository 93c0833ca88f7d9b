import { type IntakeSettings, REQUEST_FIELDS } from '@live-feed/core/directory/intake-settings';
import { FORWARDABLE_FIELDS } from '@live-feed/core/lead/lead-fields';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { changeIntake, findIntake } from '@live-feed/database/directory/intake';
import { findDialerOf } from '@live-feed/database/directory/lookups';
import { theCompany } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { facts, type Report, table } from '../terminal/report.ts';
import type { Defaults, Names } from './map-arguments.ts';

/** Shows under which names callers may send fields, and what fields have where they send none; changes them if there is something to change. */
export async function mapFields(
  session: Session,
  companyName: string,
  map: Names,
  defaults: Defaults,
): Promise<Report> {
  const company = await theCompany(session, companyName);
  const { database } = session;
  const isChange = Object.keys({ ...map, ...defaults }).length > 0;
  const intake = isChange
    ? await changeIntake(database, company.id, { map, defaults })
    : await findIntake(database, company.id);
  const notes = await notSentOn(session, company, intake);
  const said = isChange ? `Changed how leads of "${company.name}" come in.\n\n` : '';
  return { text: `${said}${describe(intake)}${notes}`, data: { company, ...intake } };
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
async function notSentOn(
  { database }: Session,
  company: CompanyRecord,
  intake: IntakeSettings,
): Promise<string> {
  const forward = (await findDialerOf(database, company.id))?.leadSettings.forward ?? [];
  const mapped = fieldsOf(intake);
  const fields = FORWARDABLE_FIELDS.filter((field) => mapped.includes(field) && !forward.includes(field));
  if (fields.length === 0) return '';
  return `\n\nIts dialer is not sent ${fields.join(', ')}: switch on all that it needs with --forward. See: ${hint`dialer set --help`}`;
}
