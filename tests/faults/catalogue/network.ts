import { CLEAR, type NetworkCondition } from '../../kit/network/condition.ts';
import { waitFor } from '../../kit/wait-for.ts';
import { CannotArrange, type Fault } from '../fault.ts';

/** Of what is said to the dialing system, uploads and read-backs alike, so much meets the fault: the rest shows that the system goes on. */
const HALF = 0.5;

export const networkFaults: readonly Fault[] = [
  bad('latency', 'network: 400 ms late', { kind: 'slow', delayMs: 400 }),
  bad('jitter', 'network: up to 900 ms late', { kind: 'slow', delayMs: 0, jitterMs: 900 }),
  {
    // 8 KiB a second: a full upload takes some seconds.
    ...bad('bandwidth', 'network: 8 KiB/s', { kind: 'slow', pieceBytes: 409, everyMs: 50 }),
    bunchesCalls: true,
  },
  bad('reset-before', 'network: reset before the request', { kind: 'reset', when: 'before' }, HALF),
  bad('reset-during', 'network: reset during the request', { kind: 'reset', when: 'during' }, HALF),
  bad('reset-after', 'network: reset after the request', { kind: 'reset', when: 'after' }, HALF),
  bad('black-hole', 'network: black hole', { kind: 'blackHole' }, HALF),
  bad('half-close', 'network: half-closed in the answer', { kind: 'halfClose' }, HALF),
  bad('drip', 'network: the answer drips', { kind: 'slow', pieceBytes: 8, everyMs: 40, only: 'answers' }),
];

function bad(name: string, what: string, condition: NetworkCondition, share = 1): Fault {
  return {
    name: `network-${name}`,
    what,
    target: 'network',
    async strike({ system: { proxy } }) {
      proxy.setCondition(condition, share);
      return async () => {
        // Another fault may keep everything from being said for a while.
        await waitFor(() => proxy.spoilt() > 0, { everyMs: 50 }).catch(() => {
          throw new CannotArrange('nothing was said to the dialing system meanwhile');
        });
        proxy.setCondition(CLEAR);
      };
    },
  };
}
