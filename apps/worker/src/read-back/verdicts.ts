import { accountName } from '@live-feed/core/directory/account-name';
import { type Decision, decideAbsent, parked, resend } from '../delivery/decide.ts';
import type { DeliveryTools } from '../delivery/delivery-tools.ts';
import type { HeldLead } from '../delivery/held-lead.ts';
import type { DecidedLead } from '../delivery/settle-leads.ts';
import type { ServedDialer } from '../lane/dialer-directory.ts';

/** What is made of a lead in doubt by what a read-back shows, or where there is nobody to ask. */

type Verdict = Omit<DecidedLead, 'uploadSize'>;

/** A lead is asked about where it was sent, and nowhere else: on another account it would be absent, and be sent again. */
export function canBeAsked(dialer: ServedDialer, held: HeldLead): boolean {
  return dialer.loader.canReadBack && dialer.account !== undefined && isWhereItWasSent(dialer, held);
}

/**
 * @param present the leads that the read-back has found
 * @param beganAt on `performance.now()`'s scale
 * @returns undefined where it does not count yet
 */
export function decideByReadBack(
  tools: DeliveryTools,
  held: HeldLead,
  present: ReadonlySet<string>,
  beganAt: number,
): Verdict | undefined {
  if (present.has(held.lead.leadId)) return verdict(held, held.doubt.ifPresent);
  return beganAt < held.absentFrom ? undefined : verdict(held, absent(tools, held));
}

/**
 * Where nobody can be asked, the dialer's setting decides between a lead that a person has to look at and one that may be
 * doubled; not before the attempt is over for certain, since it may be another worker's.
 */
export function decideUnasked(tools: DeliveryTools, dialer: ServedDialer, held: HeldLead): Verdict {
  const { ifAbsent } = held.doubt;
  // What was said of it once it had been answered needs nobody to be asked, unless that was a refusal of several.
  if (ifAbsent.kind === 'settled' && ifAbsent.decision.transition === 'accept') {
    return verdict(held, ifAbsent.decision);
  }
  const resends =
    !dialer.loader.canReadBack && dialer.record.onUnverifiable === 'resend' && isWhereItWasSent(dialer, held);
  return resends ? verdict(held, absent(tools, held)) : parkedLead(held);
}

/** A lead past its maximum age is not asked about for ever. The database's clock and this process' have to agree that it is. */
export function isTooOld({ clock }: DeliveryTools, { lead, expiresAt }: HeldLead): boolean {
  return clock.now() > lead.taken.job.expiresAtMs && performance.now() > expiresAt;
}

export function parkedLead(held: HeldLead): Verdict {
  return verdict(held, parked);
}

function isWhereItWasSent({ record }: ServedDialer, { sentTo }: HeldLead): boolean {
  return sentTo === null || sentTo === accountName(record);
}

function absent(tools: DeliveryTools, { attempt, doubt }: HeldLead): Decision {
  switch (doubt.ifAbsent.kind) {
    case 'settled':
      return doubt.ifAbsent.decision;
    case 'halves':
      return resend;
    case 'again':
      return decideAbsent({ attempt, random: tools.random() });
  }
}

function verdict({ lead, attempt, sentTo, absentFrom }: HeldLead, decision: Decision): Verdict {
  return { lead, attempt, sentTo, decision, absentFrom };
}
