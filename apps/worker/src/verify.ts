import { setTimeout as pause } from 'node:timers/promises';
import type { DialerAccount, ReadBackResult } from '@live-feed/dialers/lead-loader';
import { dialerAddress } from '@live-feed/queue/dialer-address';
import { type Decision, decideAbsent, parked, resend } from './decide.ts';
import type { DeliveryTools } from './delivery-tools.ts';
import type { ServedDialer } from './dialer-directory.ts';
import type { HeldLead } from './held-lead.ts';
import type { LaneLead } from './lane-lead.ts';
import { settleWithinMs } from './settings.ts';
import { type DecidedLead, putBack, settleLeads, type Unsettled } from './settle-leads.ts';

/** Read-backs after an outcome became unknown, milliseconds; later ones at the last distance. */
const SCHEDULE_MS = [0, 1_000, 3_000, 6_000];
const LATER_EVERY_MS = 3_000;
/** A lead that could not be verified is given back to the queue: its next run goes on. */
const LONGEST_RUN_MS = 60_000;
const NEXT_RUN_MS = 15_000;
/** How long to wait for the right to ask. */
const LONGEST_PERMIT_WAIT_MS = 5_000;

/**
 * Settles the leads of one upload that may or may not have had an effect. Presence counts at once; absence only in a read-back that
 * began when nothing of the attempt could be under way any more. Nothing is sent again before one of the two is known.
 *
 * @param resendInHalves takes those that go again apart from those that may be why they were refused
 */
export async function verify(
  tools: DeliveryTools,
  dialer: ServedDialer,
  leads: readonly HeldLead[],
  resendInHalves: (leads: readonly LaneLead[]) => void,
): Promise<void> {
  const { account, loader } = dialer;
  const open =
    loader.canReadBack && account !== undefined
      ? await readBackUntilSettled(tools, dialer, account, leads, resendInHalves)
      : await settleUnasked(tools, dialer, leads);
  const delayMs = tools.stopping.aborted ? 0 : NEXT_RUN_MS;
  putBack(open.map(({ lead }) => ({ lead, delayMs })));
}

/** @returns the leads that are still open */
async function readBackUntilSettled(
  tools: DeliveryTools,
  dialer: ServedDialer,
  account: DialerAccount,
  leads: readonly HeldLead[],
  resendInHalves: (leads: readonly LaneLead[]) => void,
): Promise<readonly HeldLead[]> {
  const campaignId = leads[0]?.lead.campaignId ?? '';
  const startedAt = performance.now();
  let open = leads;
  let beganAt = Number.NEGATIVE_INFINITY;
  for (let round = 0; open.length > 0; round += 1) {
    const now = performance.now();
    if (tools.stopping.aborted || now - startedAt > LONGEST_RUN_MS) break;
    const waitMs = nextReadBackMs(round, startedAt, beganAt, open) - now;
    if (waitMs > 0) await pause(waitMs, undefined, { signal: tools.stopping }).catch(() => undefined);
    if (tools.stopping.aborted) break;
    beganAt = performance.now();
    const ids = open.map(({ lead }) => lead.leadId);
    const result = await dialer.loader.readBack(account, campaignId, ids, () => mayAsk(tools, dialer));
    tools.metrics.readBacks.add(dialer.record.id, result.kind);
    if (result.kind === 'found') {
      open = await settleFound(tools, dialer, open, result, beganAt, resendInHalves);
    } else {
      const { kind } = result;
      tools.logger.warn({ dialerId: dialer.record.id, kind, leads: open.length }, 'read-back did not answer');
      open = await parkTooOld(tools, dialer, open);
    }
  }
  return open;
}

/**
 * Not later than the first moment, on `performance.now()`'s scale, at which absence would count and that no read-back has reached
 * yet: a timer that fires a little early must not cost a whole distance of the schedule.
 */
function nextReadBackMs(
  round: number,
  startedAt: number,
  lastBeganAt: number,
  open: readonly HeldLead[],
): number {
  const ahead = open.map(({ absentFrom }) => absentFrom).filter((moment) => moment > lastBeganAt);
  // Refused as a whole: nobody expects it to be there, so the first look is the one that counts.
  if (round === 0 && open.every(({ doubt }) => doubt.ifAbsent.kind === 'halves')) return Math.min(...ahead);
  const last = SCHEDULE_MS.length - 1;
  const planned =
    round <= last
      ? startedAt + (SCHEDULE_MS[round] ?? 0)
      : startedAt + (SCHEDULE_MS[last] ?? 0) + (round - last) * LATER_EVERY_MS;
  return Math.min(planned, ...ahead);
}

