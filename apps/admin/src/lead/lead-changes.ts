import { SEALED } from '@live-feed/core/lead/lead-job';
import type { Reason } from '@live-feed/core/lead/lead-outcome';
import type { TracedLead } from '@live-feed/core/lead/lead-record';

import { takeBack } from '@live-feed/database/leads/lead-transitions';
import {
  findElsewhere,
  findParked,
  resolveParked,
  retryParked,
} from '@live-feed/database/leads/parked-leads';
import { findOpenJobs } from '@live-feed/database/upkeep/reconciler';
import { foundResponse } from '@live-feed/dialers/found-response';
import { createLeadProducer, type LeadProducer } from '@live-feed/queue/jobs/lead-producer';
import { theCompany } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal } from '../terminal/refusal.ts';
import { count, type Report } from '../terminal/report.ts';
import { theLead } from './find-lead.ts';

/** Operators' changes of leads. Each is one transition of the lead's row; of two at once, the first wins. */

interface Whose {
  readonly company?: string | undefined;
}

/** Gives back a promised lead that was not sent. */
export async function cancelLead(session: Session, idOrPhone: string, { company }: Whose): Promise<Report> {
  const lead = await theLead(session, idOrPhone, company, ['QUEUED']);
  const taken = await takeBack(
    session.database,
    { companyId: lead.companyId, campaigns: undefined },
    lead.id,
  );
  if (taken === undefined) throw new Refusal(await whyNotCancelled(session, lead.id));
  const producer = createLeadProducer(await session.redis(), () => undefined);
  try {
    await producer.discard(taken.dialerId, lead.id);
  } finally {
    await producer.close();
  }
  return {
    text: `Gave back the lead ${lead.id}: it is ABANDONED and will not be sent.`,
    data: { id: lead.id, state: 'ABANDONED' },
  };
}

async function whyNotCancelled(session: Session, leadId: string): Promise<string> {
  const { state } = await theLead(session, leadId, undefined);
  switch (state) {
    case 'QUEUED':
      return 'The lead cannot be given back yet: its caller still waits, for half a minute at most. Try again.';
    case 'SENDING':
    case 'UNKNOWN':
      return `The lead cannot be given back: it is ${state}, so the dialing system may have it.`;
    case 'PARKED':
      return `The lead is PARKED and will not be sent. Record what became of it: ${hint`lead resolve --help`}`;
    default:
      return `The lead cannot be given back: it has ended as ${state}.`;
  }
}

/** Retries a parked lead. */
export async function retryLead(
  session: Session,
  idOrPhone: string,
  { company, for: forMs }: Whose & { readonly for: number },
): Promise<Report> {
  const lead = parked(await theLead(session, idOrPhone, company, ['PARKED']));
  const [row] = await retryParked(session.database, [lead], forMs);
  const sentTo = row === undefined ? await findElsewhere(session.database, lead.id) : undefined;
  if (sentTo !== undefined) {
    throw new Refusal(
      `The lead may be on the account that it was sent to (${sentTo}). Its dialer has another account now, so the lead cannot be ` +
        `verified and is not sent again. Look there, and record what became of it: ${hint`lead resolve --help`}`,
    );
  }
  if (row === undefined)
    throw new Refusal(`Somebody else has just changed this lead. See: ${hint`lead show ${lead.id}`}`);
  await addJobs(session, [row.id]);
  const how =
    row.state === 'QUEUED'
      ? 'it was not taken, and is sent again'
      : 'it may have been taken, so it is verified first';
  return { text: `Retried the lead ${lead.id}: ${how}.`, data: { id: lead.id, state: row.state } };
}

const BATCH = 500;

/** Retries all parked leads of a company, for example after its token was renewed. */
export async function retryAllParked(
  session: Session,
  options: { readonly company: string; readonly reason?: Reason | undefined; readonly for: number },
): Promise<Report> {
  const { id: companyId, name } = await theCompany(session, options.company);
  const going = { QUEUED: 0, UNKNOWN: 0 };
  let staying = 0;
  let afterId: string | undefined;
  while (!session.terminal.signal.aborted) {
    const search = { companyId, reason: options.reason, afterId, limit: BATCH };
    const found = await findParked(session.database, search);
    const retried = await retryParked(session.database, found, options.for);
    staying += found.length - retried.length;
    for (const { state } of retried) {
      if (state === 'QUEUED' || state === 'UNKNOWN') going[state] += 1;
    }
    await addJobs(
      session,
      retried.map(({ id }) => id),
    );
    afterId = found.at(-1)?.id;
    if (found.length < BATCH) break;
  }
  return {
    text:
      `Retried ${count(going.QUEUED + going.UNKNOWN, 'parked lead')} of "${name}": ` +
      `${going.QUEUED} are sent again, ${going.UNKNOWN} are verified first.${staysParked(staying)}`,
    data: { companyId, sentAgain: going.QUEUED, askedAbout: going.UNKNOWN, staying },
  };
}

/** Adds the jobs at once. While Redis is unavailable, the reconciler adds them later. */
async function addJobs(session: Session, ids: readonly string[]): Promise<void> {
  const jobs = await findOpenJobs(session.database, ids);
  let producer: LeadProducer | undefined;
  try {
    producer = createLeadProducer(await session.redis(), () => undefined);
    await producer.restore(jobs.map((job) => ({ ...job, replyTo: '' })));
  } catch {
    session.terminal.stderr.write('Redis cannot be reached: the leads continue once it can.\n');
  } finally {
    await producer?.close();
  }
}

function staysParked(staying: number): string {
  if (staying === 0) return '';
  return ` ${count(staying, 'lead')} stay parked: sent to another account than the dialer has now, or just changed by somebody else. See: ${hint`lead list --state PARKED`}`;
}

const RESOLUTIONS = { accepted: 'ACCEPTED', rejected: 'REJECTED', failed: 'FAILED' } as const;

/** Records what became of a parked lead, after a person has looked in the dialing system. */
export async function resolveLead(
  session: Session,
  idOrPhone: string,
  { company, as }: Whose & { readonly as: keyof typeof RESOLUTIONS },
): Promise<Report> {
  const lead = await theLead(session, idOrPhone, company, ['PARKED']);
  const { companyId } = lead;
  const state = RESOLUTIONS[as];
  const dialerResponse =
    state === 'ACCEPTED'
      ? session.keyring.seal(foundResponse('person'), { companyId, column: SEALED.dialerResponse })
      : null;
  const row = await resolveParked(session.database, parked(lead), { state, dialerResponse });
  if (row === undefined)
    throw new Refusal(`Somebody else has just changed this lead. See: ${hint`lead show ${lead.id}`}`);
  return { text: `Recorded the lead ${lead.id} as ${state}.`, data: { id: lead.id, state } };
}

function parked({ id, state, attempt }: TracedLead) {
  if (state === 'PARKED') return { id, attempt };
  throw new Refusal(`Only a parked lead needs a person; this one is ${state}. See: ${hint`lead show ${id}`}`);
}
