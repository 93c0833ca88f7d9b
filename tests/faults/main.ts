import { parseArgs } from 'node:util';
import { runCommand } from '@live-feed/tools/run-command';
import type { Owner } from '@live-feed/tools/stack/owner';
import { catalogue } from './catalogue/catalogue.ts';
import { planOf, randomFor } from './plan.ts';
import { startTestedSystem, type TestedSystem } from './system/tested-system.ts';
import { tableOf } from './table.ts';
import { runTrial, type Trial } from './trial.ts';

/** Breaches and reasons beyond these are left out of what is printed of a trial. */
const DETAILS = 10;

// `npm run test:faults -- [--seconds N] [--seed N] [--only NAME]…`: see docs/fault-runs.md.
await runCommand(async (owner) => {
  const options = readArguments(process.argv.slice(2));
  const plan = planOf({ catalogue, ...options });
  if (plan.length === 0)
    throw new Error(
      `There is no such fault. These there are:\n${catalogue.map(({ name }) => name).join('\n')}`,
    );
  say(`seed ${options.seed}, ${options.seconds} s a fault, ${plan.length} faults`);

  const trials: Trial[] = [];
  const interrupted = untilStopped(owner);
  let number = 0;
  let system: TestedSystem | undefined;
  for (const disturbance of plan) {
    system ??= await freshSystem(owner, options.seed);
    say(`[${trials.length + 1}/${plan.length}] ${disturbance.name}: ${disturbance.what}`);
    const nextNumber = () => (number += 1);
    const trial = await Promise.race([
      runTrial(disturbance, { system, ...options, nextNumber }),
      interrupted,
    ]);
    if (trial === undefined) return;
    trials.push(trial);
    tell(trial);
    // A system that has failed is not used for the next fault.
    if (isSpoilt(trial)) {
      say(indented([...system.ingresses.lastWords(), ...system.workers.lastWords()]));
      await system.stop();
      system = undefined;
    }
  }
  process.stdout.write(`\n${tableOf(trials)}\n\nseed ${options.seed}\n`);
  for (const line of leftOut(trials)) process.stdout.write(`SKIPPED ${line}\n`);
  const spoilt = trials.filter(isSpoilt);
  if (spoilt.length > 0)
    throw new Error(`Promises were broken: ${spoilt.map(({ disturbance }) => disturbance.name).join(', ')}`);
});

/** What was not judged, and why: no cell says so. */
function leftOut(trials: readonly Trial[]): string[] {
  const bunched = trials.filter(({ disturbance }) => disturbance.bunchesCalls);
  return [
    ...trials.flatMap(({ disturbance, skipped }) =>
      skipped === undefined ? [] : [`${disturbance.name}: ${skipped}`],
    ),
    ...bunched.map(
      ({ disturbance: { name } }) => `rate windows under ${name}: it delays by more than they allow for`,
    ),
    ...trials.flatMap(({ unseen }) => unseen.map((what) => `${what}: there was nobody`)),
    ...(trials.some(({ judgesCaps }) => judgesCaps) ? [] : ['caps of ANIs: there are none']),
  ];
}

/** A trial on a system that was stopped would wait for ever. */
function untilStopped(owner: Owner): Promise<undefined> {
  return new Promise((resolve) => {
    void owner.own({ stop: async () => resolve(undefined) });
  });
}

function freshSystem(owner: Owner, seed: number): Promise<TestedSystem> {
  say('starting PostgreSQL, Redis, the simulator, two workers and two ingresses');
  return startTestedSystem(owner, randomFor(seed, 'network'));
}

function isSpoilt({ breaches, failed }: Trial): boolean {
  return breaches.length > 0 || failed !== undefined;
}

function tell({ asked, breaches, recoveryMs, skipped, failed }: Trial): void {
  if (skipped !== undefined) say(`  SKIPPED: ${skipped}`);
  if (failed !== undefined) say(`  FAILED: ${failed}`);
  const recovered = recoveryMs === null ? '' : `, recovered in ${Math.round(recoveryMs)} ms`;
  say(`  ${asked.length} requests, ${breaches.length} broken promises${recovered}${refusalsOf(asked)}`);
  say(indented(breaches.map(({ kind, what }) => `${kind}: ${what}`)));
}

/** What was said instead of a 200 or 202, and how often. */
function refusalsOf(asked: Trial['asked']): string {
  const counts = new Map<string, number>();
  for (const { answer } of asked) {
    if (answer?.code) counts.set(answer.code, (counts.get(answer.code) ?? 0) + 1);
  }
  return [...counts].map(([code, times]) => `, ${times} × ${code}`).join('');
}

function indented(lines: readonly string[]): string {
  const more = lines.length > DETAILS ? [`… and ${lines.length - DETAILS} more`] : [];
  return [...lines.slice(0, DETAILS), ...more].map((line) => `    ${line}`).join('\n');
}

function say(text: string): void {
  if (text !== '') process.stderr.write(`${text}\n`);
}

function readArguments(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '5' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      only: { type: 'string', multiple: true, default: [] },
    },
  });
  const seconds = Number(values.seconds);
  const seed = Number(values.seed);
  if (!(seconds > 0 && Number.isFinite(seconds))) throw new Error('--seconds must be a positive number.');
  if (!Number.isSafeInteger(seed)) throw new Error('--seed must be a whole number.');
  return { seconds, seed, only: values.only };
}
