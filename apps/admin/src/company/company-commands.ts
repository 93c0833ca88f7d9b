import { Option } from '@commander-js/extra-typings';
import { UNANSWERED_RULES } from '@live-feed/core/directory/phone-check';
import { companyAdd, companyList, companyRename } from '@live-feed/operations/company/companies';
import { companyRule, ruleText } from '@live-feed/operations/inputs/duplicate-rules';
import { duration, phone, shortText, timeZone, wholeNumber } from '@live-feed/operations/inputs/written';
import { group, leaf, type Run } from '../command.ts';
import { as } from '../terminal/arguments.ts';
import { hint } from '../terminal/hint.ts';
import { table } from '../terminal/report.ts';

export function companyCommands(run: Run) {
  return group('company')
    .addCommand(
      leaf('add', 'add a company')
        .argument('<name>', 'the name that people use', as(shortText()))
        .addHelpText('after', '\nExample:\n  admin company add "Acme Solar"')
        .action((name, options) =>
          run(options, async (session) => {
            const { company } = await session.perform(companyAdd, { name });
            return {
              text: `Added "${company.name}", ${company.id}. Next: ${hint`dialer set --help`}, ${hint`campaign add --help`}, ${hint`key issue ${company.name}`}`,
              data: company,
            };
          }),
        ),
    )
    .addCommand(
      leaf('set', 'change how its ANIs are assigned, what becomes of duplicates, and how leads may come')
        .argument('<company>', 'name or id')
        .option(
          '--ani-cap <number>',
          'maximum number of leads a day for an ANI without a cap of its own',
          as(wholeNumber(0, 1_000_000)),
        )
        .option('--time-zone <name>', 'time zone of its days, such as America/New_York', as(timeZone))
        .addOption(
          new Option(
            '--when-no-ani <what>',
            "if no ANI is left: use the campaign's own caller ID, or refuse the lead",
          ).choices(['campaign_default', 'reject'] as const),
        )
        .option(
          '--duplicates <rule>',
          'of one phone within a time, such as 24h:refuse, 24h:answer or 24h:refuse:campaign; off',
          as(companyRule),
        )
        .addOption(
          new Option('--form-posts <what>', 'whether leads may come as form posts').choices([
            'on',
            'off',
          ] as const),
        )
        .option(
          '--check-url <url>',
          'an HTTPS endpoint that is asked about each phone before its lead is taken, such as one for a do-not-call service; none',
        )
        .option(
          '--check-headers-file <file>',
          'file of headers to send along, a "Name: value" on each line; empty: none; "-" reads standard input',
        )
        .option(
          '--check-timeout <duration>',
          'how long it may take to answer (default 2s)',
          as(duration({ min: '1s', max: '5s' })),
        )
        .option(
          '--check-cache <duration>',
          'how long an answer holds; 0s: every lead is asked about (default 24h)',
          as(duration({ min: '0s', max: '14d' })),
        )
        .addOption(
          new Option(
            '--check-unanswered <what>',
            'if it does not answer: send the lead, or refuse it with 503 (default refuse)',
          ).choices(UNANSWERED_RULES),
        )
        .addHelpText(
          'after',
          '\nExamples:\n  admin company set "Acme Solar" --ani-cap 75 --time-zone America/Chicago\n  admin company set "Acme Solar" --duplicates 24h:refuse\n  admin company set "Acme Solar" --check-url https://check.acme.example/phone --check-headers-file headers.txt',
        )
        .action((name, options) =>
          run(options, async (session) =>
            (await import('./company-changes.ts')).setCompany(session, name, options),
          ),
        ),
    )
    .addCommand(
      leaf('show', "show a company's settings")
        .argument('<company>', 'name or id')
        .action((name, options) =>
          run(options, async (session) => (await import('./company-changes.ts')).showCompany(session, name)),
        ),
    )
    .addCommand(
      leaf('rename', 'give a company another name')
        .argument('<company>', 'name or id')
        .argument('<name>', 'the new name', as(shortText()))
        .addHelpText('after', '\nExample:\n  admin company rename "Acme Solar" "Acme Energy"')
        .action((company, name, options) =>
          run(options, async (session) => {
            const data = await session.perform(companyRename, { company, name });
            return { text: `Renamed "${data.was}" to "${data.company.name}".`, data };
          }),
        ),
    )
    .addCommand(
      leaf('remove', 'remove a company with all that it has, for good; refused while leads are open')
        .argument('<company>', 'name or id')
        .option('--yes', 'without typing its name; on a terminal it is asked for')
        .addHelpText('after', '\nThe audit log stays. Interrupted, it goes on when it is run again.')
        .action((name, options) =>
          run(options, async (session) =>
            (await import('./company-removal.ts')).removeCompany(session, name, options),
          ),
        ),
    )
    .addCommand(
      leaf('check', 'ask its check about a phone now, and print what it says')
        .argument('<company>', 'name or id')
        .argument(
          '[phone]',
          'asked about; nobody has the one that is asked about if it is left out',
          as(phone()),
        )
        .action((name, asked, options) =>
          run(options, async (session) =>
            (await import('./company-changes.ts')).checkPhone(session, name, asked),
          ),
        ),
    )
    .addCommand(
      leaf(
        'list',
        'list all companies with their dialer family and the numbers of their keys, campaigns and ANIs',
      ).action((options) =>
        run(options, async (session) => {
          const { companies } = await session.perform(companyList, {});
          return {
            text: table(
              ['company', 'dialer', 'keys', 'campaigns', 'ANIs', 'duplicates', 'check', 'id'],
              companies.map(({ name, family, keys, campaigns, anis, duplicates, checkUrl, id }) => [
                ...[name, family, keys, campaigns, anis, ruleText(duplicates), checkUrl, id],
              ]),
              `There is no company yet. Add one: ${hint`company add --help`}`,
            ),
            data: companies,
          };
        }),
      ),
    );
}
