import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { SupervisedService } from '@live-feed/tools/services/supervise';
import type { Owner } from '@live-feed/tools/stack/owner';
import { z } from 'zod';
import type { BaselineSettings } from '../../baselines/settings.ts';
import { startScript } from '../bed/start-script.ts';

export interface Baseline {
  readonly url: string;
  readonly pids: readonly number[];
}

export interface BaselineSurroundings {
  readonly owner: Owner;
  readonly apiKey: string;
  readonly redisUrl: string;
  readonly simulatorUrl: string;
}

const readyLimitMs = 30_000;
const urlLine = z.object({ url: z.string() });

export async function startDirect(surroundings: BaselineSurroundings): Promise<Baseline> {
  const service = await start(surroundings, 'direct', settingsFor(surroundings, 'direct', 1));
  return { url: await urlOf(service), pids: [service.pid] };
}

/** Web and worker are processes of their own, as Live Feed's ingress and worker are. */
export async function startPlainQueue(surroundings: BaselineSurroundings) {
  const settings = (concurrency: number) => settingsFor(surroundings, 'plain-queue', concurrency);
  const web = await start(surroundings, 'plain-queue-web', settings(1));
  const url = await urlOf(web);
  let worker: SupervisedService | undefined;
  return {
    /** Replaces the worker by one that runs so many jobs at once. */
    async withConcurrency(concurrency: number): Promise<Baseline> {
      await worker?.stop();
      worker = await start(surroundings, 'plain-queue-worker', settings(concurrency));
      await worker.printed(/"ready"/, readyLimitMs);
      return { url, pids: [web.pid, worker.pid] };
    },
  };
}

async function start({ owner }: BaselineSurroundings, name: string, settings: BaselineSettings) {
  const path = fileURLToPath(new URL(`../../baselines/${name}.ts`, import.meta.url));
  return owner.own(await startScript({ name, path, input: JSON.stringify(settings) }));
}

/** Each on a sub-account of its own, so that none uses up the windows of another. */
function settingsFor(
  { apiKey, redisUrl, simulatorUrl }: BaselineSurroundings,
  accountId: string,
  concurrency: number,
): BaselineSettings {
  const dialer = { baseUrl: `${simulatorUrl}/voice/api`, accountId, token: `aws80:${randomUUID()}` };
  return { apiKey, dialer, redisUrl, concurrency };
}

async function urlOf(service: SupervisedService): Promise<string> {
  return urlLine.parse(JSON.parse(await service.printed(/^\{"url":/, readyLimitMs))).url;
}
