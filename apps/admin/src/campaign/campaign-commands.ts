import { Option } from '@commander-js/extra-typings';
import { campaignId } from '@live-feed/operations/campaign/campaign-id';
import { campaignAdd, campaignList, campaignSet } from '@live-feed/operations/campaign/campaigns';
import { campaignRule, ruleText } from '@live-feed/operations/inputs/duplicate-rules';
import { duration } from '@live-feed/operations/inputs/written';
import { group, leaf, type Run } from '../command.ts';
import { as } from '../terminal/arguments.ts';
import { hint } from '../terminal/hint.ts';
import { count, table } from '../terminal/report.ts';

export function campaignCommands(run: Run) {
  return group('campaign')
    .addCommand(
      leaf('add', 'add campaigns by the id that the dialing system shows')
        .argument('<company>', 'name or id')
        .argument(
          '<campaign...>',
          "the dialing system's ids",
          (text, ids: readonly string[]) => [...ids, as(campaignId)(text)],
          [],
        )
        .addHelpText('after', '\nExample:\n  admin campaign add "Acme Solar" 123456 123457')
        .action((name, ids, options) =>
          run(options, async (session) => {
            const data = await session.perform(campaignAdd, { company: name, campaignIds: [...ids] });
            const { company, added, alreadyThere, warnings } = data;
            const already = alreadyThere.length === 0 ? '' : ` Already there: ${alreadyThere.join(', ')}.`;
            const text = [
              `Added ${count(added.length, 'campaign')} to "${company.name}".${already}`,
              ...warnings.map((warning) => `Warning: ${warning}`),
            ].join('\n');
            return { text, data };
          }),
        ),
    )
    .addCommand(
      leaf('sync', 'read them from the dialing system: add new ones, keep their names, mark those that ended')
        .argument('<company>', "name or id, or its dialer's id")
        .option('--dry-run', 'only show what would change')
        .option(
          '--every <duration>',
          'also have workers do it, from 1m to 1d; off: not any more',
          (text): number | 'off' => (text === 'off' ? text : as(duration({ min: '1m', max: '1d' }))(text)),
        )
        .addHelpText('after', '\nExample:\n  admin campaign sync "Acme Solar" --every 15m')
        .action((company, options) =>
          run(options, async (session) =>
            (await import('../dialer/sync-campaigns.ts')).syncCampaigns(session, company, options),
          ),
        ),
    )
    .addCommand(
      leaf('set', 'change what becomes of duplicates in a campaign')
        .argument('<company>', 'name or id')
        .argument('<campaign>', "the dialing system's id", as(campaignId))
        .addOption(
          new Option(
            '--duplicates <rule>',
            "of one phone within a time, such as 24h:refuse, 24h:answer or 24h:refuse:company; off; company: the company's rule",
          )
            .argParser(as(campaignRule))
            .makeOptionMandatory(),
        )
        .addHelpText('after', '\nExample:\n  admin campaign set "Acme Solar" 123456 --duplicates 7d:refuse')
        .action((name, id, options) =>
          run(options, async (session) => {
            const { duplicates } = options;
            const data = await session.perform(campaignSet, { company: name, campaignId: id, duplicates });
            return { text: `Changed ${id} of "${data.company.name}".`, data };
          }),
        ),
    )
    .addCommand(
      leaf('list', "list a company's campaigns")
        .argument('<company>', 'name or id')
        .action((name, options) =>
          run(options, async (session) => {
            const { company, campaigns } = await session.perform(campaignList, { company: name });
            return {
              text: table(
                ['campaign', 'name', 'dial group', 'added', 'by', 'ended', 'duplicates'],
                campaigns.map((each) => [
                  ...[each.campaignId, each.name, each.dialGroup, each.createdAt],
                  ...[each.byHand ? 'hand' : 'sync', each.endedAt, ruleText(each.duplicates)],
                ]),
                `"${company.name}" has no campaign yet: its leads get 404. Add one: ${hint`campaign add --help`}`,
              ),
              data: campaigns,
            };
          }),
        ),
    );
}
