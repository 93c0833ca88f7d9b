import { parseArgs } from 'node:util';
import { runCommand } from '@live-feed/tools/run-command';
import { describeLeadCosts } from './profile/lead-costs.ts';
import { describeFinding } from './report/describe-finding.ts';
import { keepFinding, writePage } from './report/results-folder.ts';
import { type RunOptions, runAll, runScenario } from './run.ts';
import { scenarios } from './scenarios.ts';
import { presentCommit } from './usage/machine.ts';

const usage = `npm run bench -- <${scenarios.map(({ name }) => name).join(' | ')} | all> [--seconds N] [--rounds N] [--json] [--keep] [--profile]`;

// `npm run bench -- <name>`: see README.md.
await runCommand(async (owner) => {
  const { name, seconds, rounds, json, keep, profile } = readArguments(process.argv.slice(2));
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const options = { owner, env: process.env, commit: await presentCommit(), seconds, rounds, say };
  if (name === 'all') return measureAll(options, json || keep);
  const scenario = scenarios.find((each) => each.name === name);
  if (scenario === undefined) throw new Error(usage);
  console.log(scenario.question);
  if (scenario.note !== undefined) console.log(scenario.note);
  if (profile) {
    if (scenario.profile === undefined) throw new Error(`${name} has no profile.`);
    const costs = await scenario.profile({ ...options, seconds: seconds ?? 5 });
    for (const each of costs) console.log(`\n${describeLeadCosts(each)}`);
    return;
  }
  const finding = await runScenario(scenario, options, 'alone');
  console.log(`\n${describeFinding(finding)}`);
  if (keep) {
    await keepFinding(finding);
    await writePage();
  }
  if (json) console.log(JSON.stringify(finding));
});

async function measureAll(options: RunOptions, keep: boolean): Promise<void> {
  const { summary, complete } = await runAll(scenarios, options, async (finding) => {
    console.log(`\n${describeFinding(finding)}`);
    if (keep) await keepFinding(finding);
  });
  if (keep) await writePage();
  console.log(`\n${summary}`);
  if (!complete) process.exitCode = 1;
}

function readArguments(args: string[]) {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  });
  const [name, ...others] = positionals;
  if (name === undefined || others.length > 0) throw new Error(usage);
  const { json, keep, profile } = values;
  const rounds = positive('--rounds', values.rounds);
  return {
    name,
    seconds: positive('--seconds', values.seconds),
    rounds: rounds === undefined ? undefined : Math.ceil(rounds),
    json,
    keep,
    profile,
  };
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`${name} must be a positive number.`);
}
