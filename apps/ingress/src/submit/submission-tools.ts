import type { KeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import type { Keyring } from '@live-feed/core/crypto/sealing';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { KeyRecord } from '@live-feed/database/directory/lookups';
import type { AdmissionTools } from '../admission/admit-lead.ts';
import type { CampaignLookups } from '../admission/campaign-lookups.ts';
import type { Directory } from '../admission/directory.ts';
import type { TakeLeadOfKey } from '../admission/key-limits.ts';
import type { ReadLead } from '../body/read-lead.ts';
import type { Preference } from '../http/preferences.ts';
import type { DeadlineTools } from '../outcome/outcome-at-deadline.ts';
import type { WaitingCallers } from '../outcome/waiting-callers.ts';
import type { PhoneChecks } from '../phone-check/phone-checks.ts';
import type { PhoneLooks } from './phone-looks.ts';

/** What taking leads needs; made once per ingress. */
export interface SubmissionTools extends AdmissionTools, DeadlineTools {
  readonly directory: Directory;
  readonly campaignLookups: CampaignLookups;
  readonly waiting: WaitingCallers;
  readonly phoneLooks: PhoneLooks;
  readonly keyring: Keyring;
  readonly digests: KeyedDigests;
  /** This process's completion stream. */
  readonly replyTo: string;
  readonly maxAgeMs: number;
  readonly takeLeadOfKey: TakeLeadOfKey;
  readonly phoneChecks: PhoneChecks;
}

/** One valid request to take a lead. */
export interface Submission extends ReadLead {
  readonly key: KeyRecord;
  /** How long ago the request arrived, milliseconds. */
  readonly arrivedMsAgo: () => number;
  /** Undefined for a caller that waits for the outcome. */
  readonly preference: Preference | undefined;
  /** The request's `Idempotency-Key`. */
  readonly idempotencyKey: string | undefined;
  /** Nothing is taken. */
  readonly isDryRun: boolean;
  /** Called with the lead's id as soon as there is one. */
  readonly onLead: (leadId: string) => void;
  /** Called if the answer was given before. */
  readonly onReplay: () => void;
}

/** How long a caller still waits, milliseconds: what comes before its lead is queued is part of that. */
export function waitLeftMs(
  { databaseHealth }: Pick<SubmissionTools, 'databaseHealth'>,
  { preference }: Pick<Submission, 'preference'>,
  { receivedAtMs, deadlineMs }: Pick<LeadJob, 'receivedAtMs' | 'deadlineMs'>,
): number {
  const untilMs =
    preference === undefined ? deadlineMs : Math.min(deadlineMs, receivedAtMs + preference.waitMs);
  return Math.max(0, untilMs - databaseHealth.now());
}
