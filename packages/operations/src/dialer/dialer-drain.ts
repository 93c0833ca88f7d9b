import { setTimeout as pause } from 'node:timers/promises';
import { isSettled } from '@live-feed/core/lead/lead-state';
import type { Database } from '@live-feed/database/connection/client';
import { countUnfinished } from '@live-feed/database/directory/dialers';
import type { DialerRecord } from '@live-feed/database/directory/lookups';
import { giveBackQueued } from '@live-feed/database/leads/draining';
import { findLeads } from '@live-feed/database/leads/lead-rows';
import type { InspectedQueue } from '@live-feed/queue/jobs/inspected-queue';
import { createLeadProducer, type LeadProducer } from '@live-feed/queue/jobs/lead-producer';
import { z } from 'zod';
import { companyInput } from '../inputs/inputs.ts';
import { type Context, ofCompany } from '../operation.ts';
import { withQueue } from './dialer-queue.ts';
import { theDialer } from './the-dialer.ts';

const BATCH = 500;
const POLL_EVERY_MS = 500;

/**
 * Stops a dialer for good: it sends nothing more, and its promised leads that were not sent are given back. Then it waits for uploads,
 * read-backs and callers under way. Leads of waiting callers are promised at their deadline, then given back.
 */
export const dialerDrain = ofCompany({
  name: 'dialer.drain',
  summary: 'stops it for good: pauses it, gives back promised leads that were not sent, waits for the rest',
  role: 'admin',
  route: 'POST /companies/:company/dialer/drain',
  input: z.object({
    company: companyInput,
    waitMs: z
      .int()
      .min(0)
      .max(3_600_000)
      .default(60_000)
      .describe('how long to wait for uploads and callers under way, in milliseconds'),
  }),
  async run(context, { waitMs }, company) {
    const dialer = await theDialer(context.database, company);
    const giveUpAt = performance.now() + waitMs;
    const drained = await withQueue(context, dialer.id, async (queue) => {
      const producer = createLeadProducer(await context.redis(), () => undefined);
      try {
        await queue.pause();
        return await drain(context, dialer, queue, producer, giveUpAt);
      } finally {
        await producer.close();
      }
    });
    context.record({ target: `dialer ${dialer.id}`, after: drained });
    return { company, dialerId: dialer.id, ...drained };
  },
});

interface Drained {
  readonly givenBack: number;
  readonly left: Left;
  /** Nothing is under way any more. */
  readonly drained: boolean;
}

interface Left {
  readonly queued: number;
  readonly sending: number;
  readonly unknown: number;
  readonly parked: number;
  /** Leads without a row: their callers still wait. */
  readonly awaited: number;
}

async function drain(
  { database, progress, signal }: Context,
  dialer: DialerRecord,
  queue: InspectedQueue,
  producer: LeadProducer,
  giveUpAt: number,
): Promise<Drained> {
  let givenBack = 0;
  for (;;) {
    const ids = await giveBackQueued(database, dialer.id, BATCH);
    givenBack += ids.length;
    await discard(producer, dialer.id, ids);
    // Read before the rows are counted, so that a lead promised in between counts twice rather than not at all.
    const awaited = await clear(database, dialer.id, queue, producer);
    const leads = await countUnfinished(database, dialer.companyId, dialer.id);
    const { QUEUED: queued = 0, SENDING: sending = 0, UNKNOWN: unknown = 0, PARKED: parked = 0 } = leads;
    progress(givenBack, givenBack + queued);
    const left: Left = { queued, sending, unknown, parked, awaited };
    const drained = queued + sending + unknown + awaited === 0;
    if (drained || performance.now() > giveUpAt || signal.aborted) return { givenBack, left, drained };
    if (ids.length < BATCH) await pause(POLL_EVERY_MS);
  }
}

/** Removes jobs of settled leads, which the paused queue would keep. @returns the number of jobs whose leads have no row */
async function clear(
  database: Database,
  dialerId: string,
  queue: InspectedQueue,
  producer: LeadProducer,
): Promise<number> {
  const ids = await queue.getRanges(['active', 'wait', 'prioritized', 'delayed'], 0, BATCH - 1, true);
  const rows = await findLeads(database, ids);
  const settled = rows.filter(({ state }) => isSettled(state)).map(({ id }) => id);
  await discard(producer, dialerId, settled);
  return ids.length - rows.length;
}

async function discard(producer: LeadProducer, dialerId: string, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((leadId) => producer.discard(dialerId, leadId)));
}
