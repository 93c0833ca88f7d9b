import { setTimeout as pause } from 'node:timers/promises';
import { isSettled } from '@live-feed/core/lead/lead-state';
import type { Database } from '@live-feed/database/connection/client';
import { countUnfinished } from '@live-feed/database/directory/dialers';
import type { DialerRecord } from '@live-feed/database/directory/lookups';
import { giveBackQueued } from '@live-feed/database/leads/draining';
import { findLeads } from '@live-feed/database/leads/lead-rows';
import type { InspectedQueue } from '@live-feed/queue/jobs/inspected-queue';
import { createLeadProducer, type LeadProducer } from '@live-feed/queue/jobs/lead-producer';
import { theDialer } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { startProgress } from '../terminal/progress.ts';
import { Refusal } from '../terminal/refusal.ts';
import { count, type Report } from '../terminal/report.ts';
import { withQueue } from './dialer-show.ts';

const BATCH = 500;
const POLL_EVERY_MS = 500;

/**
 * Stops a dialer for good: it sends nothing more, and its promised leads that were not sent are given back. Then it waits for uploads,
 * read-backs and callers under way. Leads of waiting callers are promised at their deadline, then given back.
 */
export async function drainDialer(
  session: Session,
  companyName: string,
  options: { readonly yes?: true | undefined; readonly wait: number },
): Promise<Report> {
  const { company, dialer } = await theDialer(session, companyName);
  if (options.yes !== true) {
    const { QUEUED = 0 } = await countUnfinished(session.database, company.id, dialer.id);
    throw new Refusal(
      `This stops the dialer of "${company.name}" for good and gives back what it has not sent, now ${count(QUEUED, 'promised lead')}. Add --yes to do it.`,
    );
  }
  const drained = await withQueue(session, dialer.id, async (queue) => {
    const producer = createLeadProducer(await session.redis(), () => undefined);
    try {
      await queue.pause();
      return await drain(session, dialer, queue, producer, performance.now() + options.wait);
    } finally {
      await producer.close();
    }
  });
  return reportOf(company.name, dialer.id, drained);
}

interface Drained {
  readonly givenBack: number;
  readonly left: Left;
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
  { database, terminal }: Session,
  dialer: DialerRecord,
  queue: InspectedQueue,
  producer: LeadProducer,
  giveUpAt: number,
): Promise<Drained> {
  const progress = startProgress(terminal, 'leads given back');
  let givenBack = 0;
  try {
    for (;;) {
      const ids = await giveBackQueued(database, dialer.id, BATCH);
      givenBack += ids.length;
      await discard(producer, dialer.id, ids);
      // Read before the rows are counted, so that a lead promised in between counts twice rather than not at all.
      const awaited = await clear(database, dialer.id, queue, producer);
      const leads = await countUnfinished(database, dialer.companyId, dialer.id);
      const { QUEUED: queued = 0, SENDING: sending = 0, UNKNOWN: unknown = 0, PARKED: parked = 0 } = leads;
      progress.show(givenBack, givenBack + queued);
      const left: Left = { queued, sending, unknown, parked, awaited };
      if (isOver(left) || performance.now() > giveUpAt || terminal.signal.aborted) return { givenBack, left };
      if (ids.length < BATCH) await pause(POLL_EVERY_MS);
    }
  } finally {
    progress.stop();
  }
}

function isOver({ queued, sending, unknown, awaited }: Left): boolean {
  return queued + sending + unknown + awaited === 0;
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

function reportOf(companyName: string, dialerId: string, { givenBack, left }: Drained): Report {
  const over = isOver(left);
  const { queued, sending, unknown, parked, awaited } = left;
  const lines = [
    `Stopped the dialer of "${companyName}" and gave back ${count(givenBack, 'lead')}: ABANDONED, will not be sent.`,
    over
      ? `Nothing is under way any more. The dialer stays paused and sends nothing. Stop its callers: ${hint`key list ${companyName}`}, ${hint`key revoke --help`}`
      : `Still under way: ${queued} queued, ${sending} being sent, ${unknown} being verified, ${awaited} whose callers wait. Run it again. ` +
        `Leads being verified need the dialer to run again: ${hint`dialer release ${companyName}`}`,
    ...(parked === 0
      ? []
      : [
          `${count(parked, 'parked lead')}, for you to decide: ${hint`lead list --company ${companyName} --state PARKED`}`,
        ]),
  ];
  return { text: lines.join('\n'), data: { dialerId, givenBack, left, drained: over }, failed: !over };
}
