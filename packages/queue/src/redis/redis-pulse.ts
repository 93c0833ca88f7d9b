import type { Redis } from 'ioredis';
import { inspectRedis, type RedisFindings } from './redis-inspection.ts';
import { describeTrouble } from './redis-trouble.ts';

/** Whether a connection's Redis does its work, which is to write: tried all the time, so that nobody has to wait to find out. */
export interface RedisPulse {
  /** What keeps Redis from its work, a sentence for people; undefined while its last write was answered. */
  why(): string | undefined;
  /** What is wrong with the server and keeps nobody from working, such as a policy that forgets keys. */
  risk(): string | undefined;
  /** A failure that was seen elsewhere on the connection, or that ended it. */
  note(error: Error): void;
  /** The same of a refusal that a write does not meet; it counts for a few seconds. */
  noteRefusal(error: Error): void;
  /** Resolves after the next write that is answered, or after the limit. Says whether Redis works. */
  untilWell(limitMs: number): Promise<boolean>;
  readonly stopped: boolean;
  stop(): void;
}

export interface RedisPulseOptions {
  readonly everyMs: number;
  /** No answer for so long is trouble. */
  readonly limitMs: number;
  /** Whether to look at the server's settings as well, and at what it lets this user do. */
  readonly inspects: boolean;
}

/** Never read. */
const KEY = '{lf:pulse}';
const KEY_EXPIRES_MS = 60_000;

const INSPECT_EVERY_MS = 10_000;
/** A refusal may be over any moment. */
const INSPECT_AGAIN_MS = 2_000;
const REFUSAL_COUNTS_MS = 10_000;

/** @param redis owned by the caller; stop the pulse when it is closed */
export function startRedisPulse(redis: Redis, { everyMs, limitMs, inspects }: RedisPulseOptions): RedisPulse {
  let trouble: string | undefined = 'Redis has not answered yet.';
  let findings: RedisFindings = {};
  let inspectAtMs = 0;
  let refused: { readonly why: string; readonly untilMs: number } | undefined;
  let beating = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const expecting = new Set<() => void>();

  function refusal(): string | undefined {
    return refused !== undefined && performance.now() < refused.untilMs ? refused.why : undefined;
  }
  const why = () => trouble ?? findings.refusal ?? refusal();

  async function beat(): Promise<void> {
    await redis.set(KEY, '', 'PX', KEY_EXPIRES_MS);
    if (!inspects || performance.now() < inspectAtMs) return;
    findings = await inspectRedis(redis);
    inspectAtMs = performance.now() + (findings.refusal === undefined ? INSPECT_EVERY_MS : INSPECT_AGAIN_MS);
  }

  async function tryBeat(): Promise<void> {
    clearTimeout(timer);
    if (beating || stopped) return;
    beating = true;
    try {
      if (redis.status === 'ready') {
        await within(beat(), limitMs);
        trouble = undefined;
        for (const resolve of expecting) resolve();
      }
    } catch (error) {
      // What ended the connection meanwhile says more.
      if (redis.status === 'ready' || trouble === undefined) trouble = describeTrouble(error);
    }
    beating = false;
    if (!stopped) timer = setTimeout(tryBeat, everyMs).unref();
  }

  redis.on('ready', () => {
    inspectAtMs = 0;
    void tryBeat();
  });
  redis.on('close', () => {
    trouble ??= 'The connection to Redis was lost.';
  });
  void tryBeat();

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
            expecting.delete(done);
            resolve();
          };
          const late = setTimeout(done, ms);
          expecting.add(done);
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

async function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // An event loop that stood still runs its timers first: an answer that is there already must not come too late.
    timer = setTimeout(() => setImmediate(() => reject(new Error('The write timed out.'))), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
