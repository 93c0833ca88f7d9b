import { fileURLToPath } from 'node:url';
import { type Fault, pick } from '../fault.ts';

/** See the file: it shifts what JavaScript knows of the time of day. */
const SHIFTED_CLOCK = fileURLToPath(new URL('../shifted-clock.mjs', import.meta.url));
const MINUTES = 5;

export const clockFaults: readonly Fault[] = [shifted('ahead', MINUTES), shifted('behind', -MINUTES)];

/** A worker gives way to one with a wrong clock; when that is over, the other way round. */
function shifted(direction: 'ahead' | 'behind', minutes: number): Fault {
  return {
    name: `clock-${direction}`,
    what: `a worker's clock ${MINUTES} minutes ${direction}`,
    target: 'workers',
    async strike({ ground: { workers }, random }) {
      const replaced = pick(random, workers.awake(), 'worker');
      const wrong = await workers.add({
        NODE_OPTIONS: `--import=${SHIFTED_CLOCK}`,
        CLOCK_SHIFT_MS: String(minutes * 60_000),
      });
      await replaced.stop();
      return async () => {
        await workers.add();
        await wrong.stop();
      };
    },
  };
}
