import { Argument, Option } from '@commander-js/extra-typings';
import { CHANNEL_KINDS } from '@live-feed/core/alert/alert-channel';
import {
  alertChannelAdd,
  alertChannelList,
  alertChannelRemove,
  alertChannelSet,
  alertChannelTest,
} from '@live-feed/operations/alert/alert-channels';
import { choice, shortText, wholeNumber } from '@live-feed/operations/inputs/written';
import { group, leaf, type Run } from '../command.ts';
import type { Session } from '../session.ts';
import { as, eachAs } from '../terminal/arguments.ts';
import { hint } from '../terminal/hint.ts';
import { UsageError } from '../terminal/refusal.ts';
import { type Report, table } from '../terminal/report.ts';
import { readSecret } from '../terminal/secret-input.ts';

const TO = new Option('--to <address>', 'email: an address; may be repeated').argParser(
  eachAs(shortText(254)),
);
const URL_FILE = new Option(
  '--url-file <file>',
  'slack, webhook: file of the URL, which is a secret; "-" reads standard input',
);
const PER_HOUR = new Option(
  '--per-hour <number>',
  'messages in an hour at most; what is more waits, and goes as one; 20 if left out',
).argParser(as(wholeNumber(1, 1_000)));

interface TargetOptions {
  readonly to?: readonly string[] | undefined;
  readonly urlFile?: string | undefined;
}

export function channelCommands(run: Run) {
  const name = new Argument('<channel>', 'its name').argParser(as(shortText(100)));
  return group('alert-channel')
    .addCommand(
      leaf('list', 'list channels: where they lead, and whether they work').action((options) =>
        run(options, async (session) => {
          const { channels } = await session.perform(alertChannelList, {});
          const none = `There is no channel yet. Add one: ${hint`alert-channel add --help`}`;
          return { text: channelsText(channels, none), data: channels };
        }),
      ),
    )
    .addCommand(
      leaf('add', 'add a channel')
        .addArgument(name)
        .addArgument(new Argument('<kind>', CHANNEL_KINDS.join(', ')).argParser(as(choice(CHANNEL_KINDS))))
        .addOption(TO)
        .addOption(URL_FILE)
        .addOption(PER_HOUR)
        .addHelpText(
          'after',
          '\nExamples:\n  admin alert-channel add duty email --to duty@example.com\n  admin alert-channel add chat slack --url-file -',
        )
        .action((channel, kind, { perHour, ...options }) =>
          run(options, async (session) => {
            const target = await targetOf(session, kind, options);
            if (target === undefined)
              throw new UsageError(`${kind} needs ${kind === 'email' ? '--to' : '--url-file'}.`);
            const data = await session.perform(alertChannelAdd, { channel, target, mostPerHour: perHour });
            return { text: madeText(`Added the channel "${channel}".`, data.secret, channel), data };
          }),
        ),
    )
    .addCommand(
      leaf('set', 'change where a channel leads, or switch it off or on')
        .addArgument(name)
        .addOption(TO)
        .addOption(URL_FILE)
        .addOption(PER_HOUR)
        .addOption(new Option('--off', 'it is not told; what waits is given up').conflicts('on'))
        .addOption(new Option('--on', 'it is told again'))
        .action((channel, { perHour, off, on, ...options }) =>
          run(options, async (session) => {
            const { channels } = await session.perform(alertChannelList, {});
            const kind = channels.find((each) => each.name === channel)?.kind ?? 'email';
            const target = await targetOf(session, as(choice(CHANNEL_KINDS))(kind), options);
            const change = {
              ...(target === undefined ? {} : { target }),
              ...(perHour === undefined ? {} : { mostPerHour: perHour }),
              ...(off || on ? { on: on === true } : {}),
            };
            if (Object.keys(change).length === 0)
              throw new UsageError(`Name a setting. See: ${hint`alert-channel set --help`}`);
            const data = await session.perform(alertChannelSet, { channel, ...change });
            return { text: madeText(`Changed the channel "${channel}".`, data.secret, channel), data };
          }),
        ),
    )
    .addCommand(
      leaf('test', 'have a worker send a message now, and print what came of it')
        .addArgument(name)
        .action((channel, options) =>
          run(options, async (session) => {
            const data = await session.perform(alertChannelTest, { channel });
            const { sent, result } = data;
            const why =
              result ?? 'no worker has tried yet, or the channel has had its messages of this hour; it waits';
            const text = `${sent ? 'Sent' : 'Not sent'}: ${why}.`;
            return { text, data, failed: !sent };
          }),
        ),
    )
    .addCommand(
      leaf('remove', 'remove a channel and its messages; rules that tell no other are switched off')
        .addArgument(name)
        .action((channel, options) =>
          run(options, async (session) => {
            const data = await session.perform(alertChannelRemove, { channel });
            return { text: `Removed the channel "${channel}".`, data };
          }),
        ),
    );
}

/** @throws UsageError for options of another kind @returns undefined if none is given */
async function targetOf(
  { terminal }: Session,
  kind: (typeof CHANNEL_KINDS)[number],
  { to, urlFile }: TargetOptions,
) {
  if (kind === 'email') {
    if (urlFile !== undefined) throw new UsageError('A channel of the kind email has --to, not --url-file.');
    return to === undefined ? undefined : { kind, to: [...to] };
  }
  if (to !== undefined) throw new UsageError(`A channel of the kind ${kind} has --url-file, not --to.`);
  return urlFile === undefined ? undefined : { kind, url: await readSecret(terminal, urlFile, 'URL') };
}

function madeText(done: string, secret: string | undefined, channel: string): string {
  const tryIt = `Try it with: ${hint`alert-channel test ${channel}`}`;
  if (secret === undefined) return `${done} ${tryIt}`;
  return [`secret  ${secret}`, '', `${done} The secret is not shown again: store it now.`, tryIt].join('\n');
}

type Listed = Awaited<ReturnType<typeof alertChannelList.run>>['channels'];

function channelsText(channels: Listed, none: string): Report['text'] {
  return table(
    ['channel', 'kind', 'goes to', 'state', 'last result', 'last at', 'waiting', 'an hour'],
    channels.map(({ name, kind, goesTo, state, failingSince, lastResult, lastAt, waiting, mostPerHour }) => [
      ...[name, kind, goesTo, failingSince === null ? state : `fails since ${failingSince.toISOString()}`],
      ...[lastResult, lastAt, waiting, mostPerHour],
    ]),
    none,
  );
}
