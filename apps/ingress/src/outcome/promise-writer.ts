import type { LeadJob } from '@live-feed/core/lead/lead-job';
import { within } from '@live-feed/core/within';
import { effectOf, isRefusedInput } from '@live-feed/database/connection/statement-effect';
import type { LeadRow } from '@live-feed/database/leads/lead-rows';
import type { LeadPromise } from '@live-feed/database/leads/promise';

/**
 * Writes promises to PostgreSQL in batches: promises that arrive while statements are under way share the next one. A promise is tried until its
 * row has been seen, or until all its callers have given up and nothing can have been written.
 */
export interface PromiseWriter {
  /** Number of leads whose promise is not known yet. */
  readonly size: number;
  promise(lead: LeadJob, tried?: LeadPromise['tried']): PendingPromise;
  /** Resolves once every promise is known. */
  close(): Promise<void>;
}

export interface PendingPromise {
  /** @returns undefined if it is not known within that time. Can be called again. */
  within(ms: number): Promise<LeadRow | Unwritten | undefined>;
  /**
   * This caller does not need the promise any more. It is not tried again, except while another caller needs it or a statement of unknown effect
   * has been sent: then it is tried until its row has been seen. A statement under way is waited for.
   */
  giveUp(): void;
}

/** The promise has written no row, and will write none. */
export class Unwritten {
  /** The last statement's error; undefined if none was sent. */
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

export interface PromiseWriterOptions {
  readonly write: (promises: readonly LeadPromise[]) => Promise<LeadRow[]>;
  readonly onError: (error: unknown, leads: number) => void;
  /** Maximum number of statements under way: as many as there are connections for them. */
  readonly statements: number;
}

/** Leads in one statement: a busy machine still writes them within the statement time-out of a second. */
const MOST_LEADS = 100;
const AGAIN_MS = 200;

/** A lead to promise, and the callers that wait for it; several if it was joined. */
interface Entry {
  readonly lead: LeadJob;
  tried: LeadPromise['tried'];
  /** A statement of unknown effect has been sent: the row may exist. */
  uncertain: boolean;
  error: unknown;
  readonly callers: Set<Caller>;
}

interface Caller {
  readonly resolve: (known: LeadRow | Unwritten) => void;
  givenUp: boolean;
}

export function createPromiseWriter({ write, onError, statements }: PromiseWriterOptions): PromiseWriter {
  /** In order of arrival. Promises that have just failed rest before they wait again. */
  const waiting = new Map<string, Entry>();
  const resting = new Map<string, Entry>();
  const writing = new Set<Entry>();
  const closing = new Set<() => void>();
  let underWay = 0;
  let scheduled = false;

  const idleEntry = (leadId: string) => waiting.get(leadId) ?? resting.get(leadId);
  const size = () => waiting.size + resting.size + writing.size;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    // Promises of one turn of the event loop share a statement.
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

  /** Halves a batch that PostgreSQL refuses, so that one unacceptable lead does not keep the others from being written. */
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
    // The lead was promised again meanwhile: one entry goes on for both.
    const other = idleEntry(leadId);
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
    // Of two promises of one lead the one that lets it stay wins.
    if (tried === 'stays') into.tried = 'stays';
    into.uncertain ||= uncertain;
    for (const caller of callers) into.callers.add(caller);
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
      const same = idleEntry(lead.leadId);
      if (same === undefined) waiting.set(lead.leadId, entry);
      else merge(same, entry);
      schedule();
      return {
        within: (ms) => within(known, ms, () => undefined),
        giveUp() {
          caller.givenUp = true;
          const idle = idleEntry(lead.leadId);
          if (!idle?.callers.has(caller) || !endIfGivenUp(idle)) return;
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
