import { Option } from '@commander-js/extra-typings';
import type { CampaignRecord } from '@live-feed/database/directory/campaigns';
import {
  campaignPause,
  campaignRemove,
  campaignRename,
  campaignResume,
} from '@live-feed/operations/campaign/campaign-changes';
import { campaignId } from '@live-feed/operations/campaign/campaign-id';
import { campaignAdd, campaignList, campaignSet } from '@live-feed/operations/campaign/campaigns';
import { campaignRule, ruleText } from '@live-feed/operations/inputs/duplicate-rules';
import { duration, shortText } from '@live-feed/operations/inputs/written';
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
    .addCommand(pauseCommand(run))
    .addCommand(
      leaf('resume', 'end a pause: what waits is sent')
        .argument('<company>', 'name or id')
        .argument('<campaign>', "the dialing system's id", as(campaignId))
        .action((name, id, options) =>
          run(options, async (session) => {
            const data = await session.perform(campaignResume, { company: name, campaignId: id });
            const said = data.wasPaused ? 'Resumed' : 'There was no pause of';
            return { text: `${said} ${id} of "${data.company.name}".`, data };
          }),
        ),
    )
    .addCommand(
      leaf('rename', 'change what people here call a campaign; without a name it is called as there')
        .argument('<company>', 'name or id')
        .argument('<campaign>', "the dialing system's id", as(campaignId))
        .argument('[name]', 'the name', as(shortText()))
        .action((company, id, name, options) =>
          run(options, async (session) => {
            const input = { company, campaignId: id, name: name ?? null };
            const data = await session.perform(campaignRename, input);
            return { text: `${id} of "${data.company.name}" is called ${data.name ?? id}.`, data };
          }),
        ),
    )
    .addCommand(
      leaf('remove', 'remove a campaign that no lead under way, pool or key needs any more')
        .argument('<company>', 'name or id')
        .argument('<campaign>', "the dialing system's id", as(campaignId))
        .requiredOption('--yes', 'do it')
        .action((name, id, options) =>
          run(options, async (session) => {
            const data = await session.perform(campaignRemove, { company: name, campaignId: id });
            const note = data.isListed
              ? ' The dialing system lists it: whoever reads its campaigns adds it again.'
              : '';
            return { text: `Removed ${id} of "${data.company.name}".${note}`, data };
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
                ['campaign', 'name', 'dial group', 'added', 'by', 'ended', 'duplicates', 'paused'],
                campaigns.map((each) => [
                  ...[each.campaignId, each.ownName ?? each.name, each.dialGroup, each.createdAt],
                  ...[each.byHand ? 'hand' : 'sync', each.endedAt, ruleText(each.duplicates)],
                  describePause(each.pause),
                ]),
                `"${company.name}" has no campaign yet: its leads get 404. Add one: ${hint`campaign add --help`}`,
              ),
              data: campaigns,
            };
          }),
        ),
    );
}

function pauseCommand(run: Run) {
  return leaf('pause', 'stop one campaign alone: its leads wait, and new ones are refused or kept')
    .argument('<company>', 'name or id')
    .argument('<campaign>', "the dialing system's id", as(campaignId))
    .addOption(
      new Option('--refuse', 'refuse new leads with 429 (what happens without --keep)').conflicts('keep'),
    )
    .option('--keep', 'take new leads whose callers do not wait (Prefer), and send them later')
    .option('--for <duration>', 'for how long, from 1m to 7d', as(duration({ min: '1m', max: '7d' })))
    .option('--reason <text>', 'why; shown to everybody', as(shortText()))
    .addHelpText(
      'after',
      '\nExample:\n  admin campaign pause "Acme Solar" 123456 --for 2h --reason "wrong script"',
    )
    .action((name, id, options) =>
      run(options, async (session) => {
        const { keep, for: forMs, reason } = options;
        const newLeads = keep ? 'keep' : 'refuse';
        const input = { company: name, campaignId: id, newLeads, forMs, reason } as const;
        const data = await session.perform(campaignPause, input);
        const about = `Paused ${id} of "${data.company.name}": ${describePause(data.pause)}. Within 5 seconds everywhere.`;
        return { text: `${about} End it with: ${hint`campaign resume ${data.company.name} ${id}`}`, data };
      }),
    );
}

function describePause(pause: CampaignRecord['pause']): string | undefined {
  if (pause === null) return undefined;
  const until = pause.until === null ? 'until resumed' : `until ${pause.until.toISOString()}`;
  const because = pause.because === null ? '' : ` (${pause.because})`;
  return `${until}, new leads ${pause.kind === 'keep' ? 'kept' : 'refused'}${because}`;
}
