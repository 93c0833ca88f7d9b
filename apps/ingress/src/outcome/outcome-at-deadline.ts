import { setTimeout as delay } from 'node:timers/promises';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { LeadOutcome } from '@live-feed/core/lead/lead-outcome';
import { isSettled } from '@live-feed/core/lead/lead-state';
import type { Database } from '@live-feed/database/connection/client';
import type { DatabaseHealth } from '@live-feed/database/connection/health-check';
import { findLeads, type LeadRow, outcomeOf } from '@live-feed/database/leads/lead-rows';
import type { LeadProducer } from '@live-feed/queue/jobs/lead-producer';
import type { Logger } from '@live-feed/runtime/logging/logger';
import pTimeout from 'p-timeout';
import { ApiError } from '../answers/api-error.ts';
import type { Drain } from '../stopping/drain.ts';
import { type PromiseWriter, Unwritten } from './promise-writer.ts';

export interface DeadlineTools {
  readonly database: Database;
  readonly databaseHealth: DatabaseHealth;
  readonly producer: LeadProducer;
  readonly promises: PromiseWriter;
  readonly drain: Drain;
  readonly logger: Logger;
  readonly deadlineMs: number;
}

/** Public clients give up after 30 s, and the answer has to arrive before that. */
const CLIENT_PATIENCE_MS = 29_000;
/** How long promises are tried after a deadline, and how long reading the row may take after that. */
const LONGEST_MS = 2_500;
const LOOK_MS = 500;
/** A promise is given up this long before the answer: by then the statement under way has failed or timed out. */
const LAST_STATEMENT_MS = 1_500;
/** But never before this share of the time: with a late deadline there is less time than a statement may take. */
const LEAST_SHARE = 0.4;
const AGAIN_MS = 250;

/**
 * Promises a lead whose outcome is not known at its deadline, or gives it back. A caller is told "pending" only of a lead whose row has been seen, and
 * "nothing was taken" only of one that has no row and will get none: after its deadline no worker begins a lead that is not promised.
 *
 * @param isOwn false for a lead that another request waits for as well: this caller must not withdraw it
 * @returns the outcome if it is settled after all; undefined if the lead is pending: its row has been seen, and is open
 * @throws ApiError if the lead was given back, or if nothing is known of its row
 */
export async function outcomeAtDeadline(
  tools: DeadlineTools,
  job: LeadJob,
  isOwn: boolean,
): Promise<LeadOutcome | undefined> {
  const leftMs = tools.drain.withinStop(Math.min(LONGEST_MS, CLIENT_PATIENCE_MS - tools.deadlineMs));
  const answerBy = performance.now() + leftMs;
  // Once a statement of unknown effect is sent, the lead cannot be given back. So while the database is away, this is tried first.
  if (isOwn && !tools.databaseHealth.alive()) await giveBackWhileAway(tools, job, answerBy);
  const promised = tools.promises.promise(job);
  const promiseForMs = Math.max(leftMs - LAST_STATEMENT_MS, leftMs * LEAST_SHARE);
  let known = await promised.within(answerBy - leftMs + promiseForMs - performance.now());
  if (known === undefined) {
    promised.giveUp();
    known = await promised.within(answerBy - performance.now());
  }
  if (known instanceof Unwritten) {
    tools.logger.error(
      { err: known.error, leadId: job.leadId },
      'a lead could not be promised at its deadline',
    );
    if (isOwn && (await withdraw(tools, job))) {
      throw new ApiError('GIVEN_BACK', { leadId: job.leadId }, known.error);
    }
    // It may have been sent. Its promise goes on being tried, so that the lead is not lost.
    tools.promises.promise(job);
    known = undefined;
  }
  const row = known ?? (await pTimeout(readRow(tools, job), { milliseconds: LOOK_MS, message: false }));
  if (row === undefined) throw new ApiError('OUTCOME_UNKNOWN', { leadId: job.leadId });
  return isSettled(row.state) ? outcomeOf(row) : undefined;
}

/**
 * Tries until the database is back, or half of the time is over.
 *
 * @throws ApiError once the lead has been given back
 */
async function giveBackWhileAway(tools: DeadlineTools, job: LeadJob, answerBy: number): Promise<void> {
  const until = (performance.now() + answerBy) / 2;
  while (!tools.databaseHealth.alive() && performance.now() < until) {
    if (await withdraw(tools, job)) throw new ApiError('GIVEN_BACK', { leadId: job.leadId });
    await delay(AGAIN_MS);
  }
}

/** If this process stops before the lead's deadline, a worker may still begin a lead that was put back and has a row. */
function withdraw({ producer, databaseHealth }: DeadlineTools, job: LeadJob): Promise<boolean> {
  return producer.withdraw(job, databaseHealth.now() >= job.deadlineMs);
}

async function readRow(
  { database, logger }: DeadlineTools,
  { leadId }: LeadJob,
): Promise<LeadRow | undefined> {
  try {
    return (await findLeads(database, [leadId]))[0];
  } catch (err) {
    logger.error({ err, leadId }, 'the row of a lead could not be read at its deadline');
    return undefined;
  }
}
