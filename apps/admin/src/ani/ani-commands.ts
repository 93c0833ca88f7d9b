import { Option } from '@commander-js/extra-typings';
import { ANI_STANDINGS } from '@live-feed/database/caller-ids/ani-inventory';
import { aniActivate, aniCap, aniFlag, aniPause, aniRemove } from '@live-feed/operations/ani/ani-changes';
import { campaignId } from '@live-feed/operations/campaign/campaign-id';
import { duration, phone, shortText, wholeNumber } from '@live-feed/operations/inputs/written';
import { z } from 'zod';
import { group, leaf, type Run } from '../command.ts';
import { as, eachAs } from '../terminal/arguments.ts';
import { changed, changePool } from './ani-changes.ts';
import { listNumbers, showStats } from './ani-reports.ts';
import { importAniFile } from './import-ani-file.ts';

const COMPANY = 'name or id';
const PHONES = "in any form that a lead's phone may have";
const DAY_MS = 86_400_000;

const dailyCap = z.union([z.literal('company'), wholeNumber(0, 1_000_000)], {
  error: 'Expected a whole number from 0, or company.',
});

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
        .addOption(new Option('--standing <what>', 'only those that are …').choices(ANI_STANDINGS))
        .option('--flagged', 'only those that were flagged')
        .option(
          '--place <place>',
          'only those of a state, by its two letters; of canada; or other',
          as(shortText(20)),
        )
        .option('--campaign <id>', 'only those in the pool of this campaign', as(campaignId))
        .option('--after <phone>', 'the last number of the previous page', as(phone()))
        .option('--limit <number>', 'maximum number of rows', as(wholeNumber(1, 10_000)), 100)
        .action((company, options) => run(options, (session) => listNumbers(session, company, options))),
    )
    .addCommand(
      changing('pause', 'stop assigning numbers until they are activated').action(
        (company, phones, options) =>
          run(options, (session) => changed(session, 'Paused', aniPause, { company, phones })),
      ),
    )
    .addCommand(
      changing('activate', 'assign numbers again: ends a pause or a cool-down').action(
        (company, phones, options) =>
          run(options, (session) => changed(session, 'Activated', aniActivate, { company, phones })),
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
            changed(session, 'Flagged', aniFlag, { company, phones, forMs: options.for }),
          ),
        ),
    )
    .addCommand(
      leaf('cap', 'set the daily cap of numbers')
        .argument('<company>', COMPANY)
        .argument('<cap>', "most leads a day for each; company: the company's cap", as(dailyCap))
        .argument('<phone...>', PHONES, eachAs(phone()), [])
        .addHelpText('after', '\nExample:\n  admin ani cap "Acme Solar" 50 2065550100 2065550101')
        .action((company, cap, phones, options) =>
          run(options, (session) =>
            changed(session, 'Set the cap of', aniCap, {
              ...{ company, phones, cap: cap === 'company' ? null : cap },
            }),
          ),
        ),
    )
    .addCommand(
      leaf('pool', "put numbers into a campaign's pool, or take others out")
        .argument('<company>', COMPANY)
        .argument('<campaign>', "the dialing system's id", as(campaignId))
        .option('--add <phone...>', 'numbers to put in', eachAs(phone()), [])
        .option('--remove <phone...>', 'numbers to take out', eachAs(phone()), [])
        .addHelpText(
          'after',
          '\nExample:\n  admin ani pool "Acme Solar" 123456 --add 2065550100 --remove 2065550101',
        )
        .action((company, campaign, options) =>
          run(options, (session) => changePool(session, company, campaign, options)),
        ),
    )
    .addCommand(
      changing('remove', 'remove numbers, also from their pools; leads under way with them go on').action(
        (company, phones, options) =>
          run(options, (session) => changed(session, 'Removed', aniRemove, { company, phones })),
      ),
    )
    .addCommand(
      leaf(
        'stats',
        "show how much of today's capacity is used, and how near the numbers of today's leads are",
      )
        .argument('<company>', COMPANY)
        .action((company, options) => run(options, (session) => showStats(session, company))),
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
    .argument('<phone...>', PHONES, eachAs(phone()), []);
}
