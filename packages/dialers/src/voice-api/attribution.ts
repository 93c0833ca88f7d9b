/** Works out from the answer to an upload which of its leads were taken, which were refused, and which have to be looked up. */
import type { LeadVerdict, UploadLead } from '../lead-loader.ts';
import { contradictsItself } from './contradictions.ts';
import {
  type OwnShare,
  type RejectedRow,
  responseForOne,
  type UploadAnswer,
  withInserted,
} from './lead-response.ts';
import { createMentions, type Mentions } from './mentions.ts';

/**
 * A lead is *rejected* if a row is its own and the counts leave room for that. The others are *accepted* if every row has an
 * owner and the counts say that nobody else was refused: supplied are all, accepted are all but the owners. Else any of the
 * others may have been refused, and all of them are *undecided*.
 *
 * The answer to an upload of one is about that lead, and is its response untouched.
 *
 * Costs O(answer + leads).
 *
 * @param json the answer as it was sent
 * @param leads the upload's, at least one, in its order; no phone twice
 * @returns a verdict for each lead, in the same order
 */
export function attribute(answer: UploadAnswer, json: string, leads: readonly UploadLead[]): LeadVerdict[] {
  const isAlone = leads.length === 1;
  if (contradictsItself(answer, leads.length)) {
    return leads.map(() => ({ kind: 'contradicted', response: isAlone ? json : null }));
  }
  if (isAlone) return [{ kind: answer.leadsAccepted > 0 ? 'accepted' : 'rejected', response: json }];
  const mentions = createMentions(leads);
  const { owned, orphans } = rowsByOwner(answer.rejectedRows ?? [], mentions);
  if (answer.leadsAccepted === 0 && owned.size === 0) return leads.map(() => ({ kind: 'refused_together' }));

  const refused = leads.length - answer.leadsAccepted;
  const ownersWereRefused = owned.size <= refused;
  const othersWereAccepted = orphans === 0 && owned.size === refused;
  const inserted = insertedOf(answer);
  const responseFor = (place: number, share: OwnShare) =>
    responseForOne(answer, share, (text) => mentions.namesAnother(text, place));

  return leads.map((_, place): LeadVerdict => {
    const ownRows = owned.get(place);
    if (ownRows !== undefined && ownersWereRefused) {
      const share = { accepted: false, inserted: false, ownRows };
      return { kind: 'rejected', response: JSON.stringify(responseFor(place, share)) };
    }
    if (ownRows !== undefined || !othersWereAccepted)
      return { kind: 'undecided', ifAbsent: refusalOf(answer) };
    const response = responseFor(place, { accepted: true, inserted: INSERTED[inserted], ownRows: [] });
    if (inserted !== 'some') return { kind: 'accepted', response: JSON.stringify(response) };
    return {
      kind: 'accepted_unconfirmed',
      response: JSON.stringify(response),
      ifPresent: JSON.stringify(withInserted(response, true)),
      ifAbsent: JSON.stringify(withInserted(response, false)),
    };
  });
}

/** The response for a lead that turns out to be among the refused, though no row shows it: without any text, which may be about another. */
function refusalOf(answer: UploadAnswer): string {
  return JSON.stringify(
    responseForOne(answer, { accepted: false, inserted: false, ownRows: [] }, () => true),
  );
}

/** Whether one of the accepted leads was inserted, by how many of them were. */
const INSERTED = { all: true, none: false, some: undefined, unsaid: undefined } as const;

/** @returns the rows by their owner's place in the upload, and how many have none */
function rowsByOwner(rows: readonly RejectedRow[], mentions: Mentions) {
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
