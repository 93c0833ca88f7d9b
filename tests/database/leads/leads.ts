import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '@live-feed/core/ids';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '@live-feed/database/connection/client';
import type { AttemptTimes } from '@live-feed/database/leads/intend';
import type { LeadRow } from '@live-feed/database/leads/lead-rows';
import type { Settlement } from '@live-feed/database/leads/lead-transitions';
import { type LeadPromise, promise } from '@live-feed/database/leads/promise';

export const MINUTE_MS = 60_000;

export const ATTEMPT_TIMES: AttemptTimes = { sendWindowMs: 2_000, absenceAfterMs: 13_000 };
export const SENT_TO = 'ringcx https://dialer.test 1';

export interface Times {
  /** From now. */
  readonly deadlineMs?: number;
  readonly expiresMs?: number;
}

type Destination = Pick<LeadJob, 'companyId' | 'dialerId' | 'campaignId'>;

export function leadOf(
  destination: Destination,
  { deadlineMs = MINUTE_MS, expiresMs = 60 * MINUTE_MS }: Times = {},
  phoneDigest = '0'.repeat(64),
): LeadJob {
  const now = Date.now();
  return {
    v: 1,
    leadId: newId(),
    ...destination,
    payload: 'sealed',
    phoneDigest,
    phoneLast2: '67',
    replyTo: '',
    receivedAtMs: now,
    deadlineMs: now + deadlineMs,
    expiresAtMs: now + expiresMs,
  };
}

/** Of the first attempt, unless told otherwise. */
export function settlementOf(
  lead: LeadJob,
  transition: Settlement['transition'],
  more: Partial<Settlement> = {},
): Settlement {
  return {
    id: lead.leadId,
    attempt: 1,
    transition,
    reason: 'DIALER_FAILED',
    dialerResponse: null,
    source: 'answer',
    uploadSize: 1,
    delayMs: 1_000,
    settleWithinMs: 0,
    ...more,
  };
}

export async function promiseOne(
  database: Database,
  lead: LeadJob,
  tried: LeadPromise['tried'] = 'fails',
): Promise<LeadRow> {
  for (;;) {
    const [row] = await promise(database, [{ lead, tried }]);
    if (row !== undefined) return row;
    await delay(5); // left out while somebody else changes it
  }
}
