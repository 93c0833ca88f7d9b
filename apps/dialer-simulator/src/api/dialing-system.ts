/** What the routes of the simulated dialing systems share. */

import type { CampaignStore } from '../account/campaign-store.ts';
import type { RequestLog } from '../control/request-log.ts';
import type { Statistics } from '../control/statistics.ts';
import type { Behaviour } from '../faults/behaviour.ts';
import type { Pauses } from '../faults/pauses.ts';
import type { Scenario } from '../faults/scenario.ts';
import type { Sessions } from '../sign-in/sessions.ts';
import type { Family, LeadStore } from './lead-store.ts';

export interface DialingSystem {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly store: LeadStore;
  readonly campaigns: CampaignStore;
  readonly sessions: Sessions;
  readonly statistics: Statistics;
  readonly requests: RequestLog;
  readonly pause: Pauses['pause'];
  readonly behaviour: () => Behaviour;
  /** Applies another scenario, with new rate windows and unused rules. */
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
