/** What the routes of the dialing systems work with. */
import type { Behaviour } from './behaviour.ts';
import type { Family, LeadStore } from './lead-store.ts';
import type { Pauses } from './pauses.ts';
import type { RequestLog } from './request-log.ts';
import type { Scenario } from './scenario.ts';
import type { Statistics } from './statistics.ts';

export interface DialingSystem {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly store: LeadStore;
  readonly statistics: Statistics;
  readonly requests: RequestLog;
  readonly pause: Pauses['pause'];
  readonly behaviour: () => Behaviour;
  /** Puts another scenario in force, with fresh windows and no rule used up. */
  readonly behave: (scenario: Scenario) => void;
  /** The only tokens accepted; undefined accepts every token of the right shape. */
  readonly tokens: readonly string[] | undefined;
}

/** A dialing system under its base URL. */
export interface Mount {
  readonly family: Family;
  /** The path of the base URL. */
  readonly prefix: string;
  /** Lower case. */
  readonly authHeader: string;
}
