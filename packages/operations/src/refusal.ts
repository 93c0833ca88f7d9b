/** An operation by its name: that of its command, `group.verb`. */
export type OperationName = `${string}.${string}`;

export interface RefusalOptions extends ErrorOptions {
  readonly kind?: RefusalKind;
  readonly see?: See;
}

/** `not_found`: what is named does not exist, for this actor. `conflict`: it is not in a state for that. */
export type RefusalKind = 'not_found' | 'conflict' | 'forbidden' | 'unavailable';

/** The operation that helps. */
export interface See {
  readonly operation: OperationName;
  /** What it does for the reader: "Add it". */
  readonly to?: string;
  /** What it is to be called with; undefined: the reader has to find out. */
  readonly values?: readonly string[];
}

/** An operation that was not carried out. The message says why, for a person, and names no command and no page. */
export class Refusal extends Error {
  override readonly name = 'OperationRefused';
  readonly kind: RefusalKind;
  readonly see: See | undefined;

  constructor(message: string, { kind = 'conflict', see, ...options }: RefusalOptions = {}) {
    super(message, options);
    this.kind = kind;
    this.see = see;
  }
}

export interface InputProblem {
  /** Of the input, dotted; empty: the whole. */
  readonly member: string;
  readonly message: string;
}

/** The input is not what the operation takes. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly problems: readonly InputProblem[];

  constructor(problems: readonly InputProblem[]) {
    super(
      problems.map(({ member, message }) => (member === '' ? message : `${member}: ${message}`)).join(' '),
    );
    this.problems = problems;
  }
}
