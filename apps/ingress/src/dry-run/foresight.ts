import { leadToCall } from '@live-feed/core/caller-id/lead-to-call';
import { createCompanyBatches } from '@live-feed/core/company-batches';
import type { DuplicateRule } from '@live-feed/core/directory/duplicate-rule';
import { type AniPreview, previewAssignments } from '@live-feed/database/caller-ids/ani-assignment';
import type { Database } from '@live-feed/database/connection/client';
import { type EarlierLead, findEarlierLead } from '@live-feed/database/duplicates/phone-claims';
import type { PreparedLead } from '../submit/prepare-lead.ts';

export type Foreseen =
  | AniPreview
  | { readonly kind: 'duplicate'; readonly of: EarlierLead; readonly rule: DuplicateRule };

/** What would become of leads between being taken and being sent. Only looks. */
export interface Foresight {
  /** Each lead by itself, even if others come with it. */
  of(lead: PreparedLead): Promise<Foreseen>;
}

/** Statements under way at once, so that others find connections free. */
const AT_ONCE = 2;
/** Leads that share statements. Each may be of another campaign, whose numbers are read. */
const MOST_LEADS = 50;

export function createForesight(reading: Database): Foresight {
  const batches = createCompanyBatches<PreparedLead, Foreseen>({
    run: (companyId, leads) => foresee(reading, companyId, leads),
    atOnce: AT_ONCE,
    restMs: 0,
    maxSize: MOST_LEADS,
  });
  return { of: (lead) => batches.submit(lead.job.companyId, lead) };
}

async function foresee(
  reading: Database,
  companyId: string,
  leads: readonly PreparedLead[],
): Promise<readonly Foreseen[]> {
  const found = new Map<PreparedLead, Foreseen>();
  for (const lead of leads) {
    const { duplicates: rule, job } = lead;
    const of = rule === null ? null : await findEarlierLead(reading, { rule, lead: job });
    if (rule !== null && of !== null) found.set(lead, { kind: 'duplicate', of, rule });
  }
  const others = leads.filter((lead) => !found.has(lead));
  const previews = await previewAssignments(
    reading,
    companyId,
    others.map(({ job: { campaignId, phoneDigest }, payload }) => ({
      ...{ campaignId, phoneDigest },
      toCall: leadToCall(payload),
    })),
  );
  others.forEach((lead, place) => {
    const preview = previews[place];
    if (preview !== undefined) found.set(lead, preview);
  });
  return leads.map((lead) => found.get(lead) as Foreseen);
}
