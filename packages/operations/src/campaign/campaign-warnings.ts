import type { Database } from '@live-feed/database/connection/client';
import { findDialerOf } from '@live-feed/database/directory/lookups';
import { findFamily } from '@live-feed/dialers/families';

/** Of ids that the dialing system cannot have. They are added all the same: it is the judge. */
export async function campaignWarnings(
  database: Database,
  companyId: string,
  ids: readonly string[],
): Promise<string[]> {
  const dialer = await findDialerOf(database, companyId);
  const family = dialer === null ? undefined : findFamily(dialer.family);
  return ids.flatMap((id) => {
    const problem = family?.campaignIdProblem?.(id);
    return problem === undefined ? [] : [`${family?.title} has no campaign "${id}": ${problem}.`];
  });
}
