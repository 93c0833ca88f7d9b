import { endCutShort } from '@live-feed/database/audit/change-progress';
import type { Database } from '@live-feed/database/connection/client';
import { Refusal } from '@live-feed/operations/refusal';
import { repeat } from '@live-feed/runtime/repeat';

/** Changes that go on when the browser has gone. */
export interface BackgroundChanges {
  /**
   * @param change calls `begun` with the id of its entry in the audit log
   * @returns that id, once it has begun
   * @throws what the change throws before, and Refusal while there are too many
   */
  start(
    change: (running: {
      readonly signal: AbortSignal;
      readonly begun: (entryId: string) => void;
    }) => Promise<unknown>,
  ): Promise<string>;
  /** Stops them after what is under way. */
  close(): Promise<void>;
}

/** In this process. Each takes a connection to PostgreSQL, and pages need some, too. */
const MOST = 2;
const LONGEST_MS = 2 * 3_600_000;
/** Those that other processes have left are looked for. */
const LOOK_EVERY_MS = 30_000;

export function createBackgroundChanges(
  database: Database,
  onError: (error: unknown) => void,
): BackgroundChanges {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const looking = repeat(async () => void (await endCutShort(database)), LOOK_EVERY_MS, onError);

  return {
    async start(change) {
      if (stopping.signal.aborted || running.size >= MOST) {
        throw new Refusal(
          `${MOST} changes of many leads are under way. Begin this one when one of them has ended, or stop one.`,
          { kind: 'unavailable', see: { operation: 'lead.changes' } },
        );
      }
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(LONGEST_MS)]);
      return new Promise((resolve, reject) => {
        let hasBegun = false;
        const begun = (entryId: string) => {
          hasBegun = true;
          resolve(entryId);
        };
        const run = change({ signal, begun })
          // Once it has begun, its entry says how it ended.
          .catch((error: unknown) => (hasBegun ? onError(error) : reject(error)))
          .then(() => void running.delete(run));
        running.add(run);
      });
    },

    async close() {
      stopping.abort();
      await Promise.all([looking.stop(), ...running]);
    },
  };
}
