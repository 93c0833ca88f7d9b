import type { ReadBackResult } from '@live-feed/dialers/lead-loader';
import type { DeliveryTools } from '../delivery/delivery-tools.ts';
import type { HeldLead } from '../delivery/held-lead.ts';
import { type DecidedLead, putBack, settleLeads } from '../delivery/settle-leads.ts';
import type { ServedDialer } from '../lane/dialer-directory.ts';
import type { LaneLead } from '../lane/lane-lead.ts';
import { mayAsk, readBack } from './read-back.ts';
import { nextLookAt, pauseAfterFailure } from './read-back-schedule.ts';
import { canBeAsked, decideByReadBack, decideUnasked, isTooOld, parkedLead } from './verdicts.ts';

/**
 * Finds out what became of the leads of one campaign that may or may not be in the dialing system: of all of them at once,
 * whatever uploads they were in. Presence counts at once; absence only in a read-back that began when nothing of the attempt could
 * be under way any more. Nothing is sent again before one of the two is known.
 *
 * Whatever happens, every lead is settled or put back.
 */
export interface Verification {
  /** @param resendInHalves takes those that go again apart from those that may be why they were refused: of this call, at most once */
  add(leads: readonly HeldLead[], resendInHalves: (leads: readonly LaneLead[]) => void): void;
  readonly size: number;
  /** Until it asks again; at most 0 if nothing has failed. While it is long, leads are put back instead of held. */
  readonly pausedForMs: number;
}

export interface VerificationOptions {
  readonly tools: DeliveryTools;
  readonly campaignId: string;
  /** As it is configured at the moment. */
  readonly dialer: () => ServedDialer;
  /** Told each run, from when there are leads until there are none. */
  readonly onRun: (run: Promise<void>) => void;
}

/** The leads of one `add`. */
interface Batch {
  readonly size: number;
  readonly resendInHalves: (leads: readonly LaneLead[]) => void;
}

interface Watched {
  readonly held: HeldLead;
  /** On `performance.now()`'s scale. */
  readonly since: number;
  readonly batch: Batch;
}

/** A pause that is longer is spent in the queue. */
const LONGEST_HELD_PAUSE_MS = 10_000;
/** After something that should not happen. */
const NEXT_RUN_MS = 15_000;

