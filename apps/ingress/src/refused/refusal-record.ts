import type { KeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import { newId } from '@live-feed/core/ids';
import { normalisePhone } from '@live-feed/core/lead/phone';
import type { KeyRecord } from '@live-feed/database/directory/lookups';
import { MOST_A_MINUTE, type RefusedRequest } from '@live-feed/database/refused/refused-requests';
import { redactText } from '@live-feed/runtime/logging/redaction';
import { LRUCache } from 'lru-cache';

/** A lead that was not taken. */
export interface Refused {
  readonly key: KeyRecord;
  readonly status: number;
  readonly code: string;
  /** What its caller was told. */
  readonly message: string;
  /** As they came, of any type: the request may not be valid. */
  readonly campaignId: unknown;
  readonly leadPhone: unknown;
}

/** Why a refused lead is not recorded. */
export type NotRecorded = 'company_limit' | 'buffer_full' | 'database';

export interface RefusalRecord {
  /** Takes next to no time, and never fails: a record that does not fit is counted and left out. */
  note(refused: Refused): void;
  /** Writes what was noted since. */
  flush(): Promise<void>;
}

export interface RefusalRecordOptions {
  readonly write: (refused: readonly RefusedRequest[]) => Promise<unknown>;
  readonly digests: KeyedDigests;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onNotRecorded: (why: NotRecorded, count: number) => void;
}

/** Noted and not written yet. */
const MOST_NOTED = 2_000;
const BATCH = 500;
const MOST_CHARACTERS = 300;
const LONGEST_CAMPAIGN = 255;
const MINUTE_MS = 60_000;
const MOST_COMPANIES = 10_000;

/** Keeps a record of refused leads, off the way of their requests. It holds no more than a phone's digest and its last two digits. */
export function createRefusalRecord({
  write,
  digests,
  now,
  onNotRecorded,
}: RefusalRecordOptions): RefusalRecord {
  let noted: RefusedRequest[] = [];
  /** Of the present minute, by company. */
  const counts = new LRUCache<string, { readonly minute: number; count: number }>({ max: MOST_COMPANIES });

  function isWithinLimit(companyId: string, minute: number): boolean {
    const known = counts.get(companyId);
    if (known?.minute !== minute) {
      counts.set(companyId, { minute, count: 1 });
      return true;
    }
    known.count += 1;
    return known.count <= MOST_A_MINUTE;
  }

  return {
    note({ key, status, code, message, campaignId, leadPhone }) {
      const nowMs = now();
      if (!isWithinLimit(key.companyId, Math.floor(nowMs / MINUTE_MS)))
        return onNotRecorded('company_limit', 1);
      if (noted.length >= MOST_NOTED) return onNotRecorded('buffer_full', 1);
      const reading = normalisePhone(leadPhone);
      noted.push({
        ...{ id: newId(nowMs), at: new Date(nowMs), companyId: key.companyId, keyId: key.keyId },
        ...{ source: key.settings.label ?? null, status, code },
        reason: printable(redactText(message)).slice(0, MOST_CHARACTERS),
        campaignId: typeof campaignId === 'string' ? campaignText(campaignId) : null,
        phoneDigest: reading.ok ? digests.phone(key.companyId, reading.phone) : null,
        phoneLast2: reading.ok ? reading.phone.slice(-2) : null,
      });
    },
    async flush() {
      while (noted.length > 0) {
        const batch = noted.slice(0, BATCH);
        noted = noted.slice(BATCH);
        try {
          await write(batch);
        } catch (error) {
          onNotRecorded('database', batch.length);
          throw error;
        }
      }
    },
  };
}

/** Ids stay, also those that look like phones: people look for them. Anything else may be a field in the wrong place. */
function campaignText(given: string): string {
  const text = printable(given).slice(0, LONGEST_CAMPAIGN);
  return /^[\w.:-]*$/.test(text) ? text : redactText(text);
}

/** PostgreSQL takes no NUL and no half of a surrogate pair: one of them would lose the batch. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cs}]/gu, '');
}
