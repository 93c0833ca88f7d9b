import { type Batch, byAge, type Line, type WaitingLead } from './line.ts';

/** A group's leads, oldest first whenever they came: a lead that was retried has lost its place in the queue, but not here. */
export interface GroupLine<Lead extends WaitingLead> extends Line<Lead> {
  add(lead: Lead): void;
}

/**
 * An empty line.
 *
 * No phone goes twice in one upload: with `REMOVE_FROM_LIST` the dialing system would drop the second lead, which it would not
 * have done had it come by itself. The younger lead waits for a later upload; the order of the others does not change.
 *
 * Costs, with n leads in line: `add` O(log n) for the youngest, else a move of what is younger; `take` and `remove` O(n).
 */
export function createGroupLine<Lead extends WaitingLead>(): GroupLine<Lead> {
  let line: Lead[] = [];

  return {
    get size() {
      return line.length;
    },
    get ready() {
      return line.length > 0;
    },
    get oldest() {
      return line[0];
    },
    add(lead) {
      line.splice(placeFor(lead, line), 0, lead);
    },
    take(maximum): Batch<Lead> {
      const phones = new Set<string>();
      const leads: Lead[] = [];
      const passedOver: Lead[] = [];
      let seen = 0;
      for (const lead of line) {
        if (leads.length === maximum) break;
        seen += 1;
        if (phones.has(lead.phoneDigest)) passedOver.push(lead);
        else {
          phones.add(lead.phoneDigest);
          leads.push(lead);
        }
      }
      line = passedOver.concat(line.slice(seen));
      return { leads, ended: () => undefined };
    },
    remove(leadIds) {
      const removed = line.filter(({ leadId }) => leadIds.has(leadId));
      if (removed.length > 0) line = line.filter(({ leadId }) => !leadIds.has(leadId));
      return removed;
    },
  };
}

/** Where the lead belongs in a line that is in order. */
function placeFor(lead: WaitingLead, line: readonly WaitingLead[]): number {
  let from = 0;
  let to = line.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const there = line[middle];
    if (there !== undefined && byAge(there, lead) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
