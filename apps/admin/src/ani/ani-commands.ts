import { Option } from '@commander-js/extra-typings';
import { oldTableWarning } from '@live-feed/core/caller-id/places';
import {
  activateAni,
  aniStats,
  flagAni,
  listAnis,
  pauseAni,
} from '@live-feed/database/caller-ids/ani-inventory';
import type { Database } from '@live-feed/database/connection/client';
import { duration, phone, wholeNumber } from '@live-feed/operations/inputs/written';
import { group, leaf, type Run } from '../command.ts';
import { theCompany } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { as, eachAs } from '../terminal/arguments.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal } from '../terminal/refusal.ts';
import { count, facts, type Report, table } from '../terminal/report.ts';
import { importAniFile } from './import-ani-file.ts';

const COMPANY = 'name or id';
const DAY_MS = 86_400_000;

export function aniCommands(run: Run) {
  return group('ani')
    .addCommand(
      leaf('import', 'add numbers from a CSV file, or change their caps and pools; reports wrong rows')
        .argument('<company>', COMPANY)
        .argument('<file>', 'CSV or text, as a spreadsheet program saves it; "-" is standard input')
        .option('--dry-run', 'change nothing; show what would change')
        .addHelpText('after', IMPORT_HELP)
        .action((company, file, options) =>
          run(options, (session) => importAniFile(session, company, file, options.dryRun === true)),
        ),
    )
    .addCommand(
      leaf('list', "list numbers with their caps, today's uses, cool-down and pools")
        .argument('<company>', COMPANY)
        .option('--after <phone>', 'the last number of the previous page', as(phone()))
        .option('--limit <number>', 'maximum number of rows', as(wholeNumber(1, 10_000)), 100)
        .action((company, options) => run(options, (session) => list(session, company, options))),
    )
    .addCommand(
      changing('pause', 'stop assigning numbers until they are activated').action(
        (company, phones, options) =>
          run(options, (session) => change(session, company, phones, 'Paused', pauseAni)),
      ),
    )
    .addCommand(
      changing('activate', 'assign numbers again: ends a pause or a cool-down').action(
        (company, phones, options) =>
          run(options, (session) => change(session, company, phones, 'Activated', activateAni)),
      ),
    )
    .addCommand(
      changing('flag', 'let numbers cool down, for example because they are labelled as spam')
        .addOption(
          new Option('--for <duration>', 'how long to cool down')
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
      leaf(
        'stats',
        "show how much of today's capacity is used, and how near the numbers of today's leads are",
      )
        .argument('<company>', COMPANY)
        .action((company, options) => run(options, (session) => stats(session, company))),
    );
}

const IMPORT_HELP = `
The first line names the columns, in any order and case:
  phone      or "Phone Number", "Caller ID", "ANI", "DID" …
  daily_cap  or "Daily limit" …; optional; an empty cell means the company's cap
  campaigns  optional; ids separated by spaces: the number joins the pools of these campaigns
Other columns are not used. Separators are commas, semicolons, tabs or bars; the text is UTF-8 or UTF-16.
Running it again changes nothing. Exit code 1 if a row was not imported; the other rows are.

Example:
  phone,daily_cap,campaigns
  2065550100,,
  (206) 555-0101,50,123456 123457`;

/** A command that changes some of a company's numbers. */
function changing(name: string, description: string) {
  return leaf(name, description)
    .argument('<company>', COMPANY)
    .argument('<phone...>', "in any form that a lead's phone may have", eachAs(phone()), []);
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
  if (figures === undefined) throw new Refusal('Somebody has just removed this company.');
  const warning = oldTableWarning(Date.now());
  const { today, anis, usable, used, capacity, atCap, tiers, rules } = figures;
  return {
    text: [
      facts([
        ['day', `${today} in ${rules.timeZone}`],
        ['numbers', anis],
        ['usable', usable],
        ['used today', `${used} of ${capacity}`],
        ['at their caps', atCap],
        ['cap without an own', rules.dailyCap],
        ['if none is left', rules.whenNone],
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
