import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';
import { REASONS, type Reason } from '@live-feed/core/lead/lead-outcome';
import { LEAD_STATES, type LeadState } from '@live-feed/core/lead/lead-state';
import { choice, duration, shortText } from '@live-feed/operations/inputs/written';
import { as, eachAs } from '../terminal/arguments.ts';

/** Options that say which leads are meant. */
export interface FilterOptions {
  readonly phone?: string | undefined;
  readonly campaign?: string | undefined;
  readonly source?: string | undefined;
  readonly state?: readonly LeadState[] | undefined;
  readonly callerId?: string | undefined;
  readonly reason?: Reason | undefined;
  /** Durations until now, milliseconds. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

const age = as(duration({ min: '1m', max: '3650d' }));

/** Adds them to a command. */
export function withFilter<Args extends unknown[], Opts extends OptionValues>(command: Command<Args, Opts>) {
  return command
    .option('--phone <phone>', "in any form that a lead's phone may have")
    .option('--campaign <id>', "the dialing system's id", as(shortText()))
    .option('--source <label>', 'the label of the key that they came with', as(shortText()))
    .addOption(
      new Option('--state <state>', 'only leads in this state; may be repeated')
        .choices(LEAD_STATES)
        .argParser((text: string, before?: readonly LeadState[]) =>
          eachAs(choice(LEAD_STATES))(text, before ?? []),
        ),
    )
    .option('--caller-id <phone>', 'the number that they were called from')
    .addOption(
      new Option('--reason <reason>', 'why they are where they are')
        .choices(REASONS)
        .argParser(as(choice(REASONS))),
    )
    .option('--since <duration>', 'received so long ago at most', age)
    .option('--until <duration>', 'and so long ago at least', age);
}

/** As operations take them. */
export function filterOf({ state, since, until, ...others }: FilterOptions) {
  const { phone, campaign, source, callerId, reason } = others;
  return {
    ...{ phone, campaign, source, callerId, reason },
    states: state === undefined ? undefined : [...state],
    since: ago(since),
    until: ago(until),
  };
}

function ago(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(Date.now() - ms).toISOString();
}
