import type { Fault } from '../fault.ts';
import { campaignFaults } from './campaigns.ts';
import { clockFaults } from './clock.ts';
import { dialingSystemFaults } from './dialing-system.ts';
import { networkFaults } from './network.ts';
import { postgresFaults } from './postgres.ts';
import { processFaults } from './processes.ts';
import { redisFaults } from './redis.ts';
import { signInFaults } from './sign-in.ts';

/** Every fault, in the order in which they strike singly. */
export const catalogue: readonly Fault[] = [
  ...processFaults,
  ...redisFaults,
  ...postgresFaults.map((fault) => ({ ...fault, mayStopWrites: true })),
  ...networkFaults,
  ...dialingSystemFaults,
  ...signInFaults,
  ...campaignFaults,
  ...clockFaults,
];
