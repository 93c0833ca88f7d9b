import { setTimeout as pause } from 'node:timers/promises';
import {
  type Clock,
  openWindow,
  type Stopwatch,
  startStopwatch,
  type TimeWindow,
} from '@live-feed/core/clock';
import { createGroupCommit } from '@live-feed/core/group-commit';
import type { Database } from '../connection/client.ts';
import { isOfStatement } from '../connection/statement-effect.ts';
import { type AttemptTimes, type IntendedUpload, intend } from './intend.ts';
import type { LeadRow } from './lead-rows.ts';

/** Begins uploads: those of several companies share a statement. */
export interface Intents {
  /**
   * @throws CampaignPausedError if the upload has not begun because its campaign is paused
   * @throws Error if the intent could not be recorded; whether it was is for the rows to say
   */
  begin(upload: IntendedUpload): Promise<RecordedIntent>;
}

export class CampaignPausedError extends Error {
  override readonly name = 'CampaignPausedError';
}

export interface RecordedIntent {
  /** See `intend`. */
  readonly rows: readonly LeadRow[];
  /** Opened before the intent was recorded, so it closes before `sendBy` does on the database's clock. */
  readonly mayWrite: TimeWindow;
  /** Started with the window. */
  readonly sinceIntent: Stopwatch;
}

/** Statements under way at once: one is written while the other one commits. */
const STATEMENTS = 2;
/** Leads of several uploads in a statement, at most. */
const MOST_LEADS = 100;
/** As many uploads of the company would have to be begun by others while this one looks at its ANIs, again and again. */
const TRIES = 50;
/** A company's row that is locked is tried for again. */
const LONGEST_PAUSE_MS = 250;

/** @param clock of the send windows */
export function createIntents(database: Database, times: AttemptTimes, clock: Clock): Intents {
  const batches = createGroupCommit<IntendedUpload, RecordedIntent | 'paused' | undefined>({
    async commit(uploads) {
      const mayWrite = openWindow(times.sendWindowMs, clock);
      const sinceIntent = startStopwatch();
      const changed = await intend(database, times, uploads);
      return changed.map((rows) => (rows === 'paused' ? rows : rows && { rows, mayWrite, sinceIntent }));
    },
    atOnce: STATEMENTS,
    maxSize: MOST_LEADS,
    sizeOf: ({ leads }) => leads.length,
    owners: { of: ({ companyId }) => companyId, mayRepeat: isOfStatement },
  });

  return {
    async begin(upload) {
      for (let tried = 0; tried < TRIES; tried += 1) {
        const begun = await batches.submit(upload);
        if (begun === 'paused') throw new CampaignPausedError('The campaign is paused.');
        if (begun !== undefined) return begun;
        if (tried > 0) await pause(Math.min(2 ** tried, LONGEST_PAUSE_MS));
      }
      throw new Error(
        'Other uploads of the company were begun, phones suppressed or campaigns paused, in between again and again.',
      );
    },
  };
}
