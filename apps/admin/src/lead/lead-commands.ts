import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { FIGURES_BY } from '@live-feed/database/figures/lead-figures';
import { campaignId } from '@live-feed/operations/campaign/campaign-id';
import { choice, duration, id, shortText, wholeNumber } from '@live-feed/operations/inputs/written';
import { leadRefused } from '@live-feed/operations/lead/lead-refused';
import { group, leaf, type Run } from '../command.ts';
import { as } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/refusal.ts';
import { table } from '../terminal/report.ts';
import { filterOf, withFilter } from './filter-options.ts';
import { changesCommand, stopChangeCommand } from './lead-change-commands.ts';
import { listLeads, showLead } from './lead-show.ts';
import { purgeCommand } from './purge-command.ts';

const LEAD = 'its id, or its phone together with --company';
const COMPANY = 'name or id';

export function leadCommands(run: Run) {
  return group('lead')
    .addCommand(
      leaf('show', 'show state, outcome and every call to the dialing system; masked')
        .argument('<lead>', LEAD)
        .option('--company <company>', COMPANY)
        .action((lead, options) => run(options, (session) => showLead(session, lead, options.company))),
    )
    .addCommand(listCommand(run))
    .addCommand(refusedCommand(run))
    .addCommand(figuresCommand(run))
    .addCommand(
      leaf('cancel', 'give back a promised lead that was not sent')
        .argument('<lead>', LEAD)
        .option('--company <company>', COMPANY)
        .action((lead, { company, ...options }) =>
          run(options, async (session) => (await changes()).cancelLead(session, { lead, company })),
        ),
    )
    .addCommand(cancelAllCommand(run))
    .addCommand(retryCommand(run))
    .addCommand(retryAllCommand(run))
    .addCommand(resendCommand(run))
    .addCommand(resendAllCommand(run))
    .addCommand(exportCommand(run))
    .addCommand(changesCommand(run))
    .addCommand(stopChangeCommand(run))
    .addCommand(
      leaf('resolve', 'record what became of a parked lead, after looking in the dialing system')
        .argument('<lead>', LEAD)
        .addOption(
          new Option('--as <outcome>', 'accepted: it is there; rejected, failed: it is not')
            .choices(['accepted', 'rejected', 'failed'] as const)
            .makeOptionMandatory(),
        )
        .option('--company <company>', COMPANY)
        .action((lead, { company, as: outcome, ...options }) =>
          run(options, async (session) => (await changes()).resolveLead(session, { lead, company }, outcome)),
        ),
    )
    .addCommand(purgeCommand(run));
}

const changes = () => import('./lead-changes.ts');

function listCommand(run: Run) {
  return withFilter(leaf('list', 'list leads, newest first; masked').option('--company <company>', COMPANY))
    .option('--before <lead-id>', 'only leads older than this one', as(id()))
    .option('--limit <number>', 'maximum number of leads', as(wholeNumber(1, 1_000)), 50)
    .addHelpText('after', '\nExample:\n  admin lead list --state PARKED')
    .action((options) =>
      run(options, (session) => {
        const { company, before: beforeId, limit } = options;
        return listLeads(session, { company, beforeId, limit, ...filterOf(options) });
      }),
    );
}

function figuresCommand(run: Run) {
  const span = as(duration({ min: '1m', max: '396d' }));
  return leaf(
    'figures',
    'count leads by how they ended, with acceptance and times; leads under way are left out',
  )
    .addOption(
      new Option('--by <what>', 'what to tell apart')
        .choices(FIGURES_BY)
        .argParser(as(choice(FIGURES_BY)))
        .default('source' as const),
    )
    .option('--company <company>', COMPANY)
    .option('--campaign <id>', "the dialing system's id", as(shortText()))
    .option('--source <label>', 'the label of the key that they came with', as(shortText()))
    .addOption(
      new Option('--since <duration>', 'received so long ago at most')
        .argParser(span)
        .default(86_400_000, '24h'),
    )
    .option('--until <duration>', 'and so long ago at least', span)
    .addHelpText('after', '\nExample:\n  admin lead figures --company "Acme Solar" --by source --since 7d')
    .action((options) =>
      run(options, async (session) => (await import('./lead-figures.ts')).showFigures(session, options)),
    );
}

function triedFor() {
  return new Option('--for <duration>', 'minimum time to try it, even beyond its maximum age')
    .argParser(as(duration({ min: '1m', max: '30d' })))
    .default(3_600_000, '1h');
}

function retryCommand(run: Run) {
  return withFilter(
    leaf('retry', 'retry a parked lead; one that may have been taken is verified before it is sent')
      .argument('[lead]', LEAD)
      .option('--company <company>', COMPANY)
      .option('--all', 'all parked leads of --company, as `lead retry-all` does'),
  )
    .addOption(triedFor())
    .addHelpText(
      'after',
      '\nExample:\n  admin lead retry --all --company "Acme Solar" --reason DIALER_TOKEN_REFUSED',
    )
    .action((lead, options) =>
      run(options, async (session) => {
        const { retryAll, retryLead } = await changes();
        const { company } = options;
        if (options.all !== true && lead !== undefined) {
          return retryLead(session, { lead, company }, options.for);
        }
        if (options.all === true && lead === undefined && company !== undefined) {
          return retryAll(session, { company, triedForMs: options.for, ...filterOf(options) });
        }
        throw new UsageError('Name one lead, or --all together with --company.');
      }),
    );
}

