import { randomUUID } from 'node:crypto';
import { createHeart, type HeartOptions } from './heart.ts';
import { describeTrouble, saysFull, saysReadOnly } from './trouble.ts';

/** Whether the database takes writes, tried all the time so that nobody has to wait to find out. */
export interface DatabasePulse {
  /** The last beat was committed: leads can be taken. */
  readonly alive: () => boolean;
  /** What is wrong, in words for people; undefined while it is alive. */
  readonly why: () => string | undefined;
  /** Now on the database's clock, whole milliseconds since the epoch: the one clock that deadlines are compared on. */
  readonly now: () => number;
  /** Tries at once: for a statement that failed, or a connection that was lost. Decides nothing by itself. */
  readonly look: (error?: unknown) => void;
  readonly stop: () => Promise<void>;
}

export interface PulseOptions extends Omit<HeartOptions, 'id'> {
  readonly intervalMs: number;
  /** Told at once, again when it changes, and every half minute while it lasts. */
  readonly onTrouble?: (why: string, error: unknown) => void;
  readonly onRecovery?: () => void;
  /** A server that was written to is read-only now, as after a failover: other connections may lead there, too. */
  readonly onReadOnly?: () => void;
}

const REMIND_MS = 30_000;

const ATTEMPTS = 3;

/** The database's clock is read somewhere within a beat: a slow one tells it badly, and counts only if there was no other for a while. */
const PRECISE_MS = 250;
const OFFSET_LASTS_MS = 10_000;

/**
 * Resolves after the first beat, whatever it found.
 *
 * A beat that fails is tried again at once, on a new connection: neither one slow commit nor a lost connection means anything. It has failed after
 * three attempts, or after two that took all of their time.
 */
export async function startPulse(options: PulseOptions): Promise<DatabasePulse> {
  const heart = createHeart({ ...options, id: randomUUID() });
  let trouble: string | undefined = 'the database has not been asked yet';
  let toldAt = Number.NEGATIVE_INFINITY;
  let deep = false;
  let offsetMs = 0;
  let offsetKeptUntil = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> | undefined;

  async function attempt(): Promise<void> {
    const asked = Date.now();
    const now = await heart.beat(deep);
    const answered = Date.now();
    const isPrecise = Math.abs(answered - asked) <= PRECISE_MS;
    if (!isPrecise && performance.now() < offsetKeptUntil) return;
    offsetMs = now - (asked + answered) / 2;
    offsetKeptUntil = performance.now() + OFFSET_LASTS_MS;
  }

  async function attemptAll(): Promise<void> {
    const endsAt = performance.now() + 2 * options.limitMs;
    for (let left = ATTEMPTS - 1; ; left -= 1) {
      try {
        return await attempt();
      } catch (error) {
        if (saysReadOnly(error)) options.onReadOnly?.();
        deep ||= saysFull(error);
        if (stopped || left === 0 || performance.now() >= endsAt) throw error;
      }
    }
  }

  async function beat(): Promise<void> {
    try {
      await attemptAll();
      deep = false;
      if (trouble !== undefined) options.onRecovery?.();
      trouble = undefined;
    } catch (error) {
      if (!stopped) note(describeTrouble(error), error);
    }
  }

  function note(why: string, error: unknown): void {
    if (why !== trouble || performance.now() - toldAt >= REMIND_MS) {
      toldAt = performance.now();
      options.onTrouble?.(why, error);
    }
    trouble = why;
  }

  function start(): Promise<void> {
    clearTimeout(timer);
    beating ??= beat().finally(() => {
      beating = undefined;
      if (!stopped) timer = setTimeout(start, options.intervalMs);
    });
    return beating;
  }

  await start();
  return {
    alive: () => trouble === undefined,
    why: () => trouble,
    now: () => Math.round(Date.now() + offsetMs),
    look: (error) => {
      deep ||= saysFull(error);
      if (!stopped) void start();
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await beating;
      heart.close();
    },
  };
}
