import { Option } from '@commander-js/extra-typings';
import { phoneRegion } from '@live-feed/core/caller-id/phone-region';
import { oldTableWarning } from '@live-feed/core/caller-id/places';
import { normalisePhone } from '@live-feed/core/lead/phone';
import { type AniImport, importAnis } from '@live-feed/database/caller-ids/ani-import';
import {
  activateAni,
  aniStats,
  flagAni,
  listAnis,
  pauseAni,
} from '@live-feed/database/caller-ids/ani-inventory';
import type { Database } from '@live-feed/database/connection/client';
import { z } from 'zod';
import { theCompany } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { as, duration, wholeNumber } from '../terminal/arguments.ts';
import { group, leaf, type Run } from '../terminal/command.ts';
import { hint } from '../terminal/hint.ts';
import { startProgress } from '../terminal/progress.ts';
import { Refusal } from '../terminal/refusal.ts';
import { count, facts, type Report, table } from '../terminal/report.ts';
import { quoted } from './ani-columns.ts';
import { type AniFile, readAniFile } from './ani-file.ts';

const COMPANY = 'name or id';
const DAY_MS = 86_400_000;

const phone = z.string().transform((text, context) => {
  const reading = normalisePhone(text);
  if (reading.ok) return reading.phone;
  context.addIssue({ code: 'custom', message: reading.reason });
  return z.NEVER;
});

export function aniCommands(run: Run) {
  return group('ani')
    .addCommand(
      leaf(
        'import',
        'add numbers from a CSV file, or change their caps and pools; rows that are wrong are named',
      )
        .argument('<company>', COMPANY)
        .argument('<file>', 'as a spreadsheet program saves it as CSV or text; "-" is standard input')
        .option('--dry-run', 'change nothing, and say what would be changed')
        .addHelpText('after', IMPORT_HELP)
        .action((company, file, options) =>
          run(options, (session) => importFile(session, company, file, options.dryRun === true)),
        ),
    )
    .addCommand(
      leaf('list', 'numbers with their caps, uses of today, cool-down and pools')
        .argument('<company>', COMPANY)
        .option('--after <phone>', 'the last one of the page before', as(phone))
        .option('--limit <number>', 'how many at most', as(wholeNumber(1, 10_000)), 100)
        .action((company, options) => run(options, (session) => list(session, company, options))),
    )
    .addCommand(
      changing('pause', 'assign them no more, until they are activated').action((company, phones, options) =>
        run(options, (session) => change(session, company, phones, 'Paused', pauseAni)),
      ),
    )
    .addCommand(
      changing('activate', 'assign them again: a pause and a cool-down end').action(
        (company, phones, options) =>
          run(options, (session) => change(session, company, phones, 'Activated', activateAni)),
      ),
    )
    .addCommand(
      changing('flag', 'let them cool down: they were labelled as spam, say')
        .addOption(
          new Option('--for <duration>', 'how long')
            .argParser(as(duration({ min: '1h', max: '365d' })))
            .default(7 * DAY_MS, '7d'),
        )
        .action((company, phones, options) =>
          run(options, (session) =>
            change(session, company, phones, 'Flagged', (database, companyId, ani) =>
              flagAni(database, companyId, ani, options.for / DAY_MS),
            ),
          ),
        ),
    )
    .addCommand(
      leaf('stats', 'how much of today’s capacity is used, and how near the numbers of today’s leads are')
        .argument('<company>', COMPANY)
        .action((company, options) => run(options, (session) => stats(session, company))),
    );
}

const IMPORT_HELP = `
The first line names the columns, in any order and case: phone ("Phone Number", "Caller ID", "ANI", "DID" …), and if there are such daily_cap ("Daily limit" …;
empty: the company's) and campaigns (ids, separated by spaces, into whose pools the number is put). Other columns are not used. Separators are
commas, semicolons, tabs or bars; UTF-8 or UTF-16. Doing it again changes nothing. Exit code 1 if any row was not imported; the others are.

Example:
  phone,daily_cap,campaigns
  2065550100,,
  (206) 555-0101,50,123456 123457`;

/** A command that changes some of a company's numbers. */
function changing(name: string, description: string) {
  return leaf(name, description)
    .argument('<company>', COMPANY)
    .argument(
      '<phone...>',
      'in any form that a lead’s phone may have',
      (text, phones: readonly string[]) => [...phones, as(phone)(text)],
      [],
    );
}

