import { clockFaults } from './catalogue/clock.ts';
import { dialingSystemFaults } from './catalogue/dialing-system.ts';
import { networkFaults } from './catalogue/network.ts';
import { postgresFaults } from './catalogue/postgres.ts';
import { processFaults } from './catalogue/processes.ts';
import { redisFaults } from './catalogue/redis.ts';
import type { Fault } from './fault.ts';

/** Every fault, in the order in which they strike singly. */
export const catalogue: readonly Fault[] = [
  ...processFaults,
  ...redisFaults,
  ...postgresFaults.map((fault) => ({ ...fault, mayStopWrites: true })),
  ...networkFaults,
  ...dialingSystemFaults,
  ...clockFaults,
];
