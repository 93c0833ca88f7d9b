import { setTimeout as delay } from 'node:timers/promises';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { effectOf } from '@live-feed/database/connection/statement-effect';
import type { LeadRow } from '@live-feed/database/leads/lead-rows';
import { abandon } from '@live-feed/database/leads/lead-transitions';
import type { LeadPromise } from '@live-feed/database/leads/promise';
import pTimeout from 'p-timeout';
import { Unwritten } from '../outcome/promise-writer.ts';
import { withinStop } from '../outcome/time-left.ts';
import { databaseRefusal, outcomeUnknown } from './refusals.ts';
import type { SubmissionTools } from './submission-tools.ts';

/** As long as nothing can have been written, a caller is refused within this time. */
const REFUSE_AFTER_MS = 2_000;
const AGAIN_MS = 250;
/** An attempt that was begun before the deadline may last for so long after it. */
const LAST_ATTEMPT_MS = 1_000;

/**
 * Promises a lead before its caller is told that it is kept.
 *
 * @param tried see `LeadPromise`
 * @returns its row, whatever it says
 * @throws ApiError if it is not promised and will not be, or if that is not known by the deadline
 */
export async function keep(
  tools: SubmissionTools,
  job: LeadJob,
  tried: LeadPromise['tried'],
): Promise<LeadRow> {
  const { promises, pulse } = tools;
  const pending = promises.promise(job, tried);
  let known = await pending.within(REFUSE_AFTER_MS);
  if (known === undefined) {
    pending.giveUp();
    known = await pending.within(withinStop(tools, job.deadlineMs - pulse.now()));
  }
  if (known === undefined) throw outcomeUnknown(job.leadId);
  if (known instanceof Unwritten) throw databaseRefusal(pulse.alive(), { leadId: job.leadId }, known.error);
  return known;
}

/**
 * Gives back a lead that was promised by this very request, and that nobody else can know of.
 *
 * @returns its row: in any state but ABANDONED it could not be given back, and goes on
 * @throws ApiError if that is not known by the deadline
 */
export function giveBackOwn(tools: SubmissionTools, job: LeadJob): Promise<LeadRow> {
  // Its row is there: it must not be told that nothing was taken before the row says so.
  return untilKnown(tools, job, 'unknown', () => abandon(tools.database, job, 'own'));
}

/**
 * Carries out a statement until its effect is known.
 *
 * @param before what is known before it: after `unknown` it is tried until the deadline, after `none` for as long as nothing can have been written
 * @param attempt does no harm when it is carried out again
 * @throws ApiError if it is not carried out and will not be, or if that is not known by the deadline
 */
export async function untilKnown<Result>(
  tools: SubmissionTools,
  { leadId, deadlineMs }: LeadJob,
  before: 'none' | 'unknown',
  attempt: () => Promise<Result>,
): Promise<Result> {
  const { pulse } = tools;
  let isUncertain = before === 'unknown';
  const refuseAt = performance.now() + REFUSE_AFTER_MS;
  for (;;) {
    try {
      const leftMs = withinStop(tools, deadlineMs - pulse.now()) + LAST_ATTEMPT_MS;
      return await pTimeout(attempt(), {
        milliseconds: leftMs,
        message: 'The statement was not done in time.',
      });
    } catch (error) {
      isUncertain ||= effectOf(error) === 'unknown';
      if (!isUncertain && performance.now() + AGAIN_MS >= refuseAt) {
        throw databaseRefusal(pulse.alive(), { leadId }, error);
      }
      if (withinStop(tools, deadlineMs - pulse.now()) <= AGAIN_MS) throw outcomeUnknown(leadId, error);
      await delay(AGAIN_MS);
    }
  }
}
