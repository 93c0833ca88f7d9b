import { parseArgs } from 'node:util';
import { runCommand } from '@live-feed/tools/run-command';
import { CANDIDATES, type CandidateName } from './comparison/point.ts';
import { describeLeadCosts } from './profile/lead-costs.ts';
import { describeFinding } from './report/describe-finding.ts';
import { keepFinding, writePage } from './report/results-folder.ts';
import { type RunOptions, runAll, runScenario } from './run.ts';
import { scenarios } from './scenarios.ts';
import { presentCommit } from './usage/machine.ts';

const usage = `npm run bench -- <${scenarios.map(({ name }) => name).join(' | ')} | all> [--seconds N] [--rounds N] [--json] [--keep] [--profile] [--dialers N,…] [--candidate NAME,…]`;

// `npm run bench -- <name>`: see README.md.
await runCommand(async (owner) => {
  const { name, json, keep, profile, ...wanted } = readArguments(process.argv.slice(2));
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const options = { owner, env: process.env, commit: await presentCommit(), say, ...wanted };
  if (name === 'all') return measureAll(options, json || keep);
  const scenario = scenarios.find((each) => each.name === name);
  if (scenario === undefined) throw new Error(usage);
  if ((wanted.dialers ?? wanted.candidates) !== undefined && !scenario.narrows)
    throw new Error(`${name} takes neither --dialers nor --candidate.`);
  console.log(scenario.question);
  if (scenario.note !== undefined) console.log(scenario.note);
  if (profile) {
    if (scenario.profile === undefined) throw new Error(`${name} has no profile.`);
    const costs = await scenario.profile({ ...options, seconds: wanted.seconds ?? 5 });
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
      dialers: { type: 'string' },
      candidate: { type: 'string' },
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
    ...(values.dialers === undefined ? {} : { dialers: dialerCounts(values.dialers) }),
    ...(values.candidate === undefined ? {} : { candidates: candidateNames(values.candidate) }),
  };
}

function dialerCounts(text: string): number[] {
  const counts = text.split(',').map(Number);
  if (counts.every((count, at) => Number.isInteger(count) && count > (counts[at - 1] ?? 0))) return counts;
  throw new Error('--dialers must be whole numbers that rise, such as 100,200.');
}

function candidateNames(text: string): CandidateName[] {
  return text.split(',').map((name) => {
    const known = CANDIDATES.find((each) => each === name);
    if (known === undefined) throw new Error(`--candidate must be of ${CANDIDATES.join(', ')}.`);
    return known;
  });
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`${name} must be a positive number.`);
}
