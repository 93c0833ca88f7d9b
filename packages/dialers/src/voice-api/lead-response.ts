/** The voice API's answer to an upload. Members that are not listed may be anything. */
export interface UploadAnswer {
  readonly leadsSupplied?: number | null;
  readonly leadsAccepted: number;
  readonly leadsInserted?: number | null;
  readonly rejectedRows?: readonly RejectedRow[] | null;
  readonly [member: string]: unknown;
}

/** A refused lead. It does not carry its externId: which lead it is must be found in `rowData`. */
export interface RejectedRow {
  readonly message?: string | null;
  readonly rowData?: readonly (string | null)[] | null;
}

/** One lead's part of the answer to an upload of several. */
export interface OwnShare {
  readonly accepted: boolean;
  /** Undefined where the answer does not tell. */
  readonly inserted: boolean | undefined;
  /** Its rejected rows. */
  readonly ownRows: readonly RejectedRow[];
}

/** Members about the whole upload that are passed on unchanged: texts without a lead in them. */
const TEXTS = ['message', 'listState', 'timeZoneOption', 'processingResult', 'processingStatus'] as const;

/** Longer texts are left out: each lead of the upload would get one, and an answer of a megabyte would become hundreds of them. */
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
 * The answer to an upload of several, rewritten for one of its leads as if it had been alone in it.
 *
 * A caller never learns of another's leads. So the response is built from the members that RingCX documents ("About Lead Loader API"), and
 * all others are left out: nobody knows whose data they hold. A count that is neither none nor all of the upload is left out as well,
 * since the answer does not say which leads it counts. Null stays null.
 *
 * @param namesAnother whether a text mentions another lead of the upload; such a text is left out
 */
export function responseForOne(
  answer: UploadAnswer,
  { accepted, inserted, ownRows }: OwnShare,
  namesAnother: (text: string) => boolean = () => false,
): Record<string, unknown> {
  const response: Record<string, unknown> = {};
  for (const member of TEXTS) {
    const text = answer[member];
    if (text === null || (typeof text === 'string' && isFit(text, namesAnother))) response[member] = text;
  }
  response['leadsSupplied'] = 1;
  response['leadsAccepted'] = accepted ? 1 : 0;
  if (inserted !== undefined) response['leadsInserted'] = inserted ? 1 : 0;
  else if (answer.leadsInserted === null) response['leadsInserted'] = null;
  for (const member of COUNTS) {
    const count = answer[member];
    if (count === null || count === 0) response[member] = count;
    else if (count !== undefined && count === answer.leadsSupplied) response[member] = 1;
  }
  if (ownRows.length > 0) response['rejectedRows'] = ownRows.map((row) => ownRow(row, namesAnother));
  else if (answer.rejectedRows !== undefined)
    response['rejectedRows'] = answer.rejectedRows === null ? null : [];
  return response;
}

/** The response for an accepted lead, once read-back has shown whether the dialing system holds it. */
export function withInserted(
  response: Readonly<Record<string, unknown>>,
  inserted: boolean,
): Record<string, unknown> {
  return { ...response, leadsInserted: inserted ? 1 : 0 };
}

/** The lead's own data goes back to its caller; a message that mentions another lead does not. */
function ownRow(
  { message, rowData }: RejectedRow,
  namesAnother: (text: string) => boolean,
): Record<string, unknown> {
  const response: Record<string, unknown> = {};
  if (message === null || (message !== undefined && isFit(message, namesAnother)))
    response['message'] = message;
  if (rowData !== undefined) response['rowData'] = rowData;
  return response;
}

function isFit(text: string, namesAnother: (text: string) => boolean): boolean {
  return text.length <= LONGEST_TEXT && !namesAnother(text);
}
