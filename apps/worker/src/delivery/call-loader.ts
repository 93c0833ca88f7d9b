import { setTimeout as pause } from 'node:timers/promises';
import { startStopwatch, type TimeWindow } from '@live-feed/core/clock';
import { UNLIMITED } from '@live-feed/core/limits/rate-windows';
import type { DialerAccount, UploadRequest, UploadResult } from '@live-feed/dialers/lead-loader';
import type { SentAttempt } from '@live-feed/queue/jobs/sent-attempts';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { isFresh, type Permit } from '@live-feed/queue/limits/permits';
import type { ServedDialer } from '../dialer/dialer-directory.ts';
import type { Grant } from '../dialer/grant.ts';
import type { DeliveryTools } from './delivery-tools.ts';
import { noteHealth } from './note-health.ts';

/** Between two tries for a permit while the fence still holds. */
const LONGEST_PAUSE_MS = 250;

/**
 * The one call of an attempt: under a permit that is fresh, noted outside the database, and not a byte of it after the fence.
 *
 * @param attempts the leads', as their rows have them
 * @param mayWrite opened before the intent was recorded
 */
export async function callLoader(
  tools: DeliveryTools,
  dialer: ServedDialer,
  account: DialerAccount,
  request: UploadRequest,
  attempts: readonly SentAttempt[],
  mayWrite: TimeWindow,
  grant: Grant,
): Promise<{ readonly result: UploadResult; readonly latencyMs: number }> {
  if (!(await hasPermit(tools, dialer, grant.permit, mayWrite)))
    return notSent('there was no permit in time');
  try {
    await tools.noteSent(dialer.record.id, attempts);
  } catch (error) {
    tools.logger.warn({ err: error, dialerId: dialer.record.id }, 'an attempt could not be noted in Redis');
    return notSent('the attempt could not be noted');
  }
  const sinceCall = startStopwatch();
  let fenced = false;
  const beforeTheWrite = () => {
    fenced = !mayWrite.isOpen();
    if (!fenced) tools.observe('before the write');
    return !fenced;
  };
  const mayRepeat = () => takePermit(tools, dialer, mayWrite);
  const result = await dialer.loader.upload(account, request, beforeTheWrite, mayRepeat);
  tools.observe('after the answer');
  const latencyMs = Math.round(sinceCall.elapsedMs());
  // What was held back here says nothing of the dialing system.
  if (!fenced) await noteHealth(tools, dialerAddress(dialer.record), result, grant.troubled);
  return { result, latencyMs };
}

function notSent(reason: string): { readonly result: UploadResult; readonly latencyMs: number } {
  return { result: { kind: 'never_sent', reason }, latencyMs: 0 };
}

/** A permit is for now: where recording the intent took long, another one is tried for. */
async function hasPermit(
  tools: DeliveryTools,
  dialer: ServedDialer,
  granted: Permit,
  mayWrite: TimeWindow,
): Promise<boolean> {
  return isFresh(granted) || takePermit(tools, dialer, mayWrite);
}

async function takePermit(
  tools: DeliveryTools,
  dialer: ServedDialer,
  mayWrite: TimeWindow,
): Promise<boolean> {
  const { uploadBucket } = dialer;
  if (uploadBucket === UNLIMITED) return true;
  const address = dialerAddress(dialer.record);
  while (mayWrite.isOpen() && !tools.stopping.aborted) {
    try {
      const answer = await tools.uploadPermits.take(address, uploadBucket);
      if (answer.kind === 'granted') return true;
      await pause(Math.min(answer.waitMs, LONGEST_PAUSE_MS));
    } catch {
      return false;
    }
  }
  return false;
}