function retryAllCommand(run: Run) {
  return withFilter(
    leaf('retry-all', 'retry the parked leads of a company that the options fit')
      .alias('release-all')
      .argument('<company>', COMPANY),
  )
    .addOption(triedFor())
    .option('--dry-run', 'only count them')
    .addHelpText(
      'after',
      '\nExample:\n  admin lead retry-all "Acme Solar" --campaign 123456 --reason DIALER_TOKEN_REFUSED',
    )
    .action((company, options) =>
      run(options, async (session) =>
        (await changes()).retryAll(session, {
          ...{ company, triedForMs: options.for, dryRun: options.dryRun === true },
          ...filterOf(options),
        }),
      ),
    );
}

function cancelAllCommand(run: Run) {
  return withFilter(
    leaf(
      'cancel-all',
      'give back the promised leads of a company that were not sent and that the options fit',
    ).argument('<company>', COMPANY),
  )
    .option('--dry-run', 'only count them')
    .addHelpText('after', '\nExample:\n  admin lead cancel-all "Acme Solar" --campaign 123456 --dry-run')
    .action((company, options) =>
      run(options, async (session) =>
        (await changes()).cancelAll(session, {
          ...{ company, dryRun: options.dryRun === true },
          ...filterOf(options),
        }),
      ),
    );
}

function resentFor() {
  return new Option('--for <duration>', 'how long the new lead is tried')
    .argParser(as(duration({ min: '1m', max: '30d' })))
    .default(86_400_000, '24h');
}

function resendCommand(run: Run) {
  return leaf(
    'resend',
    'send a lead again that was not taken, with a correction: a new lead that names this one',
  )
    .argument('<lead>', LEAD)
    .option('--company <company>', COMPANY)
    .option('--campaign <id>', 'another campaign than it was of', as(campaignId))
    .option('--phone <phone>', 'another phone')
    .option(
      '--field <name=value>',
      "another value of a field, by the API's name; may be repeated. Without a value the field is left out",
      (text: string, before: Readonly<Record<string, string>>) => ({ ...before, ...readField(text) }),
      {},
    )
    .addOption(resentFor())
    .addHelpText(
      'after',
      '\nThe dialing system is asked first, so that no lead is doubled.\n\nExample:\n  admin lead resend 5551234567 --company "Acme Solar" --campaign 123456',
    )
    .action((lead, options) =>
      run(options, async (session) => {
        const { company, campaign, phone, field: fields } = options;
        const input = { lead, company, campaign, phone, fields, triedForMs: options.for };
        return (await import('./lead-resend.ts')).resendLead(session, input);
      }),
    );
}

function readField(text: string): Readonly<Record<string, string>> {
  const [, name, value] = /^(\w+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined)
    throw new InvalidArgumentError('Expected a name and a value, such as firstName=Jane.');
  return { [name]: value ?? '' };
}

function resendAllCommand(run: Run) {
  return withFilter(
    leaf(
      'resend-all',
      'send the leads of a company again that were not taken and that the options fit',
    ).argument('<company>', COMPANY),
  )
    .option('--to-campaign <id>', 'another campaign than they were of', as(campaignId))
    .addOption(resentFor())
    .option('--dry-run', 'only count them')
    .addHelpText(
      'after',
      '\nExample:\n  admin lead resend-all "Acme Solar" --state REJECTED --campaign 123456 --since 24h --to-campaign 123457',
    )
    .action((company, options) =>
      run(options, async (session) =>
        (await import('./lead-resend.ts')).resendAll(session, {
          ...{ company, toCampaign: options.toCampaign, triedForMs: options.for },
          ...{ dryRun: options.dryRun === true, ...filterOf(options) },
        }),
      ),
    );
}

function exportCommand(run: Run) {
  return withFilter(
    leaf('export', 'write the leads of a company that the options fit to a CSV file, with phones in full')
      .argument('<company>', COMPANY)
      .argument('<file>', 'a new file; "-" is standard output'),
  )
    .addHelpText('after', '\nExample:\n  admin lead export "Acme Solar" leads.csv --since 24h')
    .action((company, file, options) =>
      run(options, async (session) =>
        (await import('./lead-export.ts')).exportLeads(session, { company, ...filterOf(options) }, file),
      ),
    );
}

function refusedCommand(run: Run) {
  return leaf(
    'refused',
    'list requests for leads that were refused in the last seven days, newest first; masked',
  )
    .option('--company <company>', COMPANY)
    .option('--phone <phone>', "in any form that a lead's phone may have")
    .option('--code <code>', 'such as DUPLICATE_LEAD', as(shortText(100)))
    .option('--campaign <id>', "the dialing system's id", as(shortText()))
    .option('--before <id>', 'only older ones than this', as(id()))
    .option('--limit <number>', 'maximum number of requests', as(wholeNumber(1, 1_000)), 50)
    .addHelpText('after', '\nExample:\n  admin lead refused --phone 5551234567')
    .action(({ before: beforeId, ...options }) =>
      run(options, async (session) => {
        const { json: _, ...search } = options;
        const { refused, next } = await session.perform(leadRefused, { ...search, beforeId });
        const more = next === null ? '' : `\n\nOlder ones: --before ${next}`;
        return {
          text:
            table(
              ['at', 'company', 'source', 'phone', 'campaign', 'status', 'code', 'why'],
              refused.map((each) => [
                ...[each.at, each.company, each.source, each.phone, each.campaignId],
                ...[each.status, each.code, each.reason],
              ]),
              'No such request was refused.',
            ) + more,
          data: refused,
        };
      }),
    );
}
