import type { KeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import type { Keyring } from '@live-feed/core/crypto/sealing';
import type { LeadRequest } from '@live-feed/core/lead/lead-request';
import type { Database } from '@live-feed/database/connection/client';
import type { DatabasePulse } from '@live-feed/database/connection/pulse';
import type { KeyRecord } from '@live-feed/database/directory/lookups';
import type { LeadProducer } from '@live-feed/queue/jobs/lead-producer';
import type { Logger } from '@live-feed/runtime/logger';
import type { Admission } from '../admission/admission.ts';
import type { CallerCaps } from '../admission/caller-caps.ts';
import type { Directory } from '../admission/directory.ts';
import type { KnownStops } from '../admission/known-stops.ts';
import type { UntoldBacklogs } from '../admission/untold-backlogs.ts';
import type { Drain } from '../drain.ts';
import type { PromiseWriter } from '../outcome/promise-writer.ts';
import type { WaitingLeads } from '../outcome/waiting-leads.ts';
import type { Preference } from './preferences.ts';

/** What taking leads needs; made once per ingress. */
export interface SubmissionTools {
  readonly database: Database;
  readonly pulse: DatabasePulse;
  readonly directory: Directory;
  readonly producer: LeadProducer;
  readonly waiting: WaitingLeads;
  readonly promises: PromiseWriter;
  readonly keyring: Keyring;
  readonly digests: KeyedDigests;
  readonly logger: Logger;
  /** This process's completion stream. */
  readonly replyTo: string;
  readonly deadlineMs: number;
  readonly maxAgeMs: number;
  readonly admission: Admission;
  readonly untoldBacklogs: UntoldBacklogs;
  readonly caps: CallerCaps;
  readonly stops: KnownStops;
  readonly drain: Drain;
}

/** One valid request to take a lead. */
export interface Submission {
  readonly key: KeyRecord;
  readonly request: LeadRequest;
  /** How long ago the request arrived, milliseconds. */
  readonly arrivedMsAgo: () => number;
  /** Undefined for a caller that waits for the outcome. */
  readonly preference: Preference | undefined;
  /** What the caller calls this request, so that it can be repeated. */
  readonly idempotencyKey: string | undefined;
  /** Told the lead's id as soon as there is one. */
  readonly onLead: (leadId: string) => void;
  /** Told that the answer is one that was given before. */
  readonly onReplay: () => void;
}
