/** A lead loader's answer as one lead's caller is told it. */

/** Counts that speak of the whole upload and can be told for one lead. */
interface BatchAnswer {
  readonly [member: string]: unknown;
}

/** Batch-wide members that cannot be told for one lead: a caller never learns of another's leads. */
const BATCH_WIDE = [
  'leadsConverted',
  'dncReturnedCount',
  'internalDncCount',
  'whitelistCount',
  'failedAgentAssignment',
] as const;

/**
 * The answer to an upload of several, told for one of them.
 *
 * @param ownRows the rejected rows that are this lead's
 */
export function tellForOne(
  answer: BatchAnswer,
  lead: { readonly accepted: boolean; readonly inserted: boolean; readonly ownRows: readonly unknown[] },
): Record<string, unknown> {
  const told: Record<string, unknown> = { ...answer };
  for (const member of BATCH_WIDE) delete told[member];
  told['leadsSupplied'] = 1;
  told['leadsAccepted'] = lead.accepted ? 1 : 0;
  told['leadsInserted'] = lead.inserted ? 1 : 0;
  if ('rejectedRows' in answer || lead.ownRows.length > 0) told['rejectedRows'] = lead.ownRows;
  return told;
}

/** What is said of a lead whose upload was never answered, but which the dialing system turned out to hold. */
export function tellReadBack(): Record<string, unknown> {
  return {
    message: 'The lead was found in the dialing system by read-back; the answer to its upload was lost',
    leadsSupplied: 1,
    leadsAccepted: 1,
    leadsInserted: 1,
    processingResult: 'OK',
    processingStatus: 'DEFAULT_NOT_A_FAILURE',
  };
}
