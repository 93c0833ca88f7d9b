/** What has to be known of a lead that waits for an upload. */
export interface WaitingLead {
  /** UUIDv7: sorts by age. */
  readonly leadId: string;
  readonly campaignId: string;
  /** Equal for equal phones: the digits, or their digest. */
  readonly phone: string;
  /** Complete, as they are sent. */
  readonly options: Readonly<Record<string, string>>;
  /** Shares no upload: it was in the upload when a worker died, say, and may be why. */
  readonly alone?: boolean;
}

/** Leads for one call to a lead loader: of one campaign, with equal options. */
export interface Upload<Lead> extends Taken<Lead> {
  readonly campaignId: string;
  /** Complete, as they are sent. */
  readonly options: Readonly<Record<string, string>>;
}

/** Leads that have left the place where they waited. */
export interface Taken<Lead> {
  /** At least one. */
  readonly leads: readonly Lead[];
  /**
   * To be called once the call is over, however it ended: what else waits may depend on it. Only the first time counts.
   *
   * @param accepted whether the dialing system took it for an upload: false if it was refused as a whole or nothing is known
   */
  answered(accepted: boolean): void;
}

/** Leads that wait in one place, apart from others: a group (`lead-line.ts`), or a refused upload in halves (`halving.ts`). */
export interface WaitingLeads<Lead> {
  /** Leads in it. */
  readonly size: number;
  /** Whether there is something to take now. */
  readonly ready: boolean;
  /** The lead that has waited longest. */
  readonly oldest: Lead | undefined;
  /**
   * Only while `ready`.
   *
   * @param maximum leads, at least 1
   */
  take(maximum: number): Taken<Lead>;
  /** @returns those that were in it, which it has let go of */
  remove(leadIds: ReadonlySet<string>): Lead[];
}

/** Oldest first. */
export function byAge(a: { readonly leadId: string }, b: { readonly leadId: string }): number {
  if (a.leadId === b.leadId) return 0;
  return a.leadId < b.leadId ? -1 : 1;
}
