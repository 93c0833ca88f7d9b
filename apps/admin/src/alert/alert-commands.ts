import { Argument, Option } from '@commander-js/extra-typings';
import { ALERT_KINDS, type AlertCondition, type AlertKind } from '@live-feed/core/alert/alert-condition';
import {
  alertAdd,
  alertList,
  alertRemove,
  alertSet,
  type ListedRule,
} from '@live-feed/operations/alert/alert-rules';
import { alertStatus } from '@live-feed/operations/alert/alert-status';
import { readCondition, type WrittenMember } from '@live-feed/operations/alert/written-condition';
import { campaignId } from '@live-feed/operations/campaign/campaign-id';
import { choice, duration, id, shortText, wholeNumber } from '@live-feed/operations/inputs/written';
import { group, leaf, type Run } from '../command.ts';
import { as, eachAs } from '../terminal/arguments.ts';
import { hint } from '../terminal/hint.ts';
import { UsageError } from '../terminal/refusal.ts';
import { type Report, table } from '../terminal/report.ts';

const RULE = 'its id, as "alert list" shows it';
const kind = as(choice(ALERT_KINDS));

/** Options of conditions, for adding and changing rules. */
const BELOW = new Option('--below <share>', 'acceptance: such as 60%');
const FOR = new Option('--for <duration>', 'acceptance, held, no_leads: such as 15m');
const LEADS = new Option('--leads <number>', 'acceptance: of at least so many leads; 20 if left out');
const ABOVE = new Option('--above <number>', 'parked, backlog: leads; caps: a share such as 90%');
const OLDER_THAN = new Option('--older-than <duration>', 'backlog: of the oldest lead, such as 2m');
const HOURS = new Option(
  '--hours <hours>',
  'no_leads: only then, in the time zone of the company, such as "mon-fri 09:00-18:00"',
);
const CHANNEL = new Option('--channel <name>', 'tell only this channel; may be repeated').argParser(
  eachAs(shortText(100)),
);
const END_AFTER = new Option(
  '--end-after <duration>',
  'the alert ends once its condition has not been met for so long; 5m if left out',
).argParser(as(duration({ min: '1m', max: '1d' })));

export function alertCommands(run: Run) {
  return group('alert')
    .addCommand(
      leaf('status', 'show which alerts burn, and the last messages about them')
        .option('--messages <number>', 'how many messages', as(wholeNumber(0, 500)), 20)
        .action((options) =>
          run(options, async (session) => {
            const data = await session.perform(alertStatus, { messages: options.messages });
            return { text: statusText(data), data };
          }),
        ),
    )
    .addCommand(
      leaf('list', 'list rules').action((options) =>
        run(options, async (session) => {
          const { rules } = await session.perform(alertList, {});
          const none = `There is no rule yet. Add one: ${hint`alert add --help`}`;
          return { text: rulesText(rules, none), data: rules };
        }),
      ),
    )
    .addCommand(
      leaf('add', 'add a rule: its channels are told when it begins to be met, and when that ends')
        .addArgument(new Argument('<kind>', ALERT_KINDS.join(', ')).argParser(kind))
        .option('--company <company>', 'name or id; all companies if left out')
        .option(
          '--campaign <id>',
          "only this campaign of the company, by the dialing system's id",
          as(campaignId),
        )
        .option('--per-campaign', 'look at each campaign by itself')
        .addOption(BELOW)
        .addOption(FOR)
        .addOption(LEADS)
        .addOption(ABOVE)
        .addOption(OLDER_THAN)
        .addOption(HOURS)
        .addOption(CHANNEL)
        .addOption(END_AFTER)
        .addHelpText(
          'after',
          '\nExamples:\n  admin alert add acceptance --below 60% --for 15m --per-campaign\n  admin alert add held --for 10m --company "Acme Solar" --channel duty',
        )
        .action((alertKind, { company, campaign, perCampaign, channel, endAfter, ...options }) =>
          run(options, async (session) => {
            const { rule } = await session.perform(alertAdd, {
              condition: conditionOf(alertKind, options),
              ...{ company, campaignId: campaign, perCampaign },
              ...{ channels: channel && [...channel], endAfterMs: endAfter },
            });
            return changed('Added', rule);
          }),
        ),
    )
    .addCommand(
      leaf('set', 'change a rule, or switch it off or on')
        .argument('<rule>', RULE, as(id()))
        .addOption(new Option('--kind <kind>', 'with the options of a new condition').argParser(kind))
        .addOption(BELOW)
        .addOption(FOR)
        .addOption(LEADS)
        .addOption(ABOVE)
        .addOption(OLDER_THAN)
        .addOption(HOURS)
        .addOption(CHANNEL)
        .addOption(new Option('--all-channels', 'tell all channels').conflicts('channel'))
        .addOption(END_AFTER)
        .addOption(new Option('--off', 'it is not looked at; what burns ends').conflicts('on'))
        .addOption(new Option('--on', 'it is looked at again'))
        .action((rule, { kind: newKind, channel, allChannels, endAfter, off, on, ...options }) =>
          run(options, async (session) => {
            const change = {
              ...(newKind === undefined
                ? noCondition(options)
                : { condition: conditionOf(newKind, options) }),
              ...(channel === undefined ? {} : { channels: [...channel] }),
              ...(allChannels ? { channels: [] } : {}),
              ...(endAfter === undefined ? {} : { endAfterMs: endAfter }),
              ...(off || on ? { on: on === true } : {}),
            };
            if (Object.keys(change).length === 0)
              throw new UsageError(`Name a setting. See: ${hint`alert set --help`}`);
            return changed('Changed', (await session.perform(alertSet, { rule, ...change })).rule);
          }),
        ),
    )
    .addCommand(
      leaf('remove', 'remove a rule; what burns ends')
        .argument('<rule>', RULE, as(id()))
        .action((rule, options) =>
          run(options, async (session) =>
            changed('Removed', (await session.perform(alertRemove, { rule })).rule),
          ),
        ),
    );
}

