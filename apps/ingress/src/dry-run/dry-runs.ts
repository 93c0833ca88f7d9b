import { finished, type Writable } from 'node:stream';
import type { Database } from '@live-feed/database/connection/client';
import { createCallerCaps } from '../admission/caller-caps.ts';
import { databaseRefusal } from '../admission/database-refusal.ts';
import { ApiError } from '../answers/api-error.ts';
import { type LeadAnswer, ofDryRun } from '../answers/lead-answer.ts';
import { checkLead } from '../submit/check-lead.ts';
import { askAboutPhone } from '../submit/check-phone-of.ts';
import { duplicateAnswer } from '../submit/duplicates.ts';
import { findJoined } from '../submit/queue-lead.ts';
import type { Submission, SubmissionTools } from '../submit/submission-tools.ts';
import { createForesight, type Foresight } from './foresight.ts';
import { wouldSend } from './would-send.ts';

/** Leads that are only tried: each gets the answer that a lead would get as far as that can be known, and nothing is changed anywhere. */
export interface DryRuns {
  /** @throws ApiError as `submitLead`, and 429 if too many are under way */
  one(submission: Submission): Promise<LeadAnswer>;
  /** One of a batch that has a place. @throws ApiError as `submitLead` */
  ofBatch(submission: Submission): Promise<LeadAnswer>;
  /** A place for a batch, until its response is over. @throws ApiError 429 */
  batchPlace(companyId: string, response: Writable): void;
}

export interface DryRunTools extends SubmissionTools {
  /** Connections for reading only, so that leads find others free. */
  readonly reading: Database;
}

/** Of requests under way. Leads have places of their own. */
const CAPS = { ofIngress: 200, ofCompany: 50, unknown: () => 0 } as const;
/** Of batches, each of up to a thousand leads. */
const BATCH_CAPS = { ofIngress: 8, ofCompany: 2, unknown: () => 0 } as const;

export function createDryRuns(tools: DryRunTools): DryRuns {
  const caps = createCallerCaps(CAPS);
  const batchCaps = createCallerCaps(BATCH_CAPS);
  const foresight = createForesight(tools.reading);

  function enter(which: typeof caps, companyId: string): void {
    const cap = which.enter(companyId);
    if (cap === undefined) return;
    throw new ApiError('OVERLOADED', { about: cap === 'ingress' ? 'dry runs' : 'dry runs of the company' });
  }

  return {
    async one(submission) {
      const { companyId } = submission.key;
      enter(caps, companyId);
      try {
        return await tryLead(tools, foresight, submission);
      } finally {
        caps.leave(companyId);
      }
    },
    ofBatch: (submission) => tryLead(tools, foresight, submission),
    batchPlace(companyId, response) {
      enter(batchCaps, companyId);
      finished(response, () => batchCaps.leave(companyId));
    },
  };
}

async function tryLead(
  tools: DryRunTools,
  foresight: Foresight,
  submission: Submission,
): Promise<LeadAnswer> {
  const { lead } = await checkLead(tools, submission);
  const joined = await findJoined(tools, lead.job);
  if (joined !== undefined) return tried({ wouldJoin: joined });
  const verdict = await askAboutPhone(tools, submission, lead);
  if (verdict?.result === 'refused')
    throw new ApiError('PHONE_SUPPRESSED', { about: 'check', reason: verdict.reason });
  const seen = await foresight.of(lead).catch((error: unknown) => {
    throw databaseRefusal(tools.databaseHealth.alive(), {}, error);
  });
  switch (seen.kind) {
    case 'duplicate': {
      const answer = duplicateAnswer(tools, { ...submission, onLead: () => {} }, seen.rule, seen.of);
      return { ...answer, body: ofDryRun(answer.body) };
    }
    case 'suppressed':
      throw new ApiError('PHONE_SUPPRESSED', { about: 'list' });
    case 'none':
      if (seen.whenNone === 'reject') throw new ApiError('NO_ANI_AVAILABLE');
      return tried({ wouldSend: wouldSend(lead, null) });
    case 'chosen':
      return tried({ wouldSend: wouldSend(lead, seen) });
  }
}

function tried(what: { readonly wouldSend: unknown } | { readonly wouldJoin: string }): LeadAnswer {
  return {
    status: 200,
    leadId: null,
    body: JSON.stringify({ success: true, dryRun: true, ...what }),
    headers: {},
  };
}
