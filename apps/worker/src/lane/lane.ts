import { setTimeout as delay } from 'node:timers/promises';
import type { Upload } from '@live-feed/core/upload/line';
import { createUploadGroups, type LineLoad } from '@live-feed/core/upload/upload-groups';
import type { LeadSource, QueueState, TakenJob } from '@live-feed/queue/jobs/lead-source';
import type { PermitAnswer } from '@live-feed/queue/limits/permits';
import { createMovingAverage } from '../delivery/moving-average.ts';
import type { LaneLead } from './lane-lead.ts';
import type { Start } from './start-gate.ts';

/** The one place that serves a dialer. */
export interface Lane {
  /** Since leads last waited, were delayed or under way, or the queue was paused, milliseconds. */
  idleForMs(): number;
  /** What waits in it, as of its last look at the queue. */
  backlog(): LaneBacklog;
  /** Leads of one upload that was refused as a whole and that the dialing system does not have: they go again, in halves. */
  resend(leads: readonly LaneLead[]): void;
  /** Takes nothing more, lets uploads under way end, puts the rest back, gives the connection back. */
  close(): Promise<void>;
}

export interface LaneBacklog {
  readonly paused: boolean;
  /** Until the dialer may upload again, milliseconds. */
  readonly heldForMs: number;
  /** Leads in the queue that have not been taken. */
  readonly queued: number;
  /** Leads in the queue that wait for their time to be tried again. */
  readonly delayed: number;
  /** In the lane's hands, waiting for the next permits. */
  readonly taken: number;
  readonly groups: LineLoad[];
  /** The lead that has been there longest, delayed or not. */
  readonly oldestLeadId: string | undefined;
  /** How long an upload holds its slot, on average of the latest; 0 before the first. */
  readonly uploadMs: number;
}

/** The right to make one upload, and to begin it now. */
export type Grant = Extract<PermitAnswer, { kind: 'granted' }> & { readonly start: Start };
export type Refusal = Exclude<PermitAnswer, { kind: 'granted' }>;

