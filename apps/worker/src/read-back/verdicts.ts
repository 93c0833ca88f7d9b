import { accountName } from '@live-feed/core/directory/account-name';
import type { DoubtfulAttempt } from '../delivery/attempt.ts';
import { type Decision, decideAbsent, parked, resend } from '../delivery/decide.ts';
import type { DeliveryTools } from '../delivery/delivery-tools.ts';
import type { ServedDialer } from '../dialer/dialer-directory.ts';

/** Decides about a lead in doubt by what a read-back shows, or without one where there is no read-back. */

/** A lead is asked about where it was sent, and nowhere else: on another account it would be absent, and be sent again. */
export function canBeAsked(dialer: ServedDialer, doubtful: DoubtfulAttempt): boolean {
  return dialer.loader.canReadBack && dialer.account !== undefined && isWhereItWasSent(dialer, doubtful);
}

/**
 * @param present the leads that the read-back has found
 * @param beganAt on `performance.now()`'s scale
 * @returns undefined where it does not count yet
 */
export function decideByReadBack(
  tools: DeliveryTools,
  doubtful: DoubtfulAttempt,
  present: ReadonlySet<string>,
  beganAt: number,
): Decision | undefined {
  if (present.has(doubtful.lead.leadId)) return doubtful.doubt.ifPresent;
  return beganAt < doubtful.absentFrom ? undefined : absent(tools, doubtful);
}

/**
 * Where there is no read-back, the dialer's setting decides between a lead that a person has to look at and one that may be
 * doubled; not before the attempt is over for certain, since it may be another worker's.
 */
export function decideUnasked(
  tools: DeliveryTools,
  dialer: ServedDialer,
  doubtful: DoubtfulAttempt,
): Decision {
  const { ifAbsent } = doubtful.doubt;
  // A response about this lead alone needs no read-back; a refusal of several leads does.
  if (ifAbsent.kind === 'settled' && ifAbsent.decision.transition === 'accept') {
    return ifAbsent.decision;
  }
  const resends =
    !dialer.loader.canReadBack &&
    dialer.record.onUnverifiable === 'resend' &&
    isWhereItWasSent(dialer, doubtful);
  return resends ? absent(tools, doubtful) : parked;
}

/** A lead past its maximum age is not asked about for ever. The database's clock and this process' have to agree that it is. */
export function isTooOld({ clock }: DeliveryTools, { lead, expiresAt }: DoubtfulAttempt): boolean {
  return clock.now() > lead.taken.job.expiresAtMs && performance.now() > expiresAt;
}

function isWhereItWasSent({ record }: ServedDialer, { sentTo }: DoubtfulAttempt): boolean {
  return sentTo === null || sentTo === accountName(record);
}

function absent(tools: DeliveryTools, { attempt, doubt }: DoubtfulAttempt): Decision {
  switch (doubt.ifAbsent.kind) {
    case 'settled':
      return doubt.ifAbsent.decision;
    case 'halves':
      return resend;
    case 'again':
      return decideAbsent({ attempt, random: tools.random() });
  }
}
