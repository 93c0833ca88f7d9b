import type { Options } from '../lead/lead-request.ts';

/** What has to be known of a lead that waits for an upload. */
export interface WaitingLead {
  /** UUIDv7: sorts by age. */
  readonly leadId: string;
  readonly campaignId: string;
  /** Equal for equal phones. */
  readonly phoneDigest: string;
  /** Complete, as they are sent. */
  readonly options: Options;
  /** It shares no upload, because it may be why a worker died, say. */
  readonly alone: boolean;
}

/** Leads for one call to a lead loader: of one campaign, with equal options. */
export interface Upload<Lead> extends Batch<Lead> {
  readonly campaignId: string;
  /** Complete, as they are sent. */
  readonly options: Options;
}

/** Leads that have left their line together. */
export interface Batch<Lead> {
  /** At least one. */
  readonly leads: readonly Lead[];
  /**
   * To be called once the upload is over, however it ended: what else waits may depend on it. Only the first time counts.
   *
   * @param accepted whether the dialing system took it for an upload: false if it was refused as a whole or nothing is known
   */
  ended(accepted: boolean): void;
}

/** Leads that wait together, apart from others: a group (`group-line.ts`), or a refused upload in halves (`halving.ts`). */
export interface Line<Lead> {
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
  take(maximum: number): Batch<Lead>;
  /** @returns those that were in it */
  remove(leadIds: ReadonlySet<string>): Lead[];
}

/** Oldest first. */
export function byAge(a: { readonly leadId: string }, b: { readonly leadId: string }): number {
  if (a.leadId === b.leadId) return 0;
  return a.leadId < b.leadId ? -1 : 1;
}
