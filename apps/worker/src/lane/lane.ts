import { setTimeout as delay } from 'node:timers/promises';
import type { Upload } from '@live-feed/core/upload/line';
import type { LineLoad } from '@live-feed/core/upload/upload-groups';
import type { QueueState } from '@live-feed/queue/jobs/queue-state';
import type { TakenLead } from '../delivery/taken-lead.ts';
import type { Grant, Refusal } from '../dialer/grant.ts';
import { createPrefetch, type PrefetchOptions, returnLeads } from './prefetch.ts';
import { createRunningUploads } from './running-uploads.ts';

/** What serves one dialer in this worker. */
export interface Lane {
  /** Since leads last waited, were delayed or under way, or the queue was paused, milliseconds. */
  idleForMs(): number;
  /** There may be leads in the queue. */
  wake(): void;
  /** Whether no lead waits for the dialer and nothing keeps leads from leaving, as of the last look at the queue. */
  readonly isQuiet: boolean;
  /** What waits for the dialer, as of the last look at the queue. */
  backlog(): Backlog;
  /** Leads of one upload that was refused as a whole and that the dialing system does not have: they go again, in halves. */
  resend(leads: readonly TakenLead[]): void;
  /** Takes nothing more, lets uploads under way end, returns the other leads to the queue, closes the connection. */
  close(): Promise<void>;
}

export interface Backlog {
  readonly paused: boolean;
  /** Until the dialer may upload again, milliseconds. */
  readonly heldForMs: number;
  /** Leads in the queue that have not been taken. */
  readonly queued: number;
  /** Leads in the queue to be tried again later. */
  readonly delayed: number;
  /** Leads that have been taken and wait for their permits. */
  readonly taken: number;
  readonly groups: LineLoad[];
  /** The lead that has been there longest, delayed or not. */
  readonly oldestLeadId: string | undefined;
  /** How long an upload takes its slot, on average of the latest; 0 before the first. */
  readonly uploadMs: number;
}

