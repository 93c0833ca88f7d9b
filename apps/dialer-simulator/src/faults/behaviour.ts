/** The current scenario with the uses of its rules and the counts of its rate windows. Replaced as a whole. */

import { createRateWindows, type RateWindows } from '../api/rate-windows.ts';
import type { Operation } from '../control/statistics.ts';
import { createFaultPlanner, type FaultPlanner } from './fault-plan.ts';
import type { Scenario } from './scenario.ts';

export interface Behaviour {
  readonly scenario: Scenario;
  readonly faults: FaultPlanner;
  /** Null if the limits are not enforced. */
  readonly windows: Readonly<Record<Operation, RateWindows>> | null;
}

export interface BehaviourDefaults {
  readonly enforceLimits: boolean;
  readonly random: () => number;
}

export function createBehaviour(scenario: Scenario, defaults: BehaviourDefaults): Behaviour {
  const { limits, rules } = scenario;
  return {
    scenario,
    faults: createFaultPlanner(rules, defaults.random),
    windows:
      (scenario.enforceLimits ?? defaults.enforceLimits)
        ? {
            upload: createRateWindows(limits.upload),
            readBack: createRateWindows(limits.readBack),
            campaigns: createRateWindows(limits.listings),
            accounts: createRateWindows(limits.listings),
            leadActions: createRateWindows(limits.leadActions),
          }
        : null,
  };
}