type Written = Readonly<Partial<Record<WrittenMember, string | undefined>>>;

const MEMBERS = ['below', 'above', 'for', 'leads', 'olderThan', 'hours'] as const satisfies WrittenMember[];

function writtenOf(options: Written): Partial<Record<WrittenMember, string>> {
  return Object.fromEntries(
    MEMBERS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
}

/** @throws UsageError */
function conditionOf(alertKind: AlertKind, options: Written): AlertCondition {
  const reading = readCondition(alertKind, writtenOf(options));
  // The operation parses it once more.
  if (reading.ok) return reading.condition as AlertCondition;
  const said = reading.problems.map(({ member, message }) => `${optionOf(member)}: ${message}`);
  throw new UsageError(`${said.join(' ')} The kind is ${alertKind}. See: ${hint`alert add --help`}`);
}

function optionOf(member: string): string {
  return `--${member.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** @throws UsageError if a part of a condition is given without its kind */
function noCondition(options: Written): Record<string, never> {
  const [first] = Object.keys(writtenOf(options));
  if (first === undefined) return {};
  throw new UsageError(`${optionOf(first)} needs --kind, and the other options of the condition.`);
}

function changed(what: string, rule: ListedRule): Report {
  return { text: `${what} the rule ${rule.id}: ${rule.text}, of ${aboutOf(rule)}.`, data: rule };
}

function aboutOf({ companyName, campaignName, perCampaign }: ListedRule): string {
  if (campaignName !== null) return `campaign ${campaignName} of "${companyName}"`;
  const company = companyName === null ? 'all companies' : `"${companyName}"`;
  return perCampaign ? `each campaign of ${company}` : company;
}

function stateOf({ disabledAt, unreadSince, unreadWhy, burning }: ListedRule): string {
  if (disabledAt !== null) return 'off';
  if (unreadSince !== null) return `not known since ${unreadSince.toISOString()}: ${unreadWhy}`;
  return burning === 0 ? 'quiet' : `${burning} burning`;
}

function rulesText(rules: readonly ListedRule[], none: string): string {
  return table(
    ['id', 'rule', 'of', 'channels', 'state'],
    rules.map((rule) => [
      ...[rule.id, rule.text, aboutOf(rule)],
      ...[rule.channels.length === 0 ? 'all' : rule.channels.join(', '), stateOf(rule)],
    ]),
    none,
  );
}

type Status = Awaited<ReturnType<typeof alertStatus.run>>;

function statusText({ burning, messages }: Status): string {
  return [
    table(
      ['since', 'company', 'of', 'rule', 'what is known'],
      burning.map(({ since, company, subjectName, subject, text, known, isClearing }) => [
        ...[since, company.name, subjectName ?? subject, text, isClearing ? `${known} It ends soon.` : known],
      ]),
      'Nothing burns.',
    ),
    table(
      ['when', 'channel', 'message', 'sent'],
      messages.map(({ createdAt, channel, headline, sentAt, givenUpAt }) => [
        ...[createdAt, channel, headline, sentAt ?? (givenUpAt === null ? 'waits' : 'given up')],
      ]),
      'No message was written yet.',
    ),
  ].join('\n\n');
}
