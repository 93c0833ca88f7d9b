/** What the routes of the dialing systems work with. */
import type { LeadStore } from './lead-store.ts';
import type { RequestLog } from './request-log.ts';
import type { Statistics } from './statistics.ts';

export interface DialingSystem {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly store: LeadStore;
  readonly statistics: Statistics;
  readonly requests: RequestLog;
  /** The only tokens accepted; undefined accepts every token of the right shape. */
  readonly tokens: readonly string[] | undefined;
}

/** A dialing system under its base URL. */
export interface Mount {
  readonly family: 'ringcx' | 'newbridge';
  /** The path of the base URL. */
  readonly prefix: string;
  /** Lower case. */
  readonly authHeader: string;
}
