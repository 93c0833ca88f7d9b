import { stands } from '@live-feed/core/directory/campaign-pause';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { LeadOutcome } from '@live-feed/core/lead/lead-outcome';
import { abandon } from '@live-feed/database/leads/lead-transitions';
import { campaignPaused } from '../admission/campaign-paused.ts';
import { inLine } from '../admission/in-line.ts';
import type { ExpectedOutcome } from '../outcome/waiting-callers.ts';
import type { SubmissionTools } from './submission-tools.ts';

/** How often a caller that waits looks whether its campaign was paused. */
const LOOK_EVERY_MS = 1_000;

/**
 * Waits for the outcome of a lead that nobody was promised. If its campaign is paused meanwhile and refuses leads, the lead is given back as soon
 * as that is known: its caller would wait in vain, be told that the lead will be delivered, and it would be once the campaign is resumed.
 *
 * @returns undefined if the outcome has not arrived within that time
 * @throws ApiError 429 once the lead was given back: nothing was taken
 */
export async function outcomeUnlessPaused(
  tools: SubmissionTools,
  job: LeadJob,
  expected: ExpectedOutcome,
  waitMs: number,
): Promise<LeadOutcome | undefined> {
  const until = performance.now() + waitMs;
  for (;;) {
    const leftMs = until - performance.now();
    const outcome = await expected.within(Math.min(leftMs, LOOK_EVERY_MS));
    if (outcome !== undefined || leftMs <= LOOK_EVERY_MS || tools.waiting.hasEnded) return outcome;
    await giveBackIfPaused(tools, job);
  }
}

async function giveBackIfPaused(tools: SubmissionTools, job: LeadJob): Promise<void> {
  const { directory, databaseHealth, producer, database } = tools;
  const { companyId, campaignId, dialerId, leadId } = job;
  // Where that cannot be known, or be done, the wait goes on: the outcome shows what became of the lead.
  const campaign = await directory.findCampaign(companyId, campaignId).catch(() => null);
  const pause = campaign?.pause ?? null;
  if (!stands(pause, databaseHealth.now()) || pause.kind !== 'refuse') return;
  const row = await inLine(tools, job, () => abandon(database, job)).catch(() => undefined);
  if (row?.state !== 'ABANDONED') return;
  await producer.discard(dialerId, leadId);
  throw campaignPaused(pause, databaseHealth.now(), { about: 'refused', leadId });
}
