/** What was asked for cannot be done. The message says why, and what to do; it is shown as it is. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** The command line itself is wrong, beyond what its parser sees. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
