import { scenarioOf } from './comparison/comparison.ts';
import type { Scenario } from './scenario.ts';
import { assign } from './scenarios/assign.ts';
import { costs } from './scenarios/costs.ts';
import { dialers } from './scenarios/dialers.ts';
import { limits } from './scenarios/limits.ts';
import { overhead } from './scenarios/overhead.ts';
import { replicas } from './scenarios/replicas.ts';
import { soak } from './scenarios/soak.ts';
import { tenants } from './scenarios/tenants.ts';
import { throughput } from './scenarios/throughput.ts';
import { waitingCallers } from './scenarios/waiting-callers.ts';
import { webhooks } from './scenarios/webhooks.ts';

/** Everything that can be measured, in the order of docs/performance.md. */
export const scenarios: readonly Scenario[] = [
  ...[limits, throughput, overhead].map(scenarioOf),
  costs,
  tenants,
  dialers,
  replicas,
  soak,
  waitingCallers,
  webhooks,
  assign,
];
