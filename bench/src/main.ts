import { parseArgs } from 'node:util';
import { runCommand } from '@live-feed/tools/run-command';
import { describeAssign, runAssign } from './assign/assign.ts';
import { describeLeadCosts } from './profile/lead-costs.ts';
import { profileScenario } from './profile/profile-scenario.ts';
import { describeResult } from './report/describe-result.ts';
import { runScenario } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';
import { limits } from './scenarios/limits.ts';
import { overhead } from './scenarios/overhead.ts';
import { throughput } from './scenarios/throughput.ts';

const scenarios: readonly Scenario[] = [limits, throughput, overhead];

// `npm run bench -- <scenario>`: see README.md.
await runCommand(async (owner) => {
  const { scenario, seconds, rounds, json, profile } = readArguments(process.argv.slice(2));
  const say = (line: string) => process.stderr.write(`${line}\n`);
  if (scenario === 'assign') {
    const result = await runAssign(owner, say);
    console.log(`\n${describeAssign(result)}`);
    if (json) console.log(JSON.stringify(result));
    return;
  }
  const options = { owner, env: process.env, seconds, rounds, say };
  console.log([scenario.question, scenario.note].filter(Boolean).join('\n'));
  if (profile) {
    for (const costs of await profileScenario(scenario, options))
      console.log(`\n${describeLeadCosts(costs)}`);
    return;
  }
  const result = await runScenario(scenario, options);
  console.log(`\n${describeResult(result)}`);
  if (json) console.log(JSON.stringify(result));
});

function readArguments(args: string[]) {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '2' },
      json: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  });
  const [named] = positionals;
  const scenario: Scenario | 'assign' | undefined =
    named === 'assign' ? named : scenarios.find(({ name }) => name === named);
  if (scenario === undefined || positionals.length > 1) {
    const names = [...scenarios.map(({ name }) => name), 'assign'].join(' | ');
    throw new Error(`npm run bench -- <${names}> [--seconds N] [--rounds N] [--json] [--profile]`);
  }
  const { json, profile } = values;
  return {
    scenario,
    seconds: positive('--seconds', values.seconds),
    rounds: Math.ceil(positive('--rounds', values.rounds)),
    json,
    profile,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`${name} must be a positive number.`);
}
