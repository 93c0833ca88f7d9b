/** Tells the leads of an upload apart by its answer: whom the dialing system took, whom it refused, who has to be looked up. */
import { contradictsItself } from './contradictions.ts';
import { type OwnShare, type RejectedRow, tellForOne, type UploadAnswer } from './dialer-response.ts';
import { createLeadMentions, type LeadMentions, type UploadedLead } from './lead-mentions.ts';

/** What an answer says of one lead of several; `told` is the answer as the lead's caller is told it. */
export type LeadVerdict =
  /** Taken. Whether it was inserted is in `told`, or the dialing system does not say such things. */
  | { readonly kind: 'accepted'; readonly told: Told }
  /**
   * Taken, but of those taken some were not inserted, and who is not said: `told` leaves it open. Read-back can tell
   * (`tellInserted`). Never to be sent again.
   */
  | { readonly kind: 'accepted-unconfirmed'; readonly told: Told }
  | { readonly kind: 'rejected'; readonly told: Told }
  /** To be settled by read-back, never guessed. Whoever is absent then may be whom an unattributed rejection was about. */
  | { readonly kind: 'undecided' };

type Told = Readonly<Record<string, unknown>>;

export type Attribution =
  /** The answer to an upload of one is about that lead, and is told untouched. */
  | { readonly kind: 'accepted' | 'rejected' }
  /** It says two things that cannot both be so: no lead's outcome. Read back. */
  | { readonly kind: 'contradictory' }
  /** Nobody was taken, and no row says whose fault it is: no lead's outcome. Read back, then halve. */
  | { readonly kind: 'refused-as-a-whole' }
  /** In the order of the upload. */
  | { readonly kind: 'told-apart'; readonly verdicts: readonly LeadVerdict[] };

/**
 * A lead is *rejected* if a row is its own and the counts leave room for that. The others are *accepted* if every row has an
 * owner and the counts say that nobody else was refused: supplied are all, accepted are all but the owners. Else any of the
 * others may have been refused, and all of them are *undecided*.
 *
 * Costs O(answer + leads).
 *
 * @param leads the upload's, at least one, in its order; no phone twice
 */
export function attribute(answer: UploadAnswer, leads: readonly UploadedLead[]): Attribution {
  if (contradictsItself(answer, leads.length)) return { kind: 'contradictory' };
  if (leads.length === 1) return { kind: answer.leadsAccepted > 0 ? 'accepted' : 'rejected' };
  const mentions = createLeadMentions(leads);
  const { owned, orphans } = rowsByOwner(answer.rejectedRows ?? [], mentions);
  if (answer.leadsAccepted === 0 && owned.size === 0) return { kind: 'refused-as-a-whole' };

  const refused = leads.length - answer.leadsAccepted;
  const ownersWereRefused = owned.size <= refused;
  const othersWereAccepted = orphans === 0 && owned.size === refused;
  const told = (place: number, share: OwnShare) =>
    tellForOne(answer, share, (text) => mentions.namesAnother(text, place));

  const verdicts = leads.map((_, place): LeadVerdict => {
    const ownRows = owned.get(place);
    if (ownRows !== undefined && ownersWereRefused) {
      return { kind: 'rejected', told: told(place, { accepted: false, inserted: false, ownRows }) };
    }
    if (ownRows !== undefined || !othersWereAccepted) return { kind: 'undecided' };
    const inserted = insertedOf(answer);
    return {
      kind: inserted === 'some' ? 'accepted-unconfirmed' : 'accepted',
      told: told(place, { accepted: true, inserted: INSERTED[inserted], ownRows: [] }),
    };
  });
  return { kind: 'told-apart', verdicts };
}

/** Whether one of the accepted leads was inserted, by how many of them were. */
const INSERTED = { all: true, none: false, some: undefined, unsaid: undefined } as const;

/** @returns the rows by their owner's place in the upload, and how many have none */
function rowsByOwner(rows: readonly RejectedRow[], mentions: LeadMentions) {
  const owned = new Map<number, RejectedRow[]>();
  let orphans = 0;
  for (const row of rows) {
    const owner = mentions.ownerOf(row);
    const rowsOfOwner = owner === undefined ? undefined : owned.get(owner);
    if (owner === undefined) orphans += 1;
    else if (rowsOfOwner === undefined) owned.set(owner, [row]);
    else rowsOfOwner.push(row);
  }
  return { owned, orphans };
}

/** How many of the accepted leads were inserted. Accepted and not inserted is a duplicate or on a do-not-call list, say. */
function insertedOf({ leadsAccepted, leadsInserted }: UploadAnswer): keyof typeof INSERTED {
  if (leadsInserted === undefined || leadsInserted === null) return 'unsaid';
  if (leadsInserted === leadsAccepted) return 'all';
  return leadsInserted === 0 ? 'none' : 'some';
}
