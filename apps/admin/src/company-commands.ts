import { addCompany, listCompanies } from '@live-feed/database/companies';
import { as, shortText } from './arguments.ts';
import { group, leaf, type Run } from './command.ts';
import { Refusal } from './refusal.ts';
import { table } from './report.ts';

export function companyCommands(run: Run) {
  return group('company', 'companies that buy leads')
    .addCommand(
      leaf('add', 'add a company')
        .argument('<name>', 'what people call it', as(shortText()))
        .addHelpText('after', '\nExample:\n  company add "Acme Solar"')
        .action((name, options) =>
          run(options, async ({ database }) => {
            const company = await addCompany(database, name);
            if (company === undefined) throw new Refusal(`There is a company "${name}" already.`);
            return {
              text: `Added "${company.name}", ${company.id}. Next: dialer set, campaign add, key issue.`,
              data: company,
            };
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
              'There is no company yet. Add one with: company add <name>',
            ),
            data: companies,
          };
        }),
      ),
    );
}
