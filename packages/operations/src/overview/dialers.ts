import { listWatchedDialers, type WatchedDialer } from '@live-feed/database/overview/dialers-to-watch';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { type DialerState, readDialerStates } from '@live-feed/queue/limits/dialer-states';
import { Refusal } from '../refusal.ts';
import type { Resources } from '../resources.ts';
import { type Attention, ofDialer, ofRedis } from './attention.ts';
import { type DialerLight, type Light, lightOf } from './dialer-light.ts';

export interface DialerLine extends DialerLight {
  readonly dialerId: string;
  readonly companyId: string;
  readonly company: string;
  readonly family: string;
  /** Null if it is not held. */
  readonly heldUntil: Date | null;
  /** Leads in its queue, without those that a worker has taken. */
  readonly waiting: number;
}

export interface Dialers {
  /** Troubled ones first. Null while Redis cannot be asked. */
  readonly lines: readonly DialerLine[] | null;
  /** Leads that wait for any of them; null while Redis cannot be asked. */
  readonly backlog: number | null;
  readonly attention: readonly Attention[];
}

const REDIS_LIMIT_MS = 2_000;

const ORDER: readonly Light[] = ['held', 'failing', 'paused', 'serving'];

export async function dialersOf(
  resources: Pick<Resources, 'database' | 'redis'>,
  companyId: string | undefined,
  nowMs: number,
): Promise<Dialers> {
  const dialers = await listWatchedDialers(resources.database, companyId);
  let states: ReadonlyMap<string, DialerState>;
  try {
    states = await readDialerStates(await resources.redis(), dialers.map(dialerAddress), REDIS_LIMIT_MS);
  } catch (error) {
    // Figures are worth something without it.
    const why = error instanceof Refusal ? error.message : 'Redis does not answer.';
    return { lines: null, backlog: null, attention: [ofRedis(why)] };
  }
  const known = dialers.flatMap((dialer) => {
    const state = states.get(dialer.id);
    return state === undefined ? [] : [{ dialer, state }];
  });
  return {
    lines: known
      .map(({ dialer, state }) => lineOf(dialer, state))
      .sort((one, other) => ORDER.indexOf(one.light) - ORDER.indexOf(other.light)),
    backlog: known.reduce((sum, { state }) => sum + state.waiting, 0),
    attention: known.flatMap(({ dialer: { companyId, company }, state }) =>
      ofDialer({ companyId, company, state }, nowMs),
    ),
  };
}

function lineOf({ id, companyId, company, family }: WatchedDialer, state: DialerState): DialerLine {
  return {
    ...{ dialerId: id, companyId, company, family },
    ...lightOf(state),
    ...{ heldUntil: state.standing?.heldUntil ?? null, waiting: state.waiting },
  };
}