export function createVerification({ tools, campaignId, dialer, onRun }: VerificationOptions): Verification {
  const watched = new Map<string, Watched>();
  let isRunning = false;
  let wake = () => {};
  let lookedAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let notBefore = Number.NEGATIVE_INFINITY;

  async function run(): Promise<void> {
    try {
      while (watched.size > 0 && !tools.stopping.aborted) await turn();
    } catch (error) {
      tools.logger.error({ err: error, leads: watched.size }, 'leads could not be verified');
    } finally {
      letGo([...watched.values()], tools.stopping.aborted ? 0 : NEXT_RUN_MS);
      isRunning = false;
    }
  }

  async function turn(): Promise<void> {
    const current = dialer();
    const all = [...watched.values()];
    const askable = all.filter(({ held }) => canBeAsked(current, held));
    const others = all.filter((each) => !askable.includes(each));
    const nowMs = performance.now();
    const over = others.filter(({ held }) => held.absentFrom <= nowMs);
    if (over.length > 0) {
      return settle(
        current,
        over.map((each) => [each, decideUnasked(tools, current, each.held)]),
      );
    }
    if (askable.length > 0 && notBefore - nowMs > LONGEST_HELD_PAUSE_MS) {
      return letGo(askable, notBefore - nowMs);
    }
    const looks = askable.map((each) => nextLookAt(lookOf(each), lookedAt));
    const lookAt = Math.max(notBefore, Math.min(...looks));
    const nextAt = Math.min(lookAt, ...others.map(({ held }) => held.absentFrom));
    if (nextAt > nowMs) await sleep(nextAt - nowMs);
    else await look(current);
  }

  async function look(current: ServedDialer): Promise<void> {
    const permitted = await mayAsk(tools, current);
    if (tools.stopping.aborted) return;
    if (!permitted) return noteFailure(current, { kind: 'throttled' });
    const { account } = current;
    // Those that came while the permit was waited for are asked about as well.
    const asked = [...watched.values()].filter(({ held }) => canBeAsked(current, held));
    if (account === undefined || asked.length === 0) return;
    lookedAt = performance.now();
    const ids = asked.map(({ held }) => held.lead.leadId);
    const result = await readBack(tools, current, account, campaignId, ids);
    tools.metrics.readBacks.add(current.record.id, result.kind);
    if (result.kind !== 'found') return noteFailure(current, result);
    failures = 0;
    notBefore = Number.NEGATIVE_INFINITY;
    const present = new Set(result.externIds);
    const decided = asked.map(
      (each) => [each, decideByReadBack(tools, each.held, present, lookedAt)] as const,
    );
    await settle(current, decided);
  }

  async function noteFailure(
    current: ServedDialer,
    result: Exclude<ReadBackResult, { kind: 'found' }>,
  ): Promise<void> {
    const { kind } = result;
    failures += 1;
    const pauseMs = pauseAfterFailure(
      failures,
      tools.random(),
      kind === 'throttled' ? result.retryAfterMs : undefined,
    );
    notBefore = performance.now() + pauseMs;
    const context = { dialerId: current.record.id, campaignId, kind, leads: watched.size, failures, pauseMs };
    tools.logger.warn(context, 'read-back did not answer');
    const old = [...watched.values()].filter(({ held }) => isTooOld(tools, held));
    await settle(
      current,
      old.map((each) => [each, parkedLead(each.held)]),
    );
  }

  /** Leads without a decision stay. */
  async function settle(
    current: ServedDialer,
    verdicts: readonly (readonly [Watched, Omit<DecidedLead, 'uploadSize'> | undefined])[],
  ): Promise<void> {
    const decided = verdicts.flatMap(([each, verdict]) =>
      verdict === undefined ? [] : [{ each, verdict: { ...verdict, uploadSize: each.batch.size } }],
    );
    if (decided.length === 0) return;
    const unsettled = await settleLeads(
      tools,
      current,
      decided.map(({ verdict }) => verdict),
    );
    const batches = new Map(decided.map(({ each }) => [each.held.lead, each]));
    for (const { each } of decided) forget(each);
    for (const held of unsettled.open) {
      const { batch } = batches.get(held.lead) ?? { batch: NO_BATCH };
      watch(held, batch);
    }
    sendAgain(unsettled.queued, batches);
  }

  /** Those of an upload that was refused as a whole go to its lane again, the others into the queue. */
  function sendAgain(
    queued: readonly { readonly lead: LaneLead; readonly delayMs: number }[],
    watchedOf: ReadonlyMap<LaneLead, Watched>,
  ): void {
    const halved = new Map<Batch, LaneLead[]>();
    const others = queued.filter(({ lead }) => {
      const each = watchedOf.get(lead);
      if (each?.held.doubt.ifAbsent.kind !== 'halves') return true;
      halved.set(each.batch, [...(halved.get(each.batch) ?? []), lead]);
      return false;
    });
    putBack(others);
    for (const [batch, leads] of halved) batch.resendInHalves(leads);
  }

  function watch(held: HeldLead, batch: Batch): void {
    const { leadId } = held.lead;
    const earlier = watched.get(leadId);
    // Its job was lost and taken again: what was held before is somebody else's lock.
    if (earlier !== undefined && earlier.held.lead !== held.lead) letGo([earlier], 0);
    watched.set(leadId, { held, since: performance.now(), batch });
  }

  function forget(each: Watched): void {
    const { leadId } = each.held.lead;
    if (watched.get(leadId) === each) watched.delete(leadId);
  }

  function letGo(leads: readonly Watched[], delayMs: number): void {
    for (const each of leads) forget(each);
    putBack(leads.map(({ held: { lead } }) => ({ lead, delayMs })));
  }

  async function sleep(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, ms);
        tools.stopping.addEventListener('abort', wake, { once: true });
      });
    } finally {
      clearTimeout(timer);
      tools.stopping.removeEventListener('abort', wake);
    }
  }

  return {
    add(leads, resendInHalves) {
      const batch = { size: leads.length, resendInHalves };
      for (const held of leads) watch(held, batch);
      if (isRunning) return wake();
      isRunning = true;
      onRun(run());
    },
    get size() {
      return watched.size;
    },
    get pausedForMs() {
      return notBefore - performance.now();
    },
  };
}

const NO_BATCH: Batch = { size: 1, resendInHalves: putBackAll };

function putBackAll(leads: readonly LaneLead[]): void {
  putBack(leads.map((lead) => ({ lead, delayMs: 0 })));
}

function lookOf({ held, since }: Watched) {
  return { since, absentFrom: held.absentFrom, expected: held.doubt.refused !== true };
}