export interface LaneOptions extends PrefetchOptions {
  /** Requested before leads are taken, so that they wait unlocked and all that arrive meanwhile can share the upload. */
  readonly permit: () => Promise<Grant | Refusal>;
  readonly giveBack: (grant: Grant) => Promise<void>;
  /** Maximum number of uploads under way. */
  readonly slots: () => number;
  /** Maximum number of leads in an upload. */
  readonly maximum: () => number;
  /** Must call `finish` or `retry` of every lead; the slot is free again when it resolves. */
  readonly upload: (upload: Upload<TakenLead>, grant: Grant) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** Waits end by themselves this often, in case an announcement was lost, or a job was moved by hand. */
const LONGEST_WAIT_MS = 2_000;
const PAUSED_WAIT_MS = 1_000;
const HELD_WAIT_MS = 1_000;
/** Between two requests for a permit, and so two looks at the queue: the backlog is published a few times a second. */
const LONGEST_PAUSE_MS = 250;
const ERROR_PAUSE_MS = 200;

/** Serves a dialer's queue until it is closed: permit first, then leads, then the upload of one group of them. */
export function runLane(options: LaneOptions): Lane {
  const { source, onError } = options;
  const stopping = new AbortController();
  const prefetch = createPrefetch(options);
  const { groups } = prefetch;
  const uploads = createRunningUploads(onUploadEnd, onError);
  let probing = false;
  let waiting = false;
  let announced = false;
  /** On `performance.now()`'s scale. */
  let heldUntil = 0;
  let busyAt = performance.now();
  let paused: ReadonlySet<string> = new Set();

  async function turn(): Promise<void> {
    if (uploads.count >= (probing ? 1 : options.slots())) {
      if (!(await uploads.oneEnds(LONGEST_PAUSE_MS))) await look();
      return;
    }
    // Of a lead that was announced, queue and permit are asked for in one round trip.
    const early = announced ? requestPermit() : undefined;
    early?.catch(() => undefined);
    announced = false;
    const queue = await lookAfterPauses().catch(async (error) => {
      await returnUnused(early);
      throw error;
    });
    if (queue.paused) {
      await returnUnused(early);
      prefetch.returnAll();
      return waitForLead(PAUSED_WAIT_MS);
    }
    if (queue.waiting === 0 && !groups.ready) {
      await returnUnused(early);
      // A hold may be lifted before its time, which no lead would show while all leads are refused.
      if (heldForMs() > 0) await returnUnused(requestPermit());
      const longestMs = heldForMs() > 0 ? HELD_WAIT_MS : LONGEST_WAIT_MS;
      return waitForLead(Math.min(longestMs, queue.dueInMs ?? longestMs));
    }
    const answer = await (early ?? requestPermit());
    if (answer.kind !== 'granted') return pause(Math.min(answer.waitMs, LONGEST_PAUSE_MS));
    await useGrant(answer, queue.waiting);
  }

  async function useGrant(grant: Grant, waiting: number): Promise<void> {
    probing = grant.probing;
    const maximum = probing ? 1 : options.maximum();
    let taken: number;
    let upload: Upload<TakenLead> | undefined;
    try {
      taken = await prefetch.take(Math.min(waiting, maximum));
      prefetch.setAsidePaused();
      upload = groups.next(maximum);
    } catch (error) {
      await options.giveBack(grant);
      throw error;
    }
    if (upload === undefined) await options.giveBack(grant);
    else start(upload, grant);
    // The other waiting leads are looked at as well, so that a lead of another group leaves with the next permit.
    if (!probing) await prefetch.takeAhead(waiting - taken);
    prefetch.setAsidePaused();
    // A lead that has come since the look ends the wait at once.
    const isEmpty = prefetch.queue.waiting === 0 && prefetch.queue.delayed === 0 && !groups.ready;
    if (isEmpty && uploads.count < options.slots()) await waitForLead(LONGEST_WAIT_MS);
  }

  /** What was set aside of a campaign waits no longer once that is resumed. */
  async function lookAfterPauses(): Promise<QueueState> {
    const now = options.paused();
    prefetch.setAsidePaused();
    if ([...paused].some((id) => !now.has(id))) await source.hurry();
    // Only now: if that failed, the next turn tries again.
    paused = now;
    return look();
  }

  async function look(): Promise<QueueState> {
    const queue = await prefetch.look();
    const { paused, waiting, dueInMs } = queue;
    // While nothing may leave, the ingresses learn so from this lane: it must not become idle.
    if (paused || heldForMs() > 0 || waiting > 0 || dueInMs !== undefined) busyAt = performance.now();
    return queue;
  }

  const heldForMs = () => Math.max(0, heldUntil - performance.now());

  async function requestPermit(): Promise<Grant | Refusal> {
    const answer = await options.permit();
    heldUntil = answer.kind === 'held' ? performance.now() + answer.waitMs : 0;
    return answer;
  }

  async function returnUnused(requested: Promise<Grant | Refusal> | undefined): Promise<void> {
    const answer = await requested?.catch(() => undefined);
    if (answer?.kind === 'granted') await options.giveBack(answer);
  }

  async function waitForLead(ms: number): Promise<void> {
    waiting = true;
    try {
      announced = await source.wait(ms);
    } finally {
      waiting = false;
    }
  }

  /** Leads can become ready without the queue having any: those that were refused together, once they may go again. */
  function wakeIfReady(): void {
    if (waiting && groups.ready) source.wake();
  }

  function start(upload: Upload<TakenLead>, grant: Grant): void {
    busyAt = performance.now();
    uploads.start(() => options.upload(upload, grant));
  }

  function onUploadEnd(): void {
    busyAt = performance.now();
    wakeIfReady();
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
    wake: source.wake,
    idleForMs: () => (uploads.count + groups.size > 0 ? 0 : performance.now() - busyAt),
    get isQuiet() {
      const { paused, waiting } = prefetch.queue;
      return waiting === 0 && groups.size === 0 && !paused && heldForMs() === 0;
    },
    backlog() {
      const { paused, waiting, delayed, nextLeadIds } = prefetch.queue;
      return {
        paused,
        heldForMs: heldForMs(),
        queued: waiting,
        delayed,
        taken: groups.size,
        groups: groups.loads(options.maximum()),
        oldestLeadId: [...nextLeadIds, groups.oldest?.leadId].filter((id) => id !== undefined).sort()[0],
        uploadMs: uploads.averageMs,
      };
    },
    resend(leads) {
      if (stopping.signal.aborted) returnLeads(leads);
      else prefetch.addRefused(leads);
      wakeIfReady();
    },
    async close() {
      stopping.abort();
      source.stopWaiting();
      await running;
      await uploads.allEnd();
      prefetch.returnAll();
      await source.close();
    },
  };
}
