import { parseArgs } from 'node:util';
import { runCommand } from '@live-feed/tools/run-command';
import { presentCommit } from './machine.ts';
import { describeLeadCosts } from './profile/lead-costs.ts';
import { profileScenario } from './profile/profile-scenario.ts';
import { describeFinding } from './report/describe-finding.ts';
import { keepFinding, writePage } from './report/results-folder.ts';
import { describeOutcomes, runAll } from './run-all.ts';
import { type RunOptions, runStudy } from './run-study.ts';
import { scenarios, studies } from './studies.ts';

const usage = `npm run bench -- <${studies.map(({ name }) => name).join(' | ')} | all> [--seconds N] [--rounds N] [--json] [--keep] [--profile]`;

// `npm run bench -- <name>`: see README.md.
await runCommand(async (owner) => {
  const { name, seconds, rounds, json, keep, profile } = readArguments(process.argv.slice(2));
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const options = { owner, env: process.env, commit: await presentCommit(), seconds, rounds, say };
  if (name === 'all') return measureAll(options, json || keep);
  const study = studies.find((each) => each.name === name);
  if (study === undefined) throw new Error(usage);
  console.log(study.question);
  if (study.note !== undefined) console.log(study.note);
  if (profile) {
    const scenario = scenarios.find((each) => each.name === name);
    if (scenario === undefined) throw new Error(`${name} has no profile.`);
    const costs = await profileScenario(scenario, { ...options, seconds: seconds ?? 5 });
    for (const each of costs) console.log(`\n${describeLeadCosts(each)}`);
    return;
  }
  const finding = await runStudy(study, options, 'alone');
  console.log(`\n${describeFinding(finding)}`);
  if (keep) {
    await keepFinding(finding);
    await writePage();
  }
  if (json) console.log(JSON.stringify(finding));
});

async function measureAll(options: RunOptions, keep: boolean): Promise<void> {
  const outcomes = await runAll(studies, options, async (finding) => {
    console.log(`\n${describeFinding(finding)}`);
    if (keep) await keepFinding(finding);
  });
  if (keep) await writePage();
  console.log(`\n${describeOutcomes(outcomes)}`);
  if (outcomes.some(({ finding }) => finding === undefined)) process.exitCode = 1;
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
