import { Option } from '@commander-js/extra-typings';
import { REASONS } from '@live-feed/core/lead/lead-outcome';
import { LEAD_STATES } from '@live-feed/core/lead/lead-state';
import { FIGURES_BY } from '@live-feed/database/figures/lead-figures';
import { choice, duration, id, shortText, wholeNumber } from '@live-feed/operations/inputs/written';
import { group, leaf, type Run } from '../command.ts';
import { as } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/refusal.ts';
import { theLead } from './find-lead.ts';
import { listLeads, showLead } from './lead-show.ts';

const LEAD = 'its id, or its phone together with --company';
const COMPANY = 'name or id';

export function leadCommands(run: Run) {
  return group('lead')
    .addCommand(
      leaf('show', 'show state, outcome and every call to the dialing system; masked')
        .argument('<lead>', LEAD)
        .option('--company <company>', COMPANY)
        .action((lead, options) =>
          run(options, async (session) => showLead(session, await theLead(session, lead, options.company))),
        ),
    )
    .addCommand(listCommand(run))
    .addCommand(figuresCommand(run))
    .addCommand(
      leaf('cancel', 'give back a promised lead that was not sent')
        .argument('<lead>', LEAD)
        .option('--company <company>', COMPANY)
        .action((lead, options) =>
          run(options, async (session) =>
            (await import('./lead-changes.ts')).cancelLead(session, lead, options),
          ),
        ),
    )
    .addCommand(retryCommand(run))
    .addCommand(
      leaf('resolve', 'record what became of a parked lead, after looking in the dialing system')
        .argument('<lead>', LEAD)
        .addOption(
          new Option('--as <outcome>', 'accepted: it is there; rejected, failed: it is not')
            .choices(['accepted', 'rejected', 'failed'] as const)
            .makeOptionMandatory(),
        )
        .option('--company <company>', COMPANY)
        .action((lead, options) =>
          run(options, async (session) =>
            (await import('./lead-changes.ts')).resolveLead(session, lead, options),
          ),
        ),
    );
}

function listCommand(run: Run) {
  return leaf('list', 'list leads, newest first; masked')
    .option('--company <company>', COMPANY)
    .option('--phone <phone>', "in any form that a lead's phone may have; needs --company")
    .option('--campaign <id>', "the dialing system's id", as(shortText()))
    .option('--source <label>', 'the label of the key that they came with', as(shortText()))
    .addOption(
      new Option('--state <state>', 'only leads in this state')
        .choices(LEAD_STATES)
        .argParser(as(choice(LEAD_STATES))),
    )
    .option('--before <lead-id>', 'only leads older than this one', as(id()))
    .option('--limit <number>', 'maximum number of leads', as(wholeNumber(1, 1_000)), 50)
    .addHelpText('after', '\nExample:\n  admin lead list --state PARKED')
    .action((options) => run(options, (session) => listLeads(session, options)));
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

function retryCommand(run: Run) {
  return leaf('retry', 'retry a parked lead; one that may have been taken is verified before it is sent')
    .argument('[lead]', LEAD)
    .option('--company <company>', COMPANY)
    .option('--all', 'all parked leads of --company')
    .addOption(
      new Option('--reason <reason>', 'with --all: only those parked for this')
        .choices(REASONS)
        .argParser(as(choice(REASONS))),
    )
    .addOption(
      new Option('--for <duration>', 'minimum time to try it, even beyond its maximum age')
        .argParser(as(duration({ min: '1m', max: '30d' })))
        .default(3_600_000, '1h'),
    )
    .addHelpText(
      'after',
      '\nExample:\n  admin lead retry --all --company "Acme Solar" --reason DIALER_TOKEN_REFUSED',
    )
    .action((lead, options) =>
      run(options, async (session) => {
        const { retryAllParked, retryLead } = await import('./lead-changes.ts');
        const { company } = options;
        if (options.all !== true && lead !== undefined) return retryLead(session, lead, options);
        if (options.all === true && lead === undefined && company !== undefined) {
          return retryAllParked(session, { ...options, company });
        }
        throw new UsageError('Name one lead, or --all together with --company.');
      }),
    );
}
