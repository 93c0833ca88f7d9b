import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { SupervisedService } from '@live-feed/tools/services/supervise';
import type { Stack } from '@live-feed/tools/stack';
import type { Owner } from '@live-feed/tools/stack/owner';
import { z } from 'zod';
import type { Account, BaselineSettings } from '../../baselines/settings.ts';
import { startScript } from '../bed/start-script.ts';

/** A candidate, ready to be measured. */
export interface Candidate {
  readonly url: string;
  readonly pids: readonly number[];
}

export interface BaselineSurroundings {
  readonly owner: Owner;
  readonly stack: Pick<Stack, 'redisUrl' | 'simulatorUrl'>;
  /** Whose leads it takes, and to which sub-accounts they go. */
  readonly accounts: readonly Omit<Account, 'token'>[];
}

const readyLimitMs = 30_000;
const urlLine = z.object({ url: z.string() });

export async function startDirect(surroundings: BaselineSurroundings): Promise<Candidate> {
  const service = await start(surroundings, 'direct', settingsFor(surroundings, 1));
  return { url: await urlOf(service), pids: [service.pid] };
}

/** Web and worker are processes of their own, as Live Feed's ingress and worker are. */
export async function startPlainQueue(surroundings: BaselineSurroundings) {
  const web = await start(surroundings, 'plain-queue-web', settingsFor(surroundings, 1));
  const url = await urlOf(web);
  let worker: SupervisedService | undefined;
  return {
    /** Replaces the worker by one that runs so many jobs at once. */
    async withConcurrency(concurrency: number): Promise<Candidate> {
      await worker?.stop();
      worker = await start(surroundings, 'plain-queue-worker', settingsFor(surroundings, concurrency));
      await worker.printed(/"ready"/, readyLimitMs);
      return { url, pids: [web.pid, worker.pid] };
    },
  };
}

async function start({ owner }: BaselineSurroundings, name: string, settings: BaselineSettings) {
  const path = fileURLToPath(new URL(`../../baselines/${name}.ts`, import.meta.url));
  return owner.own(await startScript({ name, path, input: JSON.stringify(settings) }));
}

function settingsFor({ stack, accounts }: BaselineSurroundings, concurrency: number): BaselineSettings {
  return {
    baseUrl: `${stack.simulatorUrl}/voice/api`,
    accounts: accounts.map((account) => ({ ...account, token: `aws80:${randomUUID()}` })),
    redisUrl: stack.redisUrl,
    concurrency,
  };
}

async function urlOf(service: SupervisedService): Promise<string> {
  return urlLine.parse(JSON.parse(await service.printed(/^\{"url":/, readyLimitMs))).url;
}
