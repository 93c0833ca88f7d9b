import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Fault, pick } from '../fault.ts';
import { dialingSystemsDo } from '../system/dialing-system.ts';

/** See the file: it shifts what JavaScript knows of the time of day. */
const SHIFTED_CLOCK = fileURLToPath(new URL('../system/shifted-clock.mjs', import.meta.url));
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Longer than a dialing system is waited for once an upload is over. */
const STEP_MS = 10_000;
/** Later than a worker waits for an answer (10 s), sooner than absence counts (15 s after the intent). */
const LATE_MS = 12_000;

export const clockFaults: readonly Fault[] = [
  shifted('clock-ahead', "a worker's clock 5 minutes ahead", 5 * MINUTE_MS),
  shifted('clock-behind', "a worker's clock 5 minutes behind", -5 * MINUTE_MS),
  // Further than final leads are kept.
  shifted('clock-months-ahead', "a worker's clock 100 days ahead", 100 * DAY_MS),
  stepped('forward', STEP_MS),
  stepped('back', -STEP_MS),
];

/** Uploads end without an answer and take effect later: until then their leads look absent. The clock stays as it is then. */
function stepped(direction: 'forward' | 'back', ms: number): Fault {
  return {
    name: `postgres-clock-${direction}`,
    what: `PostgreSQL's clock steps ${direction} by 10 s during uploads that take effect after their time-out`,
    target: 'PostgreSQL',
    lastsMs: 2 * LATE_MS,
    async strike({ system }) {
      await dialingSystemsDo(system, [
        { on: 'upload', probability: 0.3, fault: { kind: 'delay', ms: LATE_MS } },
      ]);
      await delay(LATE_MS / 2);
      await system.databaseClock.step(ms);
      return () => dialingSystemsDo(system);
    },
  };
}

/** A worker gives way to one with a wrong clock; when that is over, the other way round. */
function shifted(name: string, what: string, shiftMs: number): Fault {
  return {
    name,
    what,
    target: 'workers',
    async strike({ system: { workers }, random }) {
      const replaced = pick(random, workers.awake(), 'worker');
      const wrong = await workers.add({
        NODE_OPTIONS: `--import=${SHIFTED_CLOCK}`,
        CLOCK_SHIFT_MS: String(shiftMs),
      });
      await replaced.stop();
      return async () => {
        await workers.add();
        await wrong.stop();
      };
    },
  };
}
