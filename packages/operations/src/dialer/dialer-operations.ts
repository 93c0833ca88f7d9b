import { dialerDrain } from './dialer-drain.ts';
import { dialerHold, dialerRelease } from './dialer-hold.ts';
import { dialerSet } from './dialer-set.ts';
import { dialerShow } from './dialer-show.ts';
import { dialerAccounts, dialerTest } from './dialer-test.ts';

export const DIALER_OPERATIONS = [
  ...[dialerAccounts, dialerDrain, dialerHold, dialerRelease, dialerSet, dialerShow, dialerTest],
];
