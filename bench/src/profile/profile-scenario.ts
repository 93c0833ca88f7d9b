import type { Owner } from '@live-feed/tools/stack/owner';
import { createMeasure } from '../measure.ts';
import type { Point, Scenario } from '../scenario.ts';
import { openTestBed } from '../test-bed.ts';
import { commandsBetween, parseCommandStats } from './command-stats.ts';
import { emptyProfilesFolder, keepProfile, profiledEnvironment, toggleProfiles } from './cpu-profiles.ts';
import type { LeadCosts } from './lead-costs.ts';
import { selfTimeByPlace } from './self-time.ts';
import { statementStats } from './statement-stats.ts';

/** Runs Live Feed's points once each, under profilers, which cost something themselves: what it prints is no benchmark. */
export async function profileScenario(
  scenario: Scenario,
  options: {
    readonly owner: Owner;
    readonly env: NodeJS.ProcessEnv;
    readonly seconds: number;
    readonly say: (line: string) => void;
  },
): Promise<LeadCosts[]> {
  const { owner, env, seconds, say } = options;
  const { name, points, dialerMs, enforceLimits } = scenario;
  await emptyProfilesFolder();
  say('Starting PostgreSQL, Redis, the simulator and Live Feed …');
  const candidates = new Set(['live-feed'] as const);
  const bed = await openTestBed({ owner, env: profiledEnvironment(env), candidates, enforceLimits, say });
  await bed.simulator.behave({ delayMs: dialerMs, enforceLimits });
  const measure = createMeasure(owner, bed, scenario);
  const processes = [...bed.stack.ingresses, ...bed.stack.workers];
  const statements = statementStats(bed.database);
  const commands = async () => parseCommandStats(await bed.redis.info('commandstats'));

  const costs: LeadCosts[] = [];
  for (const point of points.filter(({ candidate }) => candidate === 'live-feed')) {
    let before = await commands();
    let after = before;
    let loadsBefore = 0;
    let loads = 0;
    const { load } = await measure(point, {
      measuredMs: seconds * 1_000,
      observer: {
        async begin() {
          loadsBefore = (await bed.simulator.stats()).loads;
          before = await commands();
          await statements.begin();
          toggleProfiles(processes);
        },
        async end() {
          toggleProfiles(processes);
          after = await commands();
          loads = (await bed.simulator.stats()).loads - loadsBefore;
        },
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

function labelOf(scenario: string, { callers, uploadMaximum, inFlight }: Point): string {
  return `${scenario}-${callers}-callers-${uploadMaximum}-per-upload-${inFlight}-at-once`;
}
