import { id, wholeNumber } from '@live-feed/operations/inputs/written';
import { leadChanges, leadStopChange } from '@live-feed/operations/lead/bulk/lead-change-operations';
import { leaf, type Run } from '../command.ts';
import { as } from '../terminal/arguments.ts';
import { table } from '../terminal/report.ts';

export function changesCommand(run: Run) {
  return leaf('changes', 'list changes of many leads, newest first, with how far they are')
    .option('--company <company>', 'name or id')
    .option('--limit <number>', 'maximum number of changes', as(wholeNumber(1, 1_000)), 50)
    .action((options) =>
      run(options, async (session) => {
        const { company, limit } = options;
        const { changes } = await session.perform(leadChanges, { company, limit });
        return {
          text: table(
            ['begun', 'who', 'what', 'company', 'leads', 'of', 'state', 'id'],
            changes.map((each) => [
              ...[each.at, each.actor, each.operation, each.company],
              ...[each.done, each.of, each.state, each.id],
            ]),
            'Many leads were not changed at once yet.',
          ),
          data: changes,
        };
      }),
    );
}

export function stopChangeCommand(run: Run) {
  return leaf('stop-change', 'stop a change of many leads after the few that are under way')
    .argument('<change>', 'its id, as `lead changes` shows it', as(id()))
    .action((change, options) =>
      run(options, async (session) => {
        const { company } = await session.perform(leadStopChange, { change });
        return {
          text: `The change of leads of "${company.name}" stops after the few that are under way.`,
          data: { change },
        };
      }),
    );
}
