import { maskPhone } from '@live-feed/core/lead/phone';
import { dncAdd, dncCheck, dncCount, dncList, dncRemove } from '@live-feed/operations/dnc/dnc-operations';
import { phone, shortText, wholeNumber } from '@live-feed/operations/inputs/written';
import { group, leaf, type Run } from '../command.ts';
import type { Session } from '../session.ts';
import { as, eachAs } from '../terminal/arguments.ts';
import { count, type Report, table } from '../terminal/report.ts';

const COMPANY = 'name or id';

export function dncCommands(run: Run) {
  return group('dnc')
    .addCommand(
      naming('add', 'put phones on the list: their leads are not sent any more, in no campaign')
        .option('--reason <text>', 'why; kept encrypted', as(shortText(200)))
        .action((company, phones, { reason, ...options }) =>
          run(options, (session) => add(session, company, phones, reason)),
        ),
    )
    .addCommand(
      naming('remove', 'take phones off the list').action((company, phones, options) =>
        run(options, (session) => remove(session, company, phones)),
      ),
    )
    .addCommand(
      naming('check', 'say whether phones are on the list').action((company, phones, options) =>
        run(options, (session) => check(session, company, phones)),
      ),
    )
    .addCommand(
      leaf('count', 'count the phones on the list')
        .argument('<company>', COMPANY)
        .action((company, options) => run(options, (session) => countList(session, company))),
    )
    .addCommand(
      leaf('list', 'list the phones on the list, masked, in no order')
        .argument('<company>', COMPANY)
        .option('--after <page>', 'where the page before ended, as it says')
        .option('--limit <number>', 'maximum number of phones', as(wholeNumber(1, 5_000)), 50)
        .action((company, options) => run(options, (session) => list(session, company, options))),
    )
    .addCommand(
      leaf(
        'import',
        'put the phones of a CSV file on the list; wrong rows are reported before anything changes',
      )
        .argument('<company>', COMPANY)
        .argument('<file>', 'CSV or text, as a spreadsheet program saves it; "-" is standard input')
        .option('--skip-wrong', 'import the other rows if some are wrong')
        .option('--dry-run', 'only check the file')
        .addHelpText('after', IMPORT_HELP)
        .action((company, file, options) =>
          run(options, async (session) =>
            (await import('./import-dnc-file.ts')).importDncFile(session, company, file, options),
          ),
        ),
    )
    .addCommand(
      leaf('export', 'write the list to a CSV file, with phones in full')
        .argument('<company>', COMPANY)
        .argument('<file>', 'a new file; "-" is standard output')
        .addHelpText('after', '\nExample:\n  admin dnc export "Acme Solar" do-not-call.csv')
        .action((company, file, options) =>
          run(options, async (session) =>
            (await import('./export-dnc-file.ts')).exportDncFile(session, company, file),
          ),
        ),
    );
}

const IMPORT_HELP = `
The first line names the columns, in any order and case:
  phone   or "Phone Number", "Mobile" …
  reason  or "Note" …; optional, up to 200 characters
  date    or "Added on" …; optional: 2026-11-30, 2026-11-30T14:05:00Z or 11/30/2026; without it, now
Other columns are not used. Separators are commas, semicolons, tabs or bars; the text is UTF-8 or UTF-16.
Running it again changes nothing. Exit code 1 if a row is wrong.

Example:
  phone,reason,date
  2065550100,asked by mail,2026-11-30
  (206) 555-0101,,`;

/** A command about some phones. */
function naming(name: string, description: string) {
  return leaf(name, description)
    .argument('<company>', COMPANY)
    .argument('<phone...>', "in any form that a lead's phone may have", eachAs(phone()), []);
}

async function check(session: Session, company: string, phones: readonly string[]): Promise<Report> {
  const { phones: found } = await session.perform(dncCheck, { company, phones: [...phones] });
  return {
    text: table(
      ['phone', 'on the list', 'since', 'by', 'reason'],
      found.map(({ onList, since, source, reason, ...each }) => [each.phone, onList, since, source, reason]),
      '',
    ),
    data: found,
  };
}

async function add(
  session: Session,
  name: string,
  phones: readonly string[],
  reason: string | undefined,
): Promise<Report> {
  const data = await session.perform(dncAdd, { company: name, phones: [...phones], reason });
  const { company, added, known } = data;
  return {
    text: `Put ${count(added, 'phone')} on the list of "${company.name}"${known === 0 ? '' : `; ${known} there already`}.`,
    data,
  };
}

async function remove(session: Session, name: string, phones: readonly string[]): Promise<Report> {
  const data = await session.perform(dncRemove, { company: name, phones: [...phones] });
  const { company, removed, unknown } = data;
  return {
    text: `Took ${count(removed, 'phone')} off the list of "${company.name}"${unknown === 0 ? '' : `; ${unknown} not on it`}.`,
    data,
  };
}

async function countList(session: Session, name: string): Promise<Report> {
  const data = await session.perform(dncCount, { company: name });
  return { text: `"${data.company.name}" has ${count(data.phones, 'phone')} on its list.`, data };
}

interface ListOptions {
  readonly after?: string | undefined;
  readonly limit: number;
}

async function list(session: Session, company: string, page: ListOptions): Promise<Report> {
  const { phones, next } = await session.perform(dncList, { company, ...page });
  const shown = phones.map(({ phone: whole, ...each }) => ({ phone: maskPhone(whole), ...each }));
  return {
    text:
      table(
        ['phone', 'since', 'by', 'reason'],
        shown.map((each) => [each.phone, each.since, each.source, each.reason]),
        'There is no phone on the list.',
      ) + (next === null ? '' : `\n\nFurther ones: --after ${next}`),
    data: { phones: shown, next },
  };
}
