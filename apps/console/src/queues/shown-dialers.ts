import type { Database } from '@live-feed/database/connection/client';
import { type DialerName, listDialerNames } from '@live-feed/database/directory/dialer-names';
import { openInspectedQueue } from '@live-feed/queue/jobs/inspected-queue';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import type { Redis } from '@live-feed/queue/redis/redis';
import type { Logger } from '@live-feed/runtime/logging/logger';
import type { Board } from './board.ts';
import { followDialers } from './dialer-follower.ts';
import { createDialerStandings } from './dialer-standings.ts';
import { describeStanding } from './held-description.ts';

export interface ShownDialersOptions {
  readonly database: Database;
  readonly redis: Redis;
  readonly board: Board;
  readonly logger: Logger;
  /** How often the dialers are listed. */
  readonly refreshMs: number;
  /** Maximum age of the dialers' states. */
  readonly standingMaxAgeMs: number;
}

export interface ShownDialers {
  /** Reads the states, unless they are fresh. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

/** Follows the dialers and their states, and shows their queues on the board. */
export function showDialers(options: ShownDialersOptions): ShownDialers {
  const { database, redis, board, logger, refreshMs, standingMaxAgeMs } = options;
  const standings = createDialerStandings({
    health: createDialerHealth(redis),
    maxAgeMs: standingMaxAgeMs,
    limitMs: 2_000,
    onError: (err) => logger.warn({ err }, 'the state of the dialers could not be read'),
  });

  async function show(dialer: DialerName): Promise<() => Promise<void>> {
    const { dialerId: id, ...rest } = dialer;
    const queue = await openInspectedQueue(redis, id, onError);
    const watched = standings.watch(dialerAddress({ id, ...rest }));
    const hide = board.show(dialer, queue, () => {
      const standing = watched.standing();
      return standing === undefined ? '' : describeStanding(standing);
    });
    return async () => {
      hide();
      watched.drop();
      await queue.close();
    };
  }

  function onError(err: unknown): void {
    logger.warn({ err }, 'the dialers or their queues could not be read');
  }

  const follower = followDialers({
    listDialers: () => listDialerNames(database),
    onAppeared: show,
    everyMs: refreshMs,
    onError,
  });

  return {
    refresh: () => standings.refresh(),
    async close() {
      await follower.close();
      await standings.close();
    },
  };
}
