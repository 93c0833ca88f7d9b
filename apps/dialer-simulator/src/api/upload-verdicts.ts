/**
 * Decides what happens to each lead of an upload, and writes the response. Pure: the store and the faults are arguments, so the caller
 * can store the leads before the response, after it, or not at all.
 */

import type { LeadFault } from '../faults/fault-kinds.ts';
import { flawOf, phoneOf } from './lead-validation.ts';
import type { LoadAnswer, LoadLead, LoadRequest, RejectedRow } from './wire.ts';

export type Verdict =
  | { readonly kind: 'inserted' }
  /** Accepted, but not put on the list: a duplicate, or a fault. It is in `leadsAccepted` and not in `leadsInserted`. */
  | { readonly kind: 'dropped' }
  /** `row` is null if the dialing system rejects a lead without naming it. */
  | { readonly kind: 'rejected'; readonly row: RejectedRow | null };

const INSERTED: Verdict = { kind: 'inserted' };
const DROPPED: Verdict = { kind: 'dropped' };

/**
 * One verdict per lead, in the order of `uploadLeads`.
 *
 * @param isHeld whether the campaign already holds this number, loaded with `REMOVE_ALL_EXISTING`
 * @param imposed the verdict of a fault for a valid lead
 */
export function judgeLeads(
  request: LoadRequest,
  {
    isHeld,
    imposed,
  }: {
    readonly isHeld: (phone: string) => boolean;
    readonly imposed: (lead: LoadLead) => Verdict | null;
  },
): Verdict[] {
  const sparesExisting = request.duplicateHandling === 'REMOVE_ALL_EXISTING';
  const dedupes = sparesExisting || request.duplicateHandling === 'REMOVE_FROM_LIST';
  const inThisList = new Set<string>();

  return request.uploadLeads.map((lead) => {
    const flaw = flawOf(lead, request.phoneNumbersI18nEnabled === true);
    if (flaw !== null) return { kind: 'rejected', row: { message: flaw, rowData: rowOf(lead) } };
    const verdict = imposed(lead);
    if (verdict !== null) return verdict;
    if (!dedupes) return INSERTED;
    const phone = phoneOf(lead);
    if (inThisList.has(phone) || (sparesExisting && isHeld(phone))) return DROPPED;
    inThisList.add(phone);
    return INSERTED;
  });
}

/** The verdict that a fault of single leads causes. */
export function imposedVerdict(fault: LeadFault | null, lead: LoadLead): Verdict | null {
  if (fault === null) return null;
  if (fault.kind === 'acceptedNotInserted') return DROPPED;
  if (fault.row === 'none') return { kind: 'rejected', row: null };
  const rowData = { full: rowOf(lead), phone: [phoneOf(lead)], anonymous: ['(not shown)'] }[fault.row];
  return { kind: 'rejected', row: { message: fault.message, rowData } };
}

/** A lead's values in the order they were sent, as a rejected row repeats them: all as texts. */
function rowOf(lead: LoadLead): string[] {
  return Object.values(lead).flatMap((value) => {
    if (value === undefined) return [];
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

/** The documented response. If nothing was accepted it is a rejection, still with status 200. */
export function answerFor(request: LoadRequest, verdicts: readonly Verdict[]): LoadAnswer {
  const rejected = verdicts.filter((verdict) => verdict.kind === 'rejected');
  const accepted = verdicts.length - rejected.length;
  return {
    message:
      accepted > 0
        ? 'Your uploaded lead list has successfully completed processing'
        : 'Your uploaded lead list contained no leads that passed validation',
    leadsSupplied: verdicts.length,
    leadsAccepted: accepted,
    leadsInserted: verdicts.filter((verdict) => verdict.kind === 'inserted').length,
    leadsConverted: 0,
    dncReturnedCount: 0,
    internalDncCount: 0,
    whitelistCount: 0,
    failedAgentAssignment: 0,
    listState: request.listState ?? 'ACTIVE',
    timeZoneOption: request.timeZoneOption,
    processingResult: accepted > 0 ? 'OK' : 'Failed',
    processingStatus: accepted > 0 ? 'DEFAULT_NOT_A_FAILURE' : 'NO_LEADS_PASSED_VALIDATION',
    rejectedRows: rejected.flatMap((verdict) => (verdict.row === null ? [] : [verdict.row])),
  };
}
