import { parseArgs } from 'node:util';
import { runCommand } from '@live-feed/tools/run-command';
import { describeLeadCosts } from './profile/lead-costs.ts';
import { profileScenario } from './profile/profile-scenario.ts';
import { describeResult } from './report/describe-result.ts';
import { runScenario } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';
import { limits } from './scenarios/limits.ts';
import { overhead } from './scenarios/overhead.ts';
import { throughput } from './scenarios/throughput.ts';
import { assign } from './studies/assign.ts';
import { waitingCallers } from './studies/waiting-callers.ts';
import type { Study } from './study.ts';

const scenarios: readonly Scenario[] = [limits, throughput, overhead];
const studies: readonly Study[] = [waitingCallers, assign];

// `npm run bench -- <scenario>`: see README.md.
await runCommand(async (owner) => {
  const { chosen, seconds, rounds, json, profile } = readArguments(process.argv.slice(2));
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const options = { owner, env: process.env, seconds, rounds, say };
  console.log(chosen.question);
  if ('run' in chosen) {
    const { text, facts } = await chosen.run(options);
    console.log(`\n${text}`);
    if (json) console.log(JSON.stringify({ study: chosen.name, ...facts }));
    return;
  }
  if (chosen.note !== undefined) console.log(chosen.note);
  if (profile) {
    for (const costs of await profileScenario(chosen, options)) console.log(`\n${describeLeadCosts(costs)}`);
    return;
  }
  const result = await runScenario(chosen, options);
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
  const all = [...scenarios, ...studies];
  const chosen = all.find(({ name }) => name === positionals[0]);
  if (chosen === undefined || positionals.length > 1) {
    const names = all.map(({ name }) => name).join(' | ');
    throw new Error(`npm run bench -- <${names}> [--seconds N] [--rounds N] [--json] [--profile]`);
  }
  const { json, profile } = values;
  return {
    chosen,
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
