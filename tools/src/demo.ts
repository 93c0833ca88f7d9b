import { performance } from 'node:perf_hooks';
import { type BurstSummary, postBurst } from './demo/burst.ts';
import { documentedExample } from './demo/documented-example.ts';
import { postLeadPatiently } from './demo/post-lead.ts';
import { startProgress } from './demo/progress.ts';
import { runCommand } from './run-command.ts';
import { type Stack, startStack } from './stack.ts';

const leads = 200;
const atOnce = 20;

// `npm run demo`: delivers leads from start to end, on data that are deleted afterwards.
await runCommand(async (owner) => {
  console.log('Starting PostgreSQL, Redis, a dialer simulator, a worker, the console and an ingress …');
  const log = (name: string, line: string) => {
    if (name === 'services') console.error(line);
  };
  const stack = await startStack({ env: process.env, log, owner });
  await showExample(stack);
  await showBurst(stack);
  await showConsole(stack);
});

async function showExample({ ingressUrl, keys, campaigns }: Stack): Promise<void> {
  const example = documentedExample(campaigns.ringcx);
  console.log(`\nPOST ${new URL('/live-feed/ringcx', ingressUrl)}\n${pretty(example)}`);
  const sentAtMs = performance.now();
  const { status, code, body, atMs } = await postLeadPatiently({
    url: ingressUrl,
    key: keys.ringcx,
    body: example,
  });
  console.log(`\n${status ?? code}, after ${Math.round(atMs - sentAtMs)} ms\n${pretty(body)}`);
  if (status !== 200) throw new Error(`The example got ${status ?? code} instead of 200.`);
}

async function showBurst({ ingressUrl, keys, campaigns }: Stack): Promise<void> {
  console.log(`\nA burst of ${leads} leads, ${atOnce} at a time:`);
  const progress = startProgress(leads, process.stdout);
  const summary = await postBurst({
    ingressUrl,
    apiKey: keys.ringcx,
    campaignId: campaigns.ringcx,
    leads,
    atOnce,
    onAnswer: progress.advance,
  }).finally(progress.stop);
  console.log(describe(summary));
  if (summary.firstProblem !== undefined)
    throw new Error(`Not every lead was accepted: ${summary.firstProblem}`);
}

/** Where somebody watches, the stack stays until they have looked. */
async function showConsole({ consoleUrl, consoleUser, consolePassword, ended }: Stack): Promise<void> {
  console.log(
    `\nThe console shows these leads: ${consoleUrl}  (user ${consoleUser}, password ${consolePassword})`,
  );
  if (!process.stdout.isTTY) return;
  console.log('Ctrl-C ends the demo and deletes its data.');
  await ended;
}

function describe({ accepted, rejected, unanswered, p50Ms, p99Ms }: BurstSummary): string {
  const counts = `${accepted} accepted, ${rejected} rejected${unanswered > 0 ? `, ${unanswered} not answered` : ''}`;
  return `${counts}; p50 ${Math.round(p50Ms)} ms, p99 ${Math.round(p99Ms)} ms`;
}

function pretty(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}
