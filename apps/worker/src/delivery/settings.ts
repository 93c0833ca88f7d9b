/** Durations that decide what may be said of a lead; the same for every dialer. */
export interface Settings {
  /** After the intent to send was recorded: how long the socket may be written to. */
  readonly sendWindowMs: number;
  /** From the first byte written to the end of the answer. */
  readonly uploadMs: number;
  /** How long a dialing system may take to show what it took, once a call is over. */
  readonly settleMs: number;
  /**
   * The same where the upload was refused as a whole. Shorter: nothing was taken by the dialing system's own word, and halving
   * waits for it at every depth.
   */
  readonly refusedSettleMs: number;
}

/** From the end of the send window on: absence in a read-back that begins later counts. */
export function absenceAfterMs(settings: Settings): number {
  return settings.uploadMs + settings.settleMs;
}

/** The longest that an attempt can take until its effect is known. */
export function settleWithinMs(settings: Settings): number {
  return settings.sendWindowMs + absenceAfterMs(settings);
}
