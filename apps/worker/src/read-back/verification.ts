import type { ReadBackResult } from '@live-feed/dialers/lead-loader';
import type { DoubtfulAttempt } from '../delivery/attempt.ts';
import { parked } from '../delivery/decide.ts';
import type { DeliveryTools } from '../delivery/delivery-tools.ts';
import type { ServedDialer } from '../dialer/dialer-directory.ts';
import { createPendingAttempts, type PendingAttempt, type ResendInHalves } from './pending-attempts.ts';
import { mayAsk, readBack } from './read-back.ts';
import { nextLookAt, pauseAfterFailure } from './read-back-schedule.ts';
import { canBeAsked, decideByReadBack, decideUnasked, isTooOld } from './verdicts.ts';

/**
 * Finds out what became of the leads of one campaign that may or may not be in the dialing system: of all of them at once,
 * whatever uploads they were in. Presence counts at once; absence only in a read-back that began when nothing of the attempt could
 * be under way any more. Nothing is sent again before one of the two is known.
 *
 * Whatever happens, every lead is settled or returned to the queue.
 */
export interface Verification {
  /** @param attempts of one upload. @param resendInHalves see `PendingAttempts` */
  add(attempts: readonly DoubtfulAttempt[], resendInHalves: ResendInHalves): void;
  readonly size: number;
  /** Until it asks again; at most 0 if nothing has failed. While it is long, leads wait in the queue instead of here. */
  readonly pausedForMs: number;
}

export interface VerificationOptions {
  readonly tools: DeliveryTools;
  readonly campaignId: string;
  /** As it is configured at the moment. */
  readonly dialer: () => ServedDialer;
  /** Called with each run, from when there are leads until there are none. */
  readonly onRun: (run: Promise<void>) => void;
}

/** A pause that is longer is spent in the queue. */
const LONGEST_PAUSE_HERE_MS = 10_000;
/** After something that should not happen. */
const NEXT_RUN_MS = 15_000;

export function createVerification({ tools, campaignId, dialer, onRun }: VerificationOptions): Verification {
  const pending = createPendingAttempts(tools);
  let isRunning = false;
  let wake = () => {};
  let lookedAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let notBefore = Number.NEGATIVE_INFINITY;

  async function run(): Promise<void> {
    try {
      while (pending.size > 0 && !tools.stopping.aborted) await turn();
    } catch (error) {
      tools.logger.error({ err: error, leads: pending.size }, 'leads could not be verified');
    } finally {
      pending.release(pending.all(), tools.stopping.aborted ? 0 : NEXT_RUN_MS);
      isRunning = false;
    }
  }

  async function turn(): Promise<void> {
    const current = dialer();
    const all = pending.all();
    const askable = all.filter(({ attempt }) => canBeAsked(current, attempt));
    const others = all.filter((each) => !askable.includes(each));
    const nowMs = performance.now();
    const over = others.filter(({ attempt }) => attempt.absentFrom <= nowMs);
    if (over.length > 0) {
      const decided = over.map((each) => [each, decideUnasked(tools, current, each.attempt)] as const);
      return pending.settle(current, decided);
    }
    if (askable.length > 0 && notBefore - nowMs > LONGEST_PAUSE_HERE_MS) {
      return pending.release(askable, notBefore - nowMs);
    }
    const looks = askable.map((each) => nextLook(each, lookedAt));
    const lookAt = Math.max(notBefore, Math.min(...looks));
    const nextAt = Math.min(lookAt, ...others.map(({ attempt }) => attempt.absentFrom));
    if (nextAt > nowMs) await sleep(nextAt - nowMs);
    else await look(current);
  }

  async function look(current: ServedDialer): Promise<void> {
    const permitted = await mayAsk(tools, current);
    if (tools.stopping.aborted) return;
    if (!permitted) return noteFailure(current, { kind: 'throttled' });
    const { account } = current;
    // Those that came while the permit was waited for are asked about as well.
    const asked = pending.all().filter(({ attempt }) => canBeAsked(current, attempt));
    if (account === undefined || asked.length === 0) return;
    lookedAt = performance.now();
    const ids = asked.map(({ attempt }) => attempt.lead.leadId);
    const result = await readBack(tools, current, account, campaignId, ids);
    tools.metrics.readBacks.add(current.record.id, result.kind);
    if (result.kind !== 'found') return noteFailure(current, result);
    failures = 0;
    notBefore = Number.NEGATIVE_INFINITY;
    const present = new Set(result.externIds);
    const decided = asked.map(
      (each) => [each, decideByReadBack(tools, each.attempt, present, lookedAt)] as const,
    );
    await pending.settle(current, decided);
  }

  async function noteFailure(
    current: ServedDialer,
    result: Exclude<ReadBackResult, { kind: 'found' }>,
  ): Promise<void> {
    const { kind } = result;
    failures += 1;
    const askedMs = kind === 'throttled' ? result.retryAfterMs : undefined;
    const pauseMs = pauseAfterFailure(failures, tools.random(), askedMs);
    notBefore = performance.now() + pauseMs;
    const context = { dialerId: current.record.id, campaignId, kind, leads: pending.size, failures, pauseMs };
    tools.logger.warn(context, 'read-back did not answer');
    const old = pending.all().filter(({ attempt }) => isTooOld(tools, attempt));
    await pending.settle(
      current,
      old.map((each) => [each, parked]),
    );
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
    add(attempts, resendInHalves) {
      pending.add(attempts, resendInHalves);
      if (isRunning) return wake();
      isRunning = true;
      onRun(run());
    },
    get size() {
      return pending.size;
    },
    get pausedForMs() {
      return notBefore - performance.now();
    },
  };
}

/** Where the upload was refused as a whole, the leads are not expected to be there: the first look is the one that counts. */
function nextLook({ attempt: { absentFrom, doubt }, since }: PendingAttempt, lookedAt: number): number {
  return nextLookAt({ since, absentFrom, expected: doubt.refused !== true }, lookedAt);
}
