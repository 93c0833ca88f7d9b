import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { effectOf, isRefusedInput } from '@live-feed/database/connection/statement-effect';
import type { LeadRow } from '@live-feed/database/leads/lead-rows';
import type { LeadPromise } from '@live-feed/database/leads/promise';
import pTimeout from 'p-timeout';

/**
 * Writes promises to PostgreSQL: those that come while statements are under way share the next one. A promise is tried until its row has been
 * seen, or until its callers give it up and nothing can have been written.
 */
export interface PromiseWriter {
  /** Leads whose promise is not known yet. */
  readonly size: number;
  promise(lead: LeadJob, tried?: LeadPromise['tried']): PendingPromise;
  /** Resolves once every promise is known. */
  close(): Promise<void>;
}

export interface PendingPromise {
  /** @returns undefined if it is not known within that time. Can be called again. */
  within(ms: number): Promise<LeadRow | Unwritten | undefined>;
  /**
   * It is not begun again, unless a statement has been sent whose effect is not known, or somebody else wants it: then it is tried until
   * its row has been seen. A statement that is under way is waited for.
   */
  giveUp(): void;
}

/** No row was written by a promise of this lead, and none will be. */
export class Unwritten {
  /** Of the last statement; undefined if it was never its turn. */
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

export interface PromiseWriterOptions {
  readonly write: (promises: readonly LeadPromise[]) => Promise<LeadRow[]>;
  readonly onError: (error: unknown, leads: number) => void;
  /** Statements under way at once: no more than there are connections for them. */
  readonly statements: number;
}

/** So many that a busy machine still writes them within a statement's second. */
const MOST_LEADS = 100;
const AGAIN_MS = 200;

/** A lead that is to be promised, and those who wait for that; more than one if it was joined. */
interface Entry {
  readonly lead: LeadJob;
  tried: LeadPromise['tried'];
  /** A statement may have written it. */
  uncertain: boolean;
  error: unknown;
  readonly callers: Set<Caller>;
}

interface Caller {
  readonly resolve: (known: LeadRow | Unwritten) => void;
  givenUp: boolean;
}

export function createPromiseWriter({ write, onError, statements }: PromiseWriterOptions): PromiseWriter {
  /** In their order; those that failed a moment ago are apart until they are tried again. */
  const waiting = new Map<string, Entry>();
  const resting = new Map<string, Entry>();
  const writing = new Set<Entry>();
  const closing = new Set<() => void>();
  let underWay = 0;
  let scheduled = false;

  const size = () => waiting.size + resting.size + writing.size;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    // Those who come in the same turn of the event loop go together.
    setImmediate(() => {
      scheduled = false;
      while (underWay < statements && waiting.size > 0) void writeNext();
    });
  }

  async function writeNext(): Promise<void> {
    const batch = [...waiting.values()].slice(0, MOST_LEADS);
    for (const entry of batch) {
      waiting.delete(entry.lead.leadId);
      writing.add(entry);
    }
    underWay += 1;
    try {
      await writeAll(batch);
    } finally {
      underWay -= 1;
      schedule();
      endIfDone();
    }
  }

  function endIfDone(): void {
    if (size() === 0) for (const resolve of closing) resolve();
  }

  /** One lead that PostgreSQL does not accept keeps no other from being written. */
  async function writeAll(batch: readonly Entry[]): Promise<void> {
    try {
      const rows = await write(batch);
      const byId = new Map(rows.map((row) => [row.id, row]));
      for (const entry of batch) settle(entry, byId.get(entry.lead.leadId));
    } catch (error) {
      if (batch.length > 1 && isRefusedInput(error)) {
        const middle = Math.ceil(batch.length / 2);
        await writeAll(batch.slice(0, middle));
        await writeAll(batch.slice(middle));
        return;
      }
      onError(error, batch.length);
      const uncertain = effectOf(error) === 'unknown';
      for (const entry of batch) {
        entry.error = error;
        entry.uncertain ||= uncertain;
        settle(entry, undefined);
      }
    }
  }

  function settle(entry: Entry, row: LeadRow | undefined): void {
    writing.delete(entry);
    if (row !== undefined) end(entry, row);
    else if (!endIfGivenUp(entry)) rest(entry);
  }

  function end({ callers }: Entry, known: LeadRow | Unwritten): void {
    for (const { resolve } of callers) resolve(known);
  }

  function endIfGivenUp(entry: Entry): boolean {
    if (entry.uncertain || ![...entry.callers].every(({ givenUp }) => givenUp)) return false;
    end(entry, new Unwritten(entry.error));
    return true;
  }

  function rest(entry: Entry): void {
    const { leadId } = entry.lead;
    // Wanted again meanwhile: both wait for the same row.
    const other = waiting.get(leadId) ?? resting.get(leadId);
    if (other !== undefined) {
      merge(other, entry);
      return;
    }
    resting.set(leadId, entry);
    setTimeout(() => {
      if (!resting.delete(leadId)) return;
      waiting.set(leadId, entry);
      schedule();
    }, AGAIN_MS);
  }

  function merge(into: Entry, { tried, uncertain, callers }: Omit<Entry, 'lead' | 'error'>): void {
    // As if one had been promised after the other: what is promised stays.
    if (tried === 'stays') into.tried = 'stays';
    into.uncertain ||= uncertain;
    for (const caller of callers) into.callers.add(caller);
  }

  function find({ leadId }: LeadJob, caller: Caller): Entry | undefined {
    const entry = waiting.get(leadId) ?? resting.get(leadId);
    return entry?.callers.has(caller) ? entry : undefined;
  }

  return {
    get size() {
      return size();
    },
    promise(lead, tried = 'fails') {
      let resolve: Caller['resolve'] = () => {};
      const known = new Promise<LeadRow | Unwritten>((settled) => {
        resolve = settled;
      });
      const caller: Caller = { resolve, givenUp: false };
      const entry: Entry = { lead, tried, uncertain: false, error: undefined, callers: new Set([caller]) };
      const same = waiting.get(lead.leadId) ?? resting.get(lead.leadId);
      if (same === undefined) waiting.set(lead.leadId, entry);
      else merge(same, entry);
      schedule();
      return {
        within: (ms) => pTimeout(known, { milliseconds: Math.max(1, ms), message: false }),
        giveUp() {
          caller.givenUp = true;
          const idle = find(lead, caller);
          if (idle === undefined || !endIfGivenUp(idle)) return;
          waiting.delete(lead.leadId);
          resting.delete(lead.leadId);
          endIfDone();
        },
      };
    },
    async close() {
      if (size() > 0) await new Promise<void>((resolve) => closing.add(resolve));
    },
  };
}
