import type { DuplicateRule } from '@live-feed/core/directory/duplicate-rule';
import type { Database } from '../connection/client.ts';
import { promiseResent, type Resent } from '../leads/resent-leads.ts';
import { claimPhone, releasePhone } from './phone-claims.ts';

/** Many statements, on a busy machine. */
const PATIENCE = { maxWait: 5_000, timeout: 30_000 } as const;

/**
 * `promiseResent`, of leads whose phones have had no other one within the time of a rule. Claims and leads are written together or not at
 * all: after a failure no phone is claimed for a lead that there is not.
 *
 * @param rules about duplicates, by campaign; null or undefined: none are looked for
 * @returns ids of the new leads: those that are written, and those that are duplicates. The rest were sent again by somebody else
 */
export async function promiseUnlessDuplicate(
  database: Database,
  rules: ReadonlyMap<string, DuplicateRule | null>,
  resent: readonly Resent[],
): Promise<{ readonly written: ReadonlySet<string>; readonly duplicates: ReadonlySet<string> }> {
  const ruleOf = ({ campaignId }: Resent['lead']) => rules.get(campaignId) ?? null;
  if (resent.every(({ lead }) => ruleOf(lead) === null)) {
    return { written: new Set(await promiseResent(database, resent)), duplicates: new Set() };
  }
  return database.$transaction(async (transaction) => {
    const duplicates = new Set<string>();
    // In one order, so that two that claim the same phones do not wait for one another.
    for (const { lead } of resent.toSorted((a, b) => (a.lead.phoneDigest < b.lead.phoneDigest ? -1 : 1))) {
      const rule = ruleOf(lead);
      if (rule === null) continue;
      const claimed = await claimPhone(transaction, { rule, lead });
      if (claimed.kind === 'duplicate') duplicates.add(lead.leadId);
    }
    const taken = resent.filter(({ lead }) => !duplicates.has(lead.leadId));
    const written = new Set(await promiseResent(transaction, taken));
    for (const { lead } of taken) {
      const rule = ruleOf(lead);
      if (rule !== null && !written.has(lead.leadId)) await releasePhone(transaction, { rule, lead });
    }
    return { written, duplicates };
  }, PATIENCE);
}
