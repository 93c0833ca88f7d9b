import { setTimeout as delay } from 'node:timers/promises';
import type { LeadSource, TakenLead } from '@live-feed/queue/lead-source';

/** The one place that serves a dialer. */
export interface Lane {
  /** Since it last had something to do, milliseconds. */
  idleForMs(): number;
  /** Takes nothing more, lets uploads under way end, gives the connection back. */
  close(): Promise<void>;
}

export interface LaneOptions {
  readonly source: LeadSource;
  /** Tried before leads are taken, so that they wait unlocked. 0 = granted; otherwise not before that many milliseconds. */
  readonly permit: () => Promise<number>;
  /** Uploads under way at once. */
  readonly slots: () => number;
  /** Sees to it that `finish` or `retry` is called of every lead; its slot is free again when it resolves. */
  readonly upload: (leads: readonly TakenLead[]) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** Waits end by themselves this often, so that a delayed job or a lost marker is noticed. */
const LONGEST_WAIT_MS = 5_000;
const PAUSED_WAIT_MS = 1_000;
/** Between two looks at a permit. */
const LONGEST_PAUSE_MS = 1_000;
const ERROR_PAUSE_MS = 200;

/** Serves a dialer's queue until it is closed: permit first, then leads, then the upload. */
export function runLane(options: LaneOptions): Lane {
  const { source, onError } = options;
  const stopping = new AbortController();
  const uploads = new Set<Promise<void>>();
  let busyAt = performance.now();

  async function turn(): Promise<void> {
    if (uploads.size >= options.slots()) {
      await Promise.race(uploads);
      return;
    }
    const backlog = await source.backlog();
    if (backlog.paused) return source.wait(PAUSED_WAIT_MS);
    if (backlog.waiting === 0)
      return source.wait(Math.min(LONGEST_WAIT_MS, backlog.dueInMs ?? LONGEST_WAIT_MS));
    const waitMs = await options.permit();
    if (waitMs > 0) return pause(Math.min(waitMs, LONGEST_PAUSE_MS));
    const leads = await source.take(1);
    if (leads.length > 0) start(leads);
  }

  function start(leads: readonly TakenLead[]): void {
    busyAt = performance.now();
    const upload: Promise<void> = options
      .upload(leads)
      .catch(onError)
      .finally(() => uploads.delete(upload));
    uploads.add(upload);
  }

  async function pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await turn();
      } catch (error) {
        if (stopping.signal.aborted) return;
        onError(error);
        await pause(ERROR_PAUSE_MS);
      }
    }
  }

  const running = run();
  return {
    idleForMs: () => (uploads.size > 0 ? 0 : performance.now() - busyAt),
    async close() {
      stopping.abort();
      await source.wake();
      await running;
      await Promise.all(uploads);
      await source.close();
    },
  };
}
