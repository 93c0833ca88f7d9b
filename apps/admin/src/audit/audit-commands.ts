import { auditList } from '@live-feed/operations/audit/audit-operations';
import { duration, id, shortText, wholeNumber } from '@live-feed/operations/inputs/written';
import { group, leaf, type Run } from '../command.ts';
import { as } from '../terminal/arguments.ts';
import { table } from '../terminal/report.ts';

export function auditCommands(run: Run) {
  return group('audit').addCommand(
    leaf('list', 'list changes with who made them, newest first')
      .option('--company <company>', 'name or id')
      .option('--actor <name>', 'a person, the label of a key, or a user of a machine', as(shortText()))
      .option(
        '--operation <name>',
        'such as key.issue, or key. for all that concern keys',
        as(shortText(100)),
      )
      .option('--since <duration>', 'so long ago at most', as(duration({ min: '1m', max: '3650d' })))
      .option('--before <entry-id>', 'only entries older than this one', as(id()))
      .option('--limit <number>', 'maximum number of entries', as(wholeNumber(1, 1_000)), 50)
      .addHelpText('after', '\nExample:\n  admin audit list --company "Acme Solar" --since 7d')
      .action(({ since, before, ...search }, command) =>
        run(command.opts(), async (session) => {
          const { entries } = await session.perform(auditList, {
            ...search,
            since: since === undefined ? undefined : new Date(Date.now() - since).toISOString(),
            beforeId: before,
          });
          return {
            text: table(
              ['when', 'who', 'by', 'from', 'what', 'company', 'target', 'result', 'id'],
              entries.map(({ at, actor, via, origin, operation, company, end, id: entryId }) => [
                ...[at, actor, via, origin, operation, company, end?.target],
                ...[end === null ? 'not known' : end.outcome, entryId],
              ]),
              'Nothing was changed yet.',
            ),
            data: entries,
          };
        }),
      ),
  );
}
