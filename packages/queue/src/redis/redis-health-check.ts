import { within } from '@live-feed/core/within';
import { writePulse } from './pulse.ts';
import type { RedisClient } from './redis-client.ts';
import { inspectRedis, type RedisFindings } from './redis-inspection.ts';
import { describeTrouble } from './redis-trouble.ts';
import type { RedisMode } from './settings/redis-server.ts';

/** Checks continuously whether Redis takes writes, so that no request has to wait to find out. */
export interface RedisHealthCheck {
  /** Why Redis cannot be used, a sentence for people; undefined while its last write was answered. */
  why(): string | undefined;
  /** A setting of the server under which leads may be lost, though everything works, such as a policy that evicts keys. */
  risk(): string | undefined;
  /** Notes an error on the connection, or one that ended it. */
  note(error: Error): void;
  /** Notes a refused command. It counts for a few seconds, because the check's own write may still succeed. */
  noteRefusal(error: Error): void;
  /** Resolves after the next write that is answered, or after the limit. @returns whether Redis can be used */
  untilWell(limitMs: number): Promise<boolean>;
  readonly stopped: boolean;
  stop(): void;
}

export interface HealthCheckOptions {
  readonly everyMs: number;
  /** A check that takes longer has failed. */
  readonly limitMs: number;
  /** Whether to check the server's settings and this user's permissions as well. */
  readonly inspects: boolean;
}

const INSPECT_EVERY_MS = 10_000;
/** After a refusal, to notice soon when it is over. */
const INSPECT_AGAIN_MS = 2_000;
const REFUSAL_COUNTS_MS = 10_000;

/** @param redis owned by the caller, who stops the health check before closing it */
export function startRedisHealthCheck(
  redis: RedisClient,
  mode: RedisMode,
  { everyMs, limitMs, inspects }: HealthCheckOptions,
): RedisHealthCheck {
  let trouble: string | undefined = 'Redis has not answered yet.';
  let findings: RedisFindings = {};
  let inspectAtMs = 0;
  let refused: { readonly why: string; readonly untilMs: number } | undefined;
  let checking = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const waiting = new Set<() => void>();

  function refusal(): string | undefined {
    return refused !== undefined && performance.now() < refused.untilMs ? refused.why : undefined;
  }
  const why = () => trouble ?? findings.refusal ?? refusal();

  async function check(): Promise<void> {
    await writePulse(redis);
    if (!inspects || performance.now() < inspectAtMs) return;
    findings = await inspectRedis(redis, mode);
    inspectAtMs = performance.now() + (findings.refusal === undefined ? INSPECT_EVERY_MS : INSPECT_AGAIN_MS);
  }

  async function runCheck(): Promise<void> {
    clearTimeout(timer);
    if (checking || stopped) return;
    checking = true;
    try {
      if (redis.status === 'ready') {
        await within(check(), limitMs, () => {
          throw new Error('The write timed out.');
        });
        trouble = undefined;
        for (const resolve of waiting) resolve();
      }
    } catch (error) {
      // If the connection ended meanwhile, its error says more.
      if (redis.status === 'ready' || trouble === undefined) trouble = describeTrouble(error);
    }
    checking = false;
    if (!stopped) timer = setTimeout(runCheck, everyMs).unref();
  }

  redis.on('ready', () => {
    inspectAtMs = 0;
    void runCheck();
  });
  redis.on('close', () => {
    trouble ??= 'The connection to Redis was lost.';
  });
  void runCheck();

  return {
    why,
    risk: () => findings.risk,
    note(error) {
      trouble = describeTrouble(error);
    },
    noteRefusal(error) {
      refused = { why: describeTrouble(error), untilMs: performance.now() + REFUSAL_COUNTS_MS };
      inspectAtMs = 0;
    },
    async untilWell(ms) {
      if (why() !== undefined) {
        await new Promise<void>((resolve) => {
          const done = () => {
            clearTimeout(late);
            waiting.delete(done);
            resolve();
          };
          const late = setTimeout(done, ms);
          waiting.add(done);
        });
      }
      return why() === undefined;
    },
    get stopped() {
      return stopped;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
