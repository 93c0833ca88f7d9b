import { Option } from '@commander-js/extra-typings';
import { setAniRules } from '@live-feed/database/caller-ids/ani-inventory';
import { addCompany, listCompanies } from '@live-feed/database/directory/companies';
import { z } from 'zod';
import { as, shortText, wholeNumber } from '../terminal/arguments.ts';
import { group, leaf, type Run } from '../terminal/command.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal, UsageError } from '../terminal/refusal.ts';
import { table } from '../terminal/report.ts';
import { theCompany } from './the-company.ts';

/** By name: an offset would mean the opposite to PostgreSQL. */
const timeZone = z
  .string()
  .refine(
    (name) => /^[A-Z]/.test(name) && isTimeZone(name),
    'Expected is an IANA name, such as America/New_York.',
  );

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

export function companyCommands(run: Run) {
  return group('company')
    .addCommand(
      leaf('add', 'add a company')
        .argument('<name>', 'what people call it', as(shortText()))
        .addHelpText('after', '\nExample:\n  admin company add "Acme Solar"')
        .action((name, options) =>
          run(options, async ({ database }) => {
            const { added, company } = await addCompany(database, name);
            if (!added) throw new Refusal(`There is a company "${company.name}" already.`);
            return {
              text: `Added "${company.name}", ${company.id}. Next: ${hint`dialer set --help`}, ${hint`campaign add --help`}, ${hint`key issue ${company.name}`}`,
              data: company,
            };
          }),
        ),
    )
    .addCommand(
      leaf('set', 'change by which rules its ANIs are assigned')
        .argument('<company>', 'name or id')
        .option(
          '--ani-cap <number>',
          'leads a day that an ANI without a cap of its own is used for',
          as(wholeNumber(0, 1_000_000)),
        )
        .option('--time-zone <name>', 'where its days begin, such as America/New_York', as(timeZone))
        .addOption(
          new Option(
            '--when-no-ani <what>',
            "where none is left: the campaign's own caller ID, or refuse the lead",
          ).choices(['campaign_default', 'reject'] as const),
        )
        .addHelpText(
          'after',
          '\nExample:\n  admin company set "Acme Solar" --ani-cap 75 --time-zone America/Chicago',
        )
        .action((name, options) =>
          run(options, async (session) => {
            const { aniCap: dailyCap, timeZone, whenNoAni: whenNone } = options;
            if (dailyCap === undefined && timeZone === undefined && whenNone === undefined) {
              throw new UsageError('Say what to change: --ani-cap, --time-zone or --when-no-ani.');
            }
            const company = await theCompany(session, name);
            await setAniRules(session.database, company.id, { dailyCap, timeZone, whenNone });
            return { text: `Changed "${company.name}".`, data: { company, dailyCap, timeZone, whenNone } };
          }),
        ),
    )
    .addCommand(
      leaf(
        'list',
        'list all companies with their dialer family, and how many keys, campaigns and ANIs they have',
      ).action((options) =>
        run(options, async ({ database }) => {
          const companies = await listCompanies(database);
          return {
            text: table(
              ['company', 'dialer', 'keys', 'campaigns', 'ANIs', 'id'],
              companies.map(({ name, family, keys, campaigns, anis, id }) => [
                ...[name, family, keys, campaigns, anis, id],
              ]),
              `There is no company yet. Add one: ${hint`company add --help`}`,
            ),
            data: companies,
          };
        }),
      ),
    );
}
