/**
 * Where a lead is. The row in PostgreSQL decides; queue, lanes and events only carry.
 * A lead without a row is in the queue only: its caller is still waiting and has been promised nothing.
 */
export const LEAD_STATES = [
  'QUEUED', // known not to be in the dialing system; waiting for an upload
  'SENDING', // an upload may write it until `sendBy`
  'UNKNOWN', // an upload's effect is not known; verified before anything else
  'ACCEPTED', // final: the dialing system took it
  'REJECTED', // final: the dialing system refused it
  'FAILED', // final: known not to have taken effect; the response is 502
  'EXPIRED', // final: promised, but not delivered within its maximum age
  'ABANDONED', // final: given back unsent
  'PARKED', // needs a person
] as const;

export type LeadState = (typeof LEAD_STATES)[number];

export const FINAL_STATES = [
  'ACCEPTED',
  'REJECTED',
  'FAILED',
  'EXPIRED',
  'ABANDONED',
] as const satisfies readonly LeadState[];

/** States in which a worker has something left to do. */
export const OPEN_STATES = ['QUEUED', 'SENDING', 'UNKNOWN'] as const satisfies readonly LeadState[];

/** States in which nothing more happens by itself: a waiting caller can be answered. */
export type SettledState = Exclude<LeadState, (typeof OPEN_STATES)[number]>;

const open: ReadonlySet<LeadState> = new Set(OPEN_STATES);

export function isSettled(state: LeadState): state is SettledState {
  return !open.has(state);
}

const final: ReadonlySet<LeadState> = new Set(FINAL_STATES);

export function isFinal(state: LeadState): boolean {
  return final.has(state);
}

/**
 * Every transition that exists. Each is a compare-and-set on (state, attempt) in `@live-feed/database/leads`, whose statements read from here
 * what they may leave. If it fails, the row as it is now counts.
 *
 * `none` is the lead without a row. A transition with several targets is decided by the database's clock and by `promised`
 * at the moment of the write.
 */
export const TRANSITIONS = {
  /** Ingress, before it responds that the lead will be delivered. One that was tried in vain has failed instead. */
  promise: { from: ['none', 'QUEUED'], to: ['QUEUED', 'FAILED'] },
  /** Worker, before it sends: intent to send. Too late for a waiting caller or too old: the lead ends instead. */
  intend: { from: ['none', 'QUEUED'], to: ['SENDING', 'ABANDONED', 'FAILED', 'EXPIRED'] },
  /** The dialing system has said of this lead. */
  accept: { from: ['SENDING', 'UNKNOWN'], to: ['ACCEPTED'] },
  reject: { from: ['SENDING', 'UNKNOWN'], to: ['REJECTED'] },
  /** The call ended without an answer that can be relied on. */
  doubt: { from: ['SENDING', 'UNKNOWN'], to: ['UNKNOWN'] },
  /** Known absent: again while it is promised or fits before the deadline, else the end. */
  release: { from: ['SENDING', 'UNKNOWN'], to: ['QUEUED', 'FAILED', 'EXPIRED'] },
  /** Known absent, and trying again is no use: a waiting caller gets a response, a promised lead needs a person. */
  block: { from: ['SENDING', 'UNKNOWN'], to: ['FAILED', 'PARKED'] },
  /** Unknown, and it cannot be found out. */
  park: { from: ['SENDING', 'UNKNOWN'], to: ['PARKED'] },
  /** Ingress, when it gives a lead back unsent. */
  abandon: { from: ['none', 'QUEUED'], to: ['ABANDONED'] },
  /**
   * A worker remembers an attempt that the row does not know of, for the database has lost its last writes: verified before anything else.
   * Of an earlier attempt's row, whatever it says, but that the lead was taken.
   */
  recall: {
    from: ['none', 'QUEUED', 'SENDING', 'UNKNOWN', 'REJECTED', 'FAILED', 'EXPIRED', 'ABANDONED', 'PARKED'],
    to: ['UNKNOWN'],
  },
  /** A person has a parked lead go on: what is known not to have been sent is sent, all else is verified first. */
  retry: { from: ['PARKED'], to: ['QUEUED', 'UNKNOWN'] },
  /** A person has looked, and says what became of a parked lead. */
  resolve: { from: ['PARKED'], to: ['ACCEPTED', 'REJECTED', 'FAILED'] },
} as const satisfies Record<
  string,
  { readonly from: readonly (LeadState | 'none')[]; readonly to: readonly LeadState[] }
>;

export type Transition = keyof typeof TRANSITIONS;
