/**
 * Requests that can get the same errors. `any` is every request, whatever its path; `lead` takes a lead, alone or as one of a batch; `batch`
 * is a batch as a whole; `form` may come as a form; `assignment` asks for one caller ID, `assignments` for one or many; `phone` is about a phone on the do-not-call list; `status` is about one lead; `inDialer` has the dialing system asked about it.
 */
export type RequestKind =
  | 'any'
  | 'keyed'
  | 'body'
  | 'parameters'
  | 'lead'
  | 'batch'
  | 'form'
  | 'assignment'
  | 'assignments'
  | 'phone'
  | 'phoneRemoval'
  | 'status'
  | 'inDialer'
  | 'cancel'
  | 'list'
  | 'health';

/** One error code, as the API's document and its answers show it. */
export interface ApiErrorEntry {
  readonly status: number;
  /** Which requests can get it: the API's document lists it for each operation that makes such requests. */
  readonly to: readonly RequestKind[];
  /** Whether the same request may be sent again as it is. */
  readonly retryable: boolean;
  /** For the API's document. */
  readonly meaning: string;
  /** For the caller: what is wrong and what to do. A function if the message depends on the case. */
  readonly message: string | ((about: never, retryAfterS: number | null) => string);
  /** Whole seconds for `Retry-After`; `forecast`: those of the refusal. Without it the answer has no such header. */
  readonly retryAfterS?: number | 'forecast';
  /** The answer shows where to look for what becomes of the lead. */
  readonly showsStatus?: true;
}

/** What is wrong with one field. */
export interface Issue {
  /** Where in the body, e.g. `lead.leadPhone`. */
  readonly path: string;
  readonly message: string;
}