export interface LaneOptions {
  readonly source: LeadSource;
  /** Tried for before leads are taken, so that they wait unlocked and whatever arrives meanwhile goes along. */
  readonly permit: () => Promise<Grant | Refusal>;
  readonly giveBack: (grant: Grant) => Promise<void>;
  /** Uploads under way at once. */
  readonly slots: () => number;
  /** Leads in an upload, at most. */
  readonly maximum: () => number;
  /** Leads in the lane's hands, at most: taken, and waiting for the next permits. */
  readonly capacity: number;
  readonly read: (taken: TakenJob) => LaneLead;
  /** Sees to it that `finish` or `retry` is called of every lead; its slot is free again when it resolves. */
  readonly upload: (upload: Upload<LaneLead>, grant: Grant) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** Waits end by themselves this often, so that a delayed job or a lost marker is noticed. */
const LONGEST_WAIT_MS = 5_000;
const PAUSED_WAIT_MS = 1_000;
const HELD_WAIT_MS = 1_000;
/** Between two looks at a permit, and so at the queue: ingresses are told what waits a few times a second. */
const LONGEST_PAUSE_MS = 250;
const ERROR_PAUSE_MS = 200;
/** Leads taken ahead in one go. */
const TAKE_AHEAD = 1_000;

/** Serves a dialer's queue until it is closed: permit first, then leads, then the upload of one group of them. */
export function runLane(options: LaneOptions): Lane {
  const { source, onError } = options;
  const stopping = new AbortController();
  const groups = createUploadGroups<LaneLead>();
  const uploads = new Set<Promise<void>>();
  let probing = false;
  let waiting = false;
  let seen: QueueState = { paused: false, waiting: 0, dueInMs: undefined, delayed: 0, nextLeadIds: [] };
  /** On `performance.now()`'s scale. */
  let heldUntil = 0;
  const uploadMs = createMovingAverage();
  let busyAt = performance.now();

  async function turn(): Promise<void> {
    if (uploads.size >= (probing ? 1 : options.slots())) {
      if (!(await anUploadEnds(LONGEST_PAUSE_MS))) await look();
      return;
    }
    const backlog = await look();
    if (backlog.paused) {
      putBack(groups.drain());
      return waitForLead(PAUSED_WAIT_MS);
    }
    if (backlog.waiting === 0 && !groups.ready) {
      if (heldForMs() > 0) await lookAtHold();
      const longestMs = heldForMs() > 0 ? HELD_WAIT_MS : LONGEST_WAIT_MS;
      return waitForLead(Math.min(longestMs, backlog.dueInMs ?? longestMs));
    }
    const answer = await tryPermit();
    if (answer.kind !== 'granted') return pause(Math.min(answer.waitMs, LONGEST_PAUSE_MS));
    probing = answer.probing;
    const maximum = probing ? 1 : options.maximum();
    const now = Math.min(backlog.waiting, maximum, options.capacity - groups.size);
    const upload = await takeFor(now, maximum).catch(async (error) => {
      await options.giveBack(answer);
      throw error;
    });
    if (upload === undefined) await options.giveBack(answer);
    else start(upload, answer);
    // What else waits is looked at as well, so that a lead of another group leaves with the next permit.
    if (!probing) await takeAhead(backlog.waiting - now);
  }

  async function takeFor(count: number, maximum: number): Promise<Upload<LaneLead> | undefined> {
    await takeIn(count);
    return groups.next(maximum);
  }

  async function look(): Promise<QueueState> {
    seen = await source.state();
    const { paused, waiting, dueInMs } = seen;
    // While nothing may leave the ingresses are told so, which is this lane's part.
    if (paused || heldForMs() > 0 || waiting > 0 || dueInMs !== undefined) busyAt = performance.now();
    return seen;
  }

  const heldForMs = () => Math.max(0, heldUntil - performance.now());

  async function tryPermit(): Promise<Grant | Refusal> {
    const answer = await options.permit();
    heldUntil = answer.kind === 'held' ? performance.now() + answer.waitMs : 0;
    return answer;
  }

  /** A hold may be lifted before its time, which nobody would notice while all leads are refused. */
  async function lookAtHold(): Promise<void> {
    const answer = await tryPermit();
    if (answer.kind === 'granted') await options.giveBack(answer);
  }

  /** @returns false if none has ended within that time */
  async function anUploadEnds(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    try {
      return await Promise.race([late, Promise.race(uploads).then(() => true)]);
    } finally {
      clearTimeout(timer);
    }
  }

  async function waitForLead(ms: number): Promise<void> {
    waiting = true;
    try {
      await source.wait(ms);
    } finally {
      waiting = false;
    }
  }

  /** Leads can become ready without the queue having any: those that were refused together, once they may go again. */
  function wakeIfReady(): void {
    if (waiting && groups.ready) source.nudge().catch(onError);
  }

  async function takeAhead(waiting: number): Promise<void> {
    for (let left = waiting; left > 0; left -= TAKE_AHEAD) {
      const count = Math.min(left, TAKE_AHEAD, options.capacity - groups.size);
      if (count <= 0 || (await takeIn(count)) < count) return;
    }
  }

  /** @returns how many there were */
  async function takeIn(count: number): Promise<number> {
    if (count <= 0) return 0;
    const taken = await source.take(count);
    seen = { ...seen, waiting: Math.max(0, seen.waiting - taken.length) };
    if (taken.length > 0) busyAt = performance.now();
    try {
      putBack(groups.add(taken.map(options.read)));
    } catch (error) {
      for (const each of taken) each.retry(ERROR_PAUSE_MS);
      throw error;
    }
    return taken.length;
  }

  function start(upload: Upload<LaneLead>, grant: Grant): void {
    const startedAt = performance.now();
    busyAt = startedAt;
    const running: Promise<void> = options
      .upload(upload, grant)
      .catch(onError)
      .finally(() => {
        uploads.delete(running);
        busyAt = performance.now();
        uploadMs.add(busyAt - startedAt);
        wakeIfReady();
      });
    uploads.add(running);
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
    idleForMs: () => (uploads.size + groups.size > 0 ? 0 : performance.now() - busyAt),
    backlog: () => ({
      paused: seen.paused,
      heldForMs: heldForMs(),
      queued: seen.waiting,
      delayed: seen.delayed,
      taken: groups.size,
      groups: groups.loads(options.maximum()),
      oldestLeadId: [...seen.nextLeadIds, groups.oldest?.leadId].filter((id) => id !== undefined).sort()[0],
      uploadMs: uploadMs.value,
    }),
    resend(leads) {
      if (stopping.signal.aborted) putBack(leads);
      else putBack(groups.addRefused(leads));
      wakeIfReady();
    },
    async close() {
      stopping.abort();
      await source.wake();
      await running;
      await Promise.all(uploads);
      putBack(groups.drain());
      await source.close();
    },
  };
}

function putBack(leads: readonly LaneLead[]): void {
  // One that was sent before is not for its ingress to withdraw: its row may not say so.
  for (const { taken } of leads) taken.retry(0, taken.sentAttempt === 0 ? 'unsent' : undefined);
}