async function importFile(
  session: Session,
  companyName: string,
  file: string,
  dryRun: boolean,
): Promise<Report> {
  const company = await theCompany(session, companyName);
  const read = await readAniFile(session.terminal, file);
  const progress = startProgress(session.terminal, 'rows');
  const onProgress = (done: number) => progress.show(done, read.rows.length);
  try {
    const imported = await importAnis(session.database, company.id, read.rows, { onProgress, dryRun });
    const errors = [...read.errors, ...imported.errors].sort((a, b) => a.line - b.line);
    const { unusedColumns } = read;
    const notOfUs = numbersOutsideUs(read.rows);
    return {
      text: importText(company.name, dryRun, { ...imported, errors, unusedColumns, notOfUs }),
      data: { company, ...imported, errors, unusedColumns, notOfUs, dryRun },
      failed: errors.length > 0,
    };
  } finally {
    progress.stop();
  }
}

function importText(
  company: string,
  dryRun: boolean,
  {
    added,
    known,
    changed,
    errors,
    unusedColumns,
    notOfUs,
  }: AniImport & Pick<AniFile, 'unusedColumns'> & { readonly notOfUs: ReturnType<typeof numbersOutsideUs> },
): string {
  const [add, change, drop] = dryRun
    ? ['Would add', 'would change', 'would not be']
    : ['Added', 'changed', 'not'];
  const same = (known - changed).toLocaleString('en-US');
  return [
    `${add} ${count(added, 'number')} to "${company}", ${change} ${changed.toLocaleString('en-US')}; ` +
      `${same} were there already as they are; ${count(errors.length, 'row')} ${drop} imported.`,
    ...(unusedColumns.length === 0
      ? []
      : [`Columns that are not used: ${unusedColumns.map(quoted).join(', ')}.`]),
    ...notOfUs.map(
      ({ line, phone, region }) =>
        `line ${line}: note: ${phone} is ${region}: nearness means nothing for it.`,
    ),
    ...errors.map(({ line, value, problem }) => `line ${line}: ${quoted(value)}: ${problem}`),
    ...(dryRun ? ['Nothing was changed.'] : []),
  ].join('\n');
}

/** Callees may not know what they are, and no tier but any finds most of them. */
function numbersOutsideUs(rows: AniFile['rows']) {
  return rows.flatMap(({ line, phone: text }) => {
    const reading = normalisePhone(text);
    const region = reading.ok ? phoneRegion(reading.phone) : 'us';
    return reading.ok && region !== 'us' ? [{ line, phone: reading.phone, region }] : [];
  });
}

async function list(
  session: Session,
  companyName: string,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<Report> {
  const company = await theCompany(session, companyName);
  const anis = await listAnis(session.database, company.id, page);
  const more = anis.length < page.limit ? '' : `\n\nMore: --after ${anis.at(-1)?.phone}`;
  return {
    text:
      table(
        ['number', 'status', 'today', 'cap', 'cools down until', 'flagged', 'last assigned', 'pools'],
        anis.map((ani) => [
          ...[ani.phone, ani.status, ani.usedToday, ani.cap],
          ...[ani.coolingUntil, ani.flaggedAt, ani.lastAssignedAt, ani.pools.join(' ')],
        ]),
        `"${company.name}" has no numbers${page.after === undefined ? ` yet. Add some: ${hint`ani import --help`}` : ' after that one'}.`,
      ) + more,
    data: anis,
  };
}

async function change(
  session: Session,
  companyName: string,
  phones: readonly string[],
  done: string,
  changeOne: (database: Database, companyId: string, phone: string) => Promise<boolean>,
): Promise<Report> {
  const company = await theCompany(session, companyName);
  const changed: string[] = [];
  const unknown: string[] = [];
  for (const each of phones) {
    ((await changeOne(session.database, company.id, each)) ? changed : unknown).push(each);
  }
  const missing = unknown.length === 0 ? '' : ` Not a number of "${company.name}": ${unknown.join(', ')}.`;
  return {
    text: `${done} ${count(changed.length, 'number')} of "${company.name}".${missing}`,
    data: { company, changed, unknown },
    failed: unknown.length > 0,
  };
}

async function stats(session: Session, companyName: string): Promise<Report> {
  const company = await theCompany(session, companyName);
  const figures = await aniStats(session.database, company.id, Date.now());
  if (figures === undefined) throw new Refusal('The company was removed by somebody else at this moment.');
  const warning = oldTableWarning(Date.now());
  const { today, anis, usable, used, capacity, atCap, tiers } = figures;
  return {
    text: [
      facts([
        ['day', today],
        ['numbers', anis],
        ['usable', usable],
        ['used today', `${used} of ${capacity}`],
        ['at their caps', atCap],
      ]),
      table(
        ['tier', "today's leads"],
        tiers.map(({ tier, leads }) => [tier, leads]),
        'No lead was assigned a number today.',
      ),
      ...(warning === undefined ? [] : [warning]),
    ].join('\n\n'),
    data: { company, ...figures, warning },
  };
}
