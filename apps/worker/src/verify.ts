import { setTimeout as pause } from 'node:timers/promises';
import { tellReadBack } from '@live-feed/core/dialer-response';
import type { DialerAccount, ReadBackResult } from '@live-feed/dialers/lead-loader';
import type { Decision, DecisionContext } from './decide.ts';
import { decideAbsent } from './decide.ts';
import type { DeliveryTools } from './delivery-tools.ts';
import type { ServedDialer } from './dialer-directory.ts';
import { settleWithinMs } from './settings.ts';
import { type DecidedLead, type HeldLead, settleLeads } from './settle-leads.ts';

/** Read-backs after an outcome became unknown, milliseconds; later ones at the last distance. */
const SCHEDULE_MS = [0, 1_000, 3_000, 6_000];
/** A lead that could not be verified is given back to the queue: its next run goes on. */
const LONGEST_RUN_MS = 60_000;
const NEXT_RUN_MS = 15_000;

/**
 * Settles leads whose upload may or may not have had an effect. Presence counts at once; absence only in a read-back that
 * began when nothing of the attempt could be under way any more. Nothing is sent again before one of the two is known.
 */
export async function verify(
  tools: DeliveryTools,
  dialer: ServedDialer,
  campaignId: string,
  leads: readonly HeldLead[],
): Promise<void> {
  if (leads.length === 0) return;
  const { account, loader } = dialer;
  const open =
    loader.canReadBack && account !== undefined
      ? await readBackUntilSettled(tools, dialer, account, campaignId, leads)
      : await settleUnasked(tools, dialer, leads);
  const nextRunMs = tools.stopping.aborted ? 0 : NEXT_RUN_MS;
  for (const { taken } of open) taken.retry(nextRunMs);
}

/** @returns the leads that are still open */
async function readBackUntilSettled(
  tools: DeliveryTools,
  dialer: ServedDialer,
  account: DialerAccount,
  campaignId: string,
  leads: readonly HeldLead[],
): Promise<readonly HeldLead[]> {
  const startedAt = performance.now();
  let open = leads;
  let beganAt = Number.NEGATIVE_INFINITY;
  for (let round = 0; open.length > 0; round += 1) {
    const now = performance.now();
    if (tools.stopping.aborted || now - startedAt > LONGEST_RUN_MS) break;
    const waitMs = nextReadBackAt(round, startedAt, beganAt, open) - now;
    if (waitMs > 0) await pause(waitMs, undefined, { signal: tools.stopping }).catch(() => undefined);
    if (tools.stopping.aborted) break;
    beganAt = performance.now();
    const ids = open.map(({ taken }) => taken.job.leadId);
    const result = await dialer.loader.readBack(account, campaignId, ids, async () => true);
    open = await settleFound(tools, dialer, open, result, beganAt);
  }
  return open;
}

/**
 * Not later than the first moment, on `performance.now()`'s scale, at which absence would count and that no read-back has reached
 * yet: a timer that fires a little early must not cost a whole distance of the schedule.
 */
function nextReadBackAt(
  round: number,
  startedAt: number,
  lastBeganAt: number,
  open: readonly HeldLead[],
): number {
  const last = SCHEDULE_MS.length - 1;
  const planned =
    round <= last
      ? startedAt + (SCHEDULE_MS[round] ?? 0)
      : startedAt + (SCHEDULE_MS[last] ?? 0) + (round - last) * 3_000;
  const ahead = open.map(({ absentFrom }) => absentFrom).filter((moment) => moment > lastBeganAt);
  return Math.min(planned, ...ahead);
}

/** @returns the leads that are still open */
async function settleFound(
  tools: DeliveryTools,
  dialer: ServedDialer,
  open: readonly HeldLead[],
  result: ReadBackResult,
  beganAt: number,
): Promise<HeldLead[]> {
  if (result.kind !== 'found') {
    const { kind } = result;
    tools.logger.warn({ dialerId: dialer.record.id, kind, leads: open.length }, 'read-back did not answer');
    return parkTooOld(tools, dialer, open);
  }
  const present = new Set(result.leads.map(({ externId }) => externId));
  const decided: DecidedLead[] = [];
  const waiting: HeldLead[] = [];
  for (const lead of open) {
    if (present.has(lead.taken.job.leadId)) decided.push({ lead, decision: found });
    else if (beganAt >= lead.absentFrom) {
      decided.push({ lead, decision: decideAbsent(lead.doubted, contextOf(tools, lead)) });
    } else waiting.push(lead);
  }
  if (decided.length === 0) return waiting;
  const unsettled = await settleLeads(tools, dialer, decided, decided.length);
  return [...waiting, ...unsettled];
}

/** A lead past its maximum age is not asked about for ever. */
async function parkTooOld(
  tools: DeliveryTools,
  dialer: ServedDialer,
  open: readonly HeldLead[],
): Promise<HeldLead[]> {
  const isOld = ({ taken }: HeldLead) => Date.now() > taken.job.expiresAtMs;
  const old = open.filter(isOld);
  if (old.length === 0) return [...open];
  const unsettled = await settleLeads(
    tools,
    dialer,
    old.map((lead) => ({ lead, decision: parked })),
    old.length,
  );
  return [...open.filter((lead) => !isOld(lead)), ...unsettled];
}

const parked: Decision = {
  transition: 'park',
  reason: 'OUTCOME_UNVERIFIABLE',
  told: undefined,
  source: null,
  delayMs: 0,
  neededMs: 0,
};

const found: Decision = {
  transition: 'accept',
  reason: 'DIALER_ACCEPTED',
  told: tellReadBack(),
  source: 'read-back',
  delayMs: 0,
  neededMs: 0,
};

function contextOf(tools: DeliveryTools, { attempt }: HeldLead): DecisionContext {
  return { size: 1, attempt, random: tools.random(), settleWithinMs: settleWithinMs(tools.settings) };
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
  const resend = !dialer.loader.canReadBack && dialer.record.onUnverifiable === 'resend';
  const decided = leads.map((lead) => ({
    lead,
    decision: resend ? decideAbsent(lead.doubted, contextOf(tools, lead)) : parked,
  }));
  return settleLeads(tools, dialer, decided, decided.length);
}
