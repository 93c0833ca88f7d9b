import { isDeepStrictEqual } from 'node:util';
import type { DialerName } from '@live-feed/database/directory/dialer-names';
import { repeat } from '@live-feed/runtime/repeat';

export interface DialerFollowerOptions {
  readonly listDialers: () => Promise<readonly DialerName[]>;
  /** Called for each new dialer. @returns a function to call when the dialer was removed or renamed */
  readonly onAppeared: (dialer: DialerName) => Promise<() => Promise<void>>;
  readonly everyMs: number;
  /** Called if a round fails; the next round catches up. */
  readonly onError: (error: unknown) => void;
}

export interface DialerFollower {
  /** Resolves when no round is under way and every dialer's undo function has been called. */
  close(): Promise<void>;
}

interface Followed {
  readonly dialer: DialerName;
  readonly undo: () => Promise<void>;
}

/** Lists the dialers periodically and reports new and removed ones. Starts at once. */
export function followDialers(options: DialerFollowerOptions): DialerFollower {
  const { listDialers, onAppeared, everyMs, onError } = options;
  const followed = new Map<string, Followed>();
  let closing = false;

  async function look(): Promise<void> {
    const dialers = new Map((await listDialers()).map((dialer) => [dialer.dialerId, dialer]));
    for (const { dialer } of [...followed.values()]) {
      if (!isSame(dialer, dialers.get(dialer.dialerId))) await drop(dialer.dialerId);
    }
    for (const [dialerId, dialer] of dialers) {
      if (closing) return;
      if (!followed.has(dialerId)) followed.set(dialerId, { dialer, undo: await onAppeared(dialer) });
    }
  }

  async function drop(dialerId: string): Promise<void> {
    const undo = followed.get(dialerId)?.undo;
    followed.delete(dialerId);
    await undo?.().catch(onError);
  }

  const looking = repeat(look, everyMs, onError);
  return {
    async close() {
      closing = true;
      await looking.stop();
      for (const dialerId of [...followed.keys()]) await drop(dialerId);
    },
  };
}

function isSame(one: DialerName, other: DialerName | undefined): boolean {
  return isDeepStrictEqual(one, other);
}
