import type { KeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import type { Keyring } from '@live-feed/core/crypto/sealing';
import type { Database } from '@live-feed/database/connection/client';
import type { LeadLoaders } from '@live-feed/dialers/lead-loaders';
import type { OutboundRules } from '@live-feed/outbound/http/address-guard';
import type { OutboundClient } from '@live-feed/outbound/http/outbound-client';
import type { Redis } from '@live-feed/queue/redis/redis';
import type { Passwords } from './credentials/passwords.ts';

/** What operations work with. Redis, the lead loaders and the client for webhooks are opened at first use. */
export interface Resources {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly digests: KeyedDigests;
  /** Hashes those of people. */
  readonly passwords: Passwords;
  /** The only host that access tokens of RingCX are sent to. */
  readonly ringcxUrl: string;
  /** Where callers reach the API, without a trailing slash. */
  readonly apiUrl: string;
  /** @throws Refusal if Redis cannot be reached, or does not take writes */
  redis(): Promise<Redis>;
  loaders(): Promise<LeadLoaders>;
  /** Where webhooks may go. */
  readonly outboundRules: OutboundRules;
  outbound(): Promise<OutboundClient>;
}
