import { within } from '@live-feed/core/within';
import type { DialerAccount, LeadLoader } from '@live-feed/dialers/lead-loader';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import type { PermitAnswer, Permits } from '@live-feed/queue/limits/permits';
import type { ServedDialer } from './dialer-directory.ts';
import type { Start, StartGate } from './start-gate.ts';

/** The right to make one upload, and to begin it now. */
export type Grant = Extract<PermitAnswer, { kind: 'granted' }> & { readonly start: Start };

export type Refusal = Exclude<PermitAnswer, { kind: 'granted' }>;

export interface GrantTools {
  readonly startGate: StartGate;
  readonly uploadPermits: Permits;
  /** Aborted once the worker is to stop. */
  readonly stopping: AbortSignal;
}

/** How long a worker waits for the company's turn to begin an upload, before it looks at the queue again. */
const LONGEST_TURN_MS = 1_000;
/** How long an access token is waited for, before the worker looks at the queue again. */
const LONGEST_PREPARATION_MS = 1_000;
/** How soon a worker that is stopping is asked again. */
const STOPPING_PAUSE_MS = 250;

/** First an access token where one is needed, then the turn to begin an upload, then the permit: until it can begin, leads are better left in the queue, where more of them gather. */
export async function requestGrant(
  { startGate, uploadPermits, stopping }: GrantTools,
  { record, uploadBucket, account, loader }: ServedDialer,
): Promise<Grant | Refusal> {
  if (!(await isPrepared(loader, account))) return { kind: 'wait', waitMs: 1 };
  const start = await startGate.enter(record.companyId, LONGEST_TURN_MS, stopping);
  if (start === undefined) return { kind: 'wait', waitMs: stopping.aborted ? STOPPING_PAUSE_MS : 1 };
  let granted = false;
  try {
    const answer = await uploadPermits.take(dialerAddress(record), uploadBucket);
    if (answer.kind !== 'granted') return answer;
    granted = true;
    return { ...answer, start };
  } finally {
    if (!granted) start.leave();
  }
}

/** Leads are better left in the queue while an access token is got for them. */
async function isPrepared(loader: LeadLoader, account: DialerAccount | undefined): Promise<boolean> {
  if (account?.credential.kind !== 'jwt' || loader.prepare === undefined) return true;
  const prepared = loader.prepare(account).then(() => true);
  return within(prepared, LONGEST_PREPARATION_MS, () => false);
}

/** For an upload that is not made. */
export async function returnGrant({ uploadPermits }: GrantTools, { permit, start }: Grant): Promise<void> {
  start.leave();
  await uploadPermits.giveBack(permit);
}
