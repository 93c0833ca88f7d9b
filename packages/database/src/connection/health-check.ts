import { randomUUID } from 'node:crypto';
import { createHeartbeat, type HeartbeatOptions } from './heartbeat.ts';
import { describeTrouble, saysFull, saysReadOnly } from './trouble.ts';

/** Checks continuously whether the database takes writes, so that no request has to wait to find out. */
export interface DatabaseHealth {
  /** Whether the last heartbeat was committed, so that leads can be taken. */
  readonly alive: () => boolean;
  /** Why the database cannot be used, for people; undefined while it is alive. */
  readonly why: () => string | undefined;
  /** Now on the database's clock, whole milliseconds since the epoch. All deadlines are compared on this clock. */
  readonly now: () => number;
  /** Checks at once, for example after a failed statement. The check decides, not the error. */
  readonly checkNow: (error?: unknown) => void;
  readonly stop: () => Promise<void>;
}

export interface HealthCheckOptions extends Omit<HeartbeatOptions, 'id'> {
  readonly intervalMs: number;
  /** Called when the trouble starts or its reason changes, and every 30 s while it lasts. */
  readonly onTrouble?: (why: string, error: unknown) => void;
  readonly onRecovery?: () => void;
  /** The server has become read-only, as after a failover. Other connections may lead to it too. */
  readonly onReadOnly?: () => void;
}

const REMIND_MS = 30_000;

const ATTEMPTS = 3;

/**
 * The database reads its clock at an unknown moment within a heartbeat, so a slow heartbeat gives an imprecise time. That is used only
 * if the last precise one is old.
 */
const PRECISE_MS = 250;
const OFFSET_LASTS_MS = 10_000;

/**
 * Resolves after the first heartbeat, whatever its result.
 *
 * A failed heartbeat is tried again at once on a new connection, because one slow commit or lost connection proves nothing. The check
 * fails after three attempts, or after two that reached the time limit.
 */
export async function startHealthCheck(options: HealthCheckOptions): Promise<DatabaseHealth> {
  const heartbeat = createHeartbeat({ ...options, id: randomUUID() });
  let trouble: string | undefined = 'the database has not been checked yet';
  let remindedAt = Number.NEGATIVE_INFINITY;
  let deep = false;
  let offsetMs = 0;
  let offsetKeptUntil = 0;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let checking: Promise<void> | undefined;

  async function attempt(): Promise<void> {
    const asked = Date.now();
    const now = await heartbeat.send(deep);
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

  async function check(): Promise<void> {
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
    if (why !== trouble || performance.now() - remindedAt >= REMIND_MS) {
      remindedAt = performance.now();
      options.onTrouble?.(why, error);
    }
    trouble = why;
  }

  function start(): Promise<void> {
    clearTimeout(timer);
    checking ??= check().finally(() => {
      checking = undefined;
      if (!stopped) timer = setTimeout(start, options.intervalMs);
    });
    return checking;
  }

  await start();
  return {
    alive: () => trouble === undefined,
    why: () => trouble,
    now: () => Math.round(Date.now() + offsetMs),
    checkNow: (error) => {
      deep ||= saysFull(error);
      if (!stopped) void start();
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await checking;
      heartbeat.close();
    },
  };
}
