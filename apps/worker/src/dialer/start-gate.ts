/** Lets uploads begin: of one company one after the other, and only so many at once altogether. First come, first served. */
export interface StartGate {
  /** @returns undefined if it was not its turn within `limitMs`, or `signal` was aborted: it holds nothing then */
  enter(companyId: string, limitMs: number, signal: AbortSignal): Promise<Start | undefined>;
}

/** The right to begin an upload. */
export interface Start {
  /** Lets the next one begin; doing so twice changes nothing. */
  leave(): void;
}

interface Waiting {
  readonly companyId: string;
  readonly admit: () => void;
}

/** @param most uploads that begin at once */
export function createStartGate(most: number): StartGate {
  const beginning = new Set<string>();
  const waiting = new Set<Waiting>();

  function admitWhoMay(): void {
    for (const each of waiting) {
      if (beginning.size >= most) return;
      if (beginning.has(each.companyId)) continue;
      waiting.delete(each);
      beginning.add(each.companyId);
      each.admit();
    }
  }

  return {
    enter(companyId, limitMs, signal) {
      return new Promise((resolve) => {
        const giveUp = () => {
          waiting.delete(own);
          settle(undefined);
        };
        const timer = setTimeout(giveUp, limitMs);
        const settle = (start: Start | undefined) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          resolve(start);
        };
        let hasLeft = false;
        const leave = () => {
          if (hasLeft) return;
          hasLeft = true;
          beginning.delete(companyId);
          admitWhoMay();
        };
        const own: Waiting = { companyId, admit: () => settle({ leave }) };
        if (signal.aborted) return giveUp();
        signal.addEventListener('abort', giveUp);
        waiting.add(own);
        admitWhoMay();
      });
    },
  };
}
