import { setTimeout as delay } from 'node:timers/promises';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { effectOf } from '@live-feed/database/connection/statement-effect';
import type { LeadRow } from '@live-feed/database/leads/lead-rows';
import { abandon } from '@live-feed/database/leads/lead-transitions';
import type { LeadPromise } from '@live-feed/database/leads/promise';
import pTimeout from 'p-timeout';
import { databaseRefusal } from '../admission/database-refusal.ts';
import { inLine } from '../admission/in-line.ts';
import { ApiError } from '../answers/api-error.ts';
import { Unwritten } from '../outcome/promise-writer.ts';
import type { SubmissionTools } from './submission-tools.ts';

/** A caller whose statement is known to have done nothing is refused within this time. */
const REFUSE_AFTER_MS = 2_000;
const AGAIN_MS = 250;
/** An attempt may outlast the deadline by this much. */
const LAST_ATTEMPT_MS = 1_000;

/**
 * Promises a lead, so that its caller can get a response that it is kept.
 *
 * @param tried see `LeadPromise`
 * @returns its row, in any state
 * @throws ApiError if it is not promised and will not be, or if that is not known by the deadline
 */
export async function keep(
  tools: SubmissionTools,
  job: LeadJob,
  tried: LeadPromise['tried'],
): Promise<LeadRow> {
  const { promises, databaseHealth } = tools;
  const pending = promises.promise(job, tried);
  let known = await pending.within(REFUSE_AFTER_MS);
  if (known === undefined) {
    pending.giveUp();
    known = await pending.within(tools.drain.withinStop(job.deadlineMs - databaseHealth.now()));
  }
  if (known === undefined) throw new ApiError('OUTCOME_UNKNOWN', { leadId: job.leadId });
  if (known instanceof Unwritten)
    throw databaseRefusal(databaseHealth.alive(), { leadId: job.leadId }, known.error);
  return known;
}

/**
 * Gives back a lead that this request has promised and that no other request knows of.
 *
 * @returns its row: in any state but ABANDONED the lead could not be given back, and will be delivered
 * @throws ApiError if that is not known by the deadline
 */
export function giveBackOwn(tools: SubmissionTools, job: LeadJob): Promise<LeadRow> {
  // The row exists: the response says that nothing was taken only once the row does.
  return untilKnown(tools, job, 'unknown', () =>
    inLine(tools, job, () => abandon(tools.database, job, 'own')),
  );
}

/**
 * Carries out a statement until its effect is known.
 *
 * @param before `unknown`: an earlier statement may have written the row, so this one is tried until the deadline. `none`: nothing has been
 * written, so it is given up after 2 s, unless its own effect becomes unknown
 * @param attempt can be repeated without harm
 * @throws ApiError if it is not carried out and will not be, or if that is not known by the deadline
 */
export async function untilKnown<Result>(
  tools: SubmissionTools,
  { leadId, deadlineMs }: LeadJob,
  before: 'none' | 'unknown',
  attempt: () => Promise<Result>,
): Promise<Result> {
  const { databaseHealth, drain } = tools;
  let isUncertain = before === 'unknown';
  const refuseAt = performance.now() + REFUSE_AFTER_MS;
  for (;;) {
    try {
      const leftMs = drain.withinStop(deadlineMs - databaseHealth.now()) + LAST_ATTEMPT_MS;
      return await pTimeout(attempt(), {
        milliseconds: Math.max(1, leftMs),
        message: 'The statement did not end in time.',
      });
    } catch (error) {
      // Its turn has not come.
      if (error instanceof ApiError && !isUncertain) throw error;
      isUncertain ||= !(error instanceof ApiError) && effectOf(error) === 'unknown';
      if (!isUncertain && performance.now() + AGAIN_MS >= refuseAt) {
        throw databaseRefusal(databaseHealth.alive(), { leadId }, error);
      }
      if (drain.withinStop(deadlineMs - databaseHealth.now()) <= AGAIN_MS) {
        throw new ApiError('OUTCOME_UNKNOWN', { leadId }, error);
      }
      await delay(AGAIN_MS);
    }
  }
}
