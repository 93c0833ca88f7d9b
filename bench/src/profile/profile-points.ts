import { openBed } from '../bed/bed.ts';
import { startCandidates } from '../comparison/candidates.ts';
import type { Comparison } from '../comparison/comparison.ts';
import { createMeasure } from '../comparison/measure.ts';
import type { Point } from '../comparison/point.ts';
import type { ScenarioOptions } from '../scenario.ts';
import { commandsBetween, parseCommandStats } from './command-stats.ts';
import { emptyProfilesFolder, keepProfile, profiledEnvironment, toggleProfiles } from './cpu-profiles.ts';
import type { LeadCosts } from './lead-costs.ts';
import { selfTimeByPlace } from './self-time.ts';
import { statementStats } from './statement-stats.ts';

/** Runs the points of Live Feed once each, under profilers. These have a cost of their own: the result is no benchmark. */
export async function profilePoints(
  comparison: Comparison,
  { owner, env, seconds, say }: Omit<ScenarioOptions, 'rounds'>,
): Promise<LeadCosts[]> {
  const { name, points, dialerMs, enforceLimits } = comparison;
  await emptyProfilesFolder();
  say('Starting PostgreSQL, Redis, the simulator and Live Feed …');
  const options = { owner, env: profiledEnvironment(env), say };
  const bed = await openBed(options, { dialerMs, enforceLimits });
  const candidates = await startCandidates(owner, bed, new Set(['live-feed']), enforceLimits);
  const measure = createMeasure(bed, candidates, comparison);
  const processes = [...bed.stack.ingresses, ...bed.stack.workers];
  const statements = statementStats(bed.database);
  const commands = async () => parseCommandStats(await bed.redis.info('commandstats'));

  const costs: LeadCosts[] = [];
  for (const point of points.filter(({ candidate }) => candidate === 'live-feed')) {
    let before = await commands();
    let after = before;
    let loadsBefore = 0;
    let loads = 0;
    const { load } = await measure(point, seconds * 1_000, {
      async onMeasuring() {
        loadsBefore = (await bed.simulator.stats()).loads;
        before = await commands();
        await statements.begin();
        toggleProfiles(processes);
      },
      async onMeasured() {
        toggleProfiles(processes);
        after = await commands();
        loads = (await bed.simulator.stats()).loads - loadsBefore;
      },
    });
    const label = labelOf(name, point);
    costs.push({
      point,
      leads: load.accepted,
      uploads: loads,
      perSecond: load.perSecond,
      commands: commandsBetween(before, after),
      statements: await statements.end(),
      processes: await Promise.all(
        processes.map(async (each) => ({
          name: each.name,
          selfTime: selfTimeByPlace(await keepProfile(each, label)),
        })),
      ),
    });
    say(`profiled: ${label}`);
  }
  return costs;
}

function labelOf(comparison: string, { callers, uploadMaximum, inFlight }: Point): string {
  return `${comparison}-${callers}-callers-${uploadMaximum}-per-upload-${inFlight}-at-once`;
}
