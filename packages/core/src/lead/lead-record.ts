import type { LeadState } from './lead-state.ts';
import type { PhoneChecked } from './phone-checked.ts';

/** A lead as its company and operators see it. No transition reads these. */
export interface LeadRecord {
  readonly id: string;
  readonly companyId: string;
  readonly state: LeadState;
  readonly campaignId: string;
  /** The label of the key that it came with; null if that has none. */
  readonly source: string | null;
  readonly phoneLast2: string;
  readonly callerId: string | null;
  readonly aniTier: string | null;
  readonly reason: string | null;
  readonly outcomeSource: string | null;
  readonly receivedAt: Date;
  readonly finishedAt: Date | null;
}

/** Whose leads a caller may see and take back. Those outside of it do not exist for that caller. */
export interface LeadScope {
  readonly companyId: string;
  /** Only leads of these; undefined: of all. */
  readonly campaigns: readonly string[] | undefined;
}

/** One upload that the lead was in. Null while it is under way, or if its worker died. */
export interface UploadTrace {
  readonly startedAt: Date;
  readonly size: number;
  readonly result: string | null;
  readonly httpStatus: number | null;
  readonly latencyMs: number | null;
}

export interface TracedLead extends LeadRecord {
  /** Number of uploads started for it. */
  readonly attempt: number;
  /** Null if its company's check was not asked about its phone. */
  readonly phoneCheck: PhoneChecked | null;
  /** Sealed. */
  readonly payload: string;
  /** Sealed. */
  readonly dialerResponse: string | null;
  /** Oldest first. */
  readonly uploads: readonly UploadTrace[];
}
