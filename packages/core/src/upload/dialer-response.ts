/** A lead loader's answer, and how one lead's caller is told it. */

/** A lead loader's answer to an upload. Unknown members and nulls are kept, since one lead's caller gets it untouched. */
export interface UploadAnswer {
  readonly leadsSupplied?: number | null;
  readonly leadsAccepted: number;
  readonly leadsInserted?: number | null;
  readonly rejectedRows?: readonly RejectedRow[] | null;
  readonly [member: string]: unknown;
}

/** A lead that was refused, without its externId: whose it is must be found in `rowData`. */
export interface RejectedRow {
  readonly message?: string | null;
  readonly rowData?: readonly (string | null)[] | null;
}

/** What of an upload of several is one lead's. */
export interface OwnShare {
  readonly accepted: boolean;
  /** Undefined where the answer does not tell. */
  readonly inserted: boolean | undefined;
  /** Its rejected rows. */
  readonly ownRows: readonly RejectedRow[];
}

/** Members that speak of the whole upload and that are told as they are, being text without a lead in it. */
const TEXTS = ['message', 'listState', 'timeZoneOption', 'processingResult', 'processingStatus'] as const;

/**
 * A longer text is left out, unread: it would be told to each lead of the upload, so that an answer of a megabyte would become one of
 * hundreds.
 */
const LONGEST_TEXT = 1_000;

/** Counts of leads besides those accepted and inserted. */
const COUNTS = [
  'leadsConverted',
  'dncReturnedCount',
  'internalDncCount',
  'whitelistCount',
  'failedAgentAssignment',
] as const;

/**
 * The answer to an upload of several, told for one of its leads as if it had been alone in it.
 *
 * A caller never learns of another's leads. So it is built from the members that RingCX documents ("About Lead Loader API"), and
 * whatever else a dialing system may send is left out, whether nested or plain: nobody knows whose data it is. A count that is neither none nor
 * all of the upload is left out as well, since it is somebody's, but whose is not said. Null stays null.
 *
 * @param namesAnother whether a text has something of another lead of the upload in it; then it is left out
 */
export function tellForOne(
  answer: UploadAnswer,
  { accepted, inserted, ownRows }: OwnShare,
  namesAnother: (text: string) => boolean = () => false,
): Record<string, unknown> {
  const told: Record<string, unknown> = {};
  for (const member of TEXTS) {
    const text = answer[member];
    if (text === null || (typeof text === 'string' && isFit(text, namesAnother))) told[member] = text;
  }
  told['leadsSupplied'] = 1;
  told['leadsAccepted'] = accepted ? 1 : 0;
  if (inserted !== undefined) told['leadsInserted'] = inserted ? 1 : 0;
  else if (answer.leadsInserted === null) told['leadsInserted'] = null;
  for (const member of COUNTS) {
    const count = answer[member];
    if (count === null || count === 0) told[member] = count;
    else if (count !== undefined && count === answer.leadsSupplied) told[member] = 1;
  }
  if (ownRows.length > 0) told['rejectedRows'] = ownRows.map((row) => tellRow(row, namesAnother));
  else if (answer.rejectedRows !== undefined) told['rejectedRows'] = answer.rejectedRows === null ? null : [];
  return told;
}

/** The answer told for an accepted lead, once read-back has shown whether the dialing system holds it. */
export function tellInserted(
  told: Readonly<Record<string, unknown>>,
  inserted: boolean,
): Record<string, unknown> {
  return { ...told, leadsInserted: inserted ? 1 : 0 };
}

/** What is said of a lead whose upload was never answered, but which the dialing system turned out to hold. */
export function tellReadBack(): Record<string, unknown> {
  return {
    message:
      'The lead was found in the dialing system by read-back; the answer to its upload was lost or did not tell',
    leadsSupplied: 1,
    leadsAccepted: 1,
    leadsInserted: 1,
    processingResult: 'OK',
    processingStatus: 'DEFAULT_NOT_A_FAILURE',
  };
}

/** What is said of a lead that a person found in the dialing system. */
export function tellPerson(): Record<string, unknown> {
  return {
    ...tellReadBack(),
    message: 'The lead was found in the dialing system by a person; the answer to its upload was lost',
  };
}

/** The lead's own data goes back to its caller; what is said of it does not if it says something of another lead. */
function tellRow(
  { message, rowData }: RejectedRow,
  namesAnother: (text: string) => boolean,
): Record<string, unknown> {
  const told: Record<string, unknown> = {};
  if (message === null || (message !== undefined && isFit(message, namesAnother))) told['message'] = message;
  if (rowData !== undefined) told['rowData'] = rowData;
  return told;
}

function isFit(text: string, namesAnother: (text: string) => boolean): boolean {
  return text.length <= LONGEST_TEXT && !namesAnother(text);
}
