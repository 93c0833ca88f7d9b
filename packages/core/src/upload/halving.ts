import { type Batch, byAge, type Line } from './line.ts';

/**
 * The leads of an upload that was refused as a whole, none of which the dialing system has. Any of them may be why. They go
 * again in halves, and with no other lead; a half that is refused is halved in its turn, by handing its leads to this again.
 * A single lead ends it: the answer to an upload of one is final.
 *
 * The smaller half goes first, and the other waits for its answer: if the first is taken, the second is known to be bad, and is
 * halved unasked. This is a guess about what is worth a permit, never about a lead: every outcome comes from an upload that the lead
 * was in. It is made only of leads that were refused themselves, so that a refusal about something else (an upload
 * too large, a passing fault) costs one upload too many, not one at each depth.
 *
 * So one bad lead among n costs at most 2·⌈log₂ n⌉ uploads besides the refused one; among 500 at most 17, where asking both halves
 * each time would need 18 for nearly every place of the bad lead.
 */
export function createHalves<Lead extends { readonly leadId: string }>(refused: readonly Lead[]): Line<Lead> {
  let parts = halve(refused);
  /** The first half has gone or has been broken up: its answer is, or will be, no hint any more. */
  let begun = parts.length < 2;
  let awaitsFirst = false;

  return {
    get size() {
      return parts.reduce((sum, part) => sum + part.length, 0);
    },
    get ready() {
      return parts.length > 0 && !awaitsFirst;
    },
    get oldest() {
      let oldest: Lead | undefined;
      for (const lead of parts.flat()) if (oldest === undefined || byAge(lead, oldest) < 0) oldest = lead;
      return oldest;
    },
    take(maximum): Batch<Lead> {
      const [part = [], ...others] = parts;
      const leads = part.slice(0, maximum);
      const left = part.slice(maximum);
      parts = left.length > 0 ? [left, ...others] : others;
      const isFirstHalf = !begun && left.length === 0;
      begun = true;
      if (!isFirstHalf) return { leads, ended: () => undefined };
      awaitsFirst = true;
      return {
        leads,
        ended(accepted) {
          if (!awaitsFirst) return;
          awaitsFirst = false;
          if (accepted) parts = parts.flatMap(halve);
        },
      };
    },
    remove(leadIds) {
      const removed = parts.flat().filter(({ leadId }) => leadIds.has(leadId));
      if (removed.length > 0) {
        begun = true;
        parts = parts
          .map((part) => part.filter(({ leadId }) => !leadIds.has(leadId)))
          .filter((part) => part.length > 0);
      }
      return removed;
    },
  };
}

/** The smaller half first; of one lead, that lead; of none, nothing. */
function halve<Lead>(leads: readonly Lead[]): Lead[][] {
  const middle = Math.floor(leads.length / 2);
  return [leads.slice(0, middle), leads.slice(middle)].filter((half) => half.length > 0);
}