/** Read-back has limits of its own. */
async function mayAsk(tools: DeliveryTools, dialer: ServedDialer): Promise<boolean> {
  const address = dialerAddress(dialer.record);
  const giveUpAt = performance.now() + LONGEST_PERMIT_WAIT_MS;
  try {
    for (;;) {
      const answer = await tools.readBackPermits.take(address, dialer.readBackBucket);
      if (answer.kind === 'granted') return true;
      if (performance.now() + answer.waitMs > giveUpAt || tools.stopping.aborted) return false;
      await pause(answer.waitMs, undefined, { signal: tools.stopping }).catch(() => undefined);
    }
  } catch (error) {
    tools.logger.warn({ err: error }, 'no permit could be had for a read-back');
    return false;
  }
}

/** @returns the leads that are still open */
async function settleFound(
  tools: DeliveryTools,
  dialer: ServedDialer,
  open: readonly HeldLead[],
  result: Extract<ReadBackResult, { kind: 'found' }>,
  beganAt: number,
  resendInHalves: (leads: readonly LaneLead[]) => void,
): Promise<HeldLead[]> {
  const present = new Set(result.leads.map(({ externId }) => externId));
  const waiting: HeldLead[] = [];
  const decided: DecidedLead[] = [];
  const inHalves = new Set<string>();
  for (const held of open) {
    const { lead, attempt, doubt, absentFrom } = held;
    if (present.has(lead.leadId)) decided.push({ lead, attempt, decision: doubt.ifPresent });
    else if (beganAt < absentFrom) waiting.push(held);
    else {
      decided.push({ lead, attempt, decision: absent(tools, held) });
      if (doubt.ifAbsent.kind === 'halves') inHalves.add(lead.leadId);
    }
  }
  if (decided.length === 0) return waiting;
  const unsettled = await settleLeads(tools, dialer, decided, open.length);
  sendAgain(unsettled, inHalves, resendInHalves);
  return [...waiting, ...unsettled.open];
}

function absent(tools: DeliveryTools, { attempt, doubt, doubted }: HeldLead): Decision {
  switch (doubt.ifAbsent.kind) {
    case 'settled':
      return doubt.ifAbsent.decision;
    case 'halves':
      return resend;
    case 'again':
      // Where it was a worker that died, nothing speaks against the next attempt's success.
      return decideAbsent({ attempt, random: tools.random() }, doubted ? settleWithinMs(tools.settings) : 0);
  }
}

function sendAgain(
  { queued }: Unsettled,
  inHalves: ReadonlySet<string>,
  resendInHalves: (leads: readonly LaneLead[]) => void,
): void {
  const halved = queued.filter(({ lead }) => inHalves.has(lead.leadId));
  putBack(queued.filter(({ lead }) => !inHalves.has(lead.leadId)));
  if (halved.length > 0) resendInHalves(halved.map(({ lead }) => lead));
}

/** A lead past its maximum age is not asked about for ever. */
async function parkTooOld(
  tools: DeliveryTools,
  dialer: ServedDialer,
  open: readonly HeldLead[],
): Promise<HeldLead[]> {
  const isOld = ({ lead }: HeldLead) => Date.now() > lead.taken.job.expiresAtMs;
  const old = open.filter(isOld);
  if (old.length === 0) return [...open];
  return [...open.filter((held) => !isOld(held)), ...(await settleAll(tools, dialer, old, () => parked))];
}

/**
 * Where nobody can be asked, the dialer's setting decides between a lead that a person has to look at and one that may be
 * doubled; not before the attempt is over for certain, since it may be another worker's.
 */
async function settleUnasked(
  tools: DeliveryTools,
  dialer: ServedDialer,
  leads: readonly HeldLead[],
): Promise<readonly HeldLead[]> {
  const waitMs = Math.max(...leads.map(({ absentFrom }) => absentFrom)) - performance.now();
  if (waitMs > 0) await pause(waitMs, undefined, { signal: tools.stopping }).catch(() => undefined);
  if (tools.stopping.aborted) return leads;
  const resends = !dialer.loader.canReadBack && dialer.record.onUnverifiable === 'resend';
  return settleAll(tools, dialer, leads, (held) => {
    const { ifAbsent } = held.doubt;
    // What was said of it once it had been answered needs nobody to be asked, unless that was a refusal of several.
    if (ifAbsent.kind === 'settled' && ifAbsent.decision.transition === 'accept') return ifAbsent.decision;
    return resends ? absent(tools, held) : parked;
  });
}

/** @returns the leads that are still open */
async function settleAll(
  tools: DeliveryTools,
  dialer: ServedDialer,
  leads: readonly HeldLead[],
  decide: (held: HeldLead) => Decision,
): Promise<HeldLead[]> {
  const decided = leads.map((held) => ({ lead: held.lead, attempt: held.attempt, decision: decide(held) }));
  const unsettled = await settleLeads(tools, dialer, decided, leads.length);
  putBack(unsettled.queued);
  return unsettled.open;
}
