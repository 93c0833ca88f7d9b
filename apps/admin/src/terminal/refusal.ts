/** The command cannot be executed. The message says why and what to do, and is shown unchanged. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** The arguments are wrong in a way that the parser does not check. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Ctrl-C at a question: the cause of a refusal that says what was done so far. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
