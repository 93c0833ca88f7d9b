import { findDialerOf } from '@live-feed/database/directory/lookups';
import { findFamily } from '@live-feed/dialers/families';
import type { Session } from '../session.ts';

/** Of ids that the dialing system cannot have. They are added all the same: it is the judge. */
export async function warningsOf(
  { database }: Session,
  companyId: string,
  ids: readonly string[],
): Promise<string[]> {
  const dialer = await findDialerOf(database, companyId);
  const family = dialer === null ? undefined : findFamily(dialer.family);
  return ids.flatMap((id) => {
    const problem = family?.campaignIdProblem?.(id);
    return problem === undefined ? [] : `Warning: ${family?.title} has no campaign "${id}": ${problem}.`;
  });
}
