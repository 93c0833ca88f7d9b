import { studyOf } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';
import { limits } from './scenarios/limits.ts';
import { overhead } from './scenarios/overhead.ts';
import { throughput } from './scenarios/throughput.ts';
import { assign } from './studies/assign.ts';
import { costs } from './studies/costs.ts';
import { dialers } from './studies/dialers.ts';
import { replicas } from './studies/replicas.ts';
import { soak } from './studies/soak.ts';
import { tenants } from './studies/tenants.ts';
import { waitingCallers } from './studies/waiting-callers.ts';
import type { Study } from './study.ts';

export const scenarios: readonly Scenario[] = [limits, throughput, overhead];

/** Everything that can be measured, in the order of docs/performance.md. */
export const studies: readonly Study[] = [
  ...scenarios.map(studyOf),
  costs,
  tenants,
  dialers,
  replicas,
  soak,
  waitingCallers,
  assign,
];
