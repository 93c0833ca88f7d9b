import { SEALED } from '@live-feed/core/lead/lead-job';
import type { Reason } from '@live-feed/core/lead/lead-outcome';
import type { TracedLead } from '@live-feed/database/leads/lead-status';
import { takeBack } from '@live-feed/database/leads/lead-transitions';
import {
  findElsewhere,
  findParked,
  type ParkedLead,
  resolveParked,
  retryParked,
} from '@live-feed/database/leads/parked-leads';
import { findOpenJobs } from '@live-feed/database/upkeep/sweep';
import { foundResponse } from '@live-feed/dialers/found-response';
import { createLeadProducer, type LeadProducer } from '@live-feed/queue/jobs/lead-producer';
import { theCompany } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal } from '../terminal/refusal.ts';
import { count, type Report } from '../terminal/report.ts';
import { theLead } from './find-lead.ts';

/** What people do with leads. Each is a transition of the arbiter, and what somebody else was faster with stands. */

interface Whose {
  readonly company?: string | undefined;
}

/** A promised lead that was not sent is given back. */
export async function cancelLead(session: Session, idOrPhone: string, { company }: Whose): Promise<Report> {
  const lead = await theLead(session, idOrPhone, company, ['QUEUED']);
  const taken = await takeBack(session.database, lead.companyId, lead.id);
  if (taken === undefined) throw new Refusal(await whyNotCancelled(session, lead.id));
  const producer = createLeadProducer(await session.redis(), () => undefined);
  try {
    await producer.discard(taken.dialerId, lead.id);
  } finally {
    await producer.close();
  }
  return {
    text: `Gave back the lead ${lead.id}: it is ABANDONED, and not sent any more.`,
    data: { id: lead.id, state: 'ABANDONED' },
  };
}

async function whyNotCancelled(session: Session, leadId: string): Promise<string> {
  const { state } = await theLead(session, leadId, undefined);
  switch (state) {
    case 'QUEUED':
      return 'The lead cannot be given back yet: its caller still waits for it, for half a minute at most. Try again.';
    case 'SENDING':
    case 'UNKNOWN':
      return `The lead cannot be given back: it is ${state}, so the dialing system may have it.`;
    case 'PARKED':
      return `The lead is PARKED, so nothing sends it. Say what became of it: ${hint`lead resolve --help`}`;
    default:
      return `The lead cannot be given back: it has ended as ${state}.`;
  }
}

/** A parked lead goes on. */
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
      `The lead may be on the account that it was sent to (${sentTo}), which its dialer has left since: it cannot be asked about, and is not sent ` +
        `again. Look there, and say what became of it: ${hint`lead resolve --help`}`,
    );
  }
  if (row === undefined)
    throw new Refusal(`Somebody else has just decided over this lead. See: ${hint`lead show ${lead.id}`}`);
  await giveJobs(session, [row.id]);
  const how =
    row.state === 'QUEUED'
      ? 'it was not taken, and is sent again'
      : 'it may have been taken, so the dialing system is asked first';
  return { text: `The lead ${lead.id} goes on: ${how}.`, data: { id: lead.id, state: row.state } };
}

const BATCH = 500;

/** All parked leads of a company go on: after its token was renewed, say. */
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
    await giveJobs(
      session,
      retried.map(({ id }) => id),
    );
    afterId = found.at(-1)?.id;
    if (found.length < BATCH) break;
  }
  return {
    text:
      `Retried ${count(going.QUEUED + going.UNKNOWN, 'parked lead')} of "${name}": ` +
      `${going.QUEUED} are sent again, ${going.UNKNOWN} are asked about first.${staysParked(staying)}`,
    data: { companyId, sentAgain: going.QUEUED, askedAbout: going.UNKNOWN, staying },
  };
}

/** At once, so that the sweep finds none that is lost. While Redis is away it is left to the sweep. */
async function giveJobs(session: Session, ids: readonly string[]): Promise<void> {
  const jobs = await findOpenJobs(session.database, ids);
  let producer: LeadProducer | undefined;
  try {
    producer = createLeadProducer(await session.redis(), () => undefined);
    await producer.restore(jobs.map((job) => ({ ...job, replyTo: '' })));
  } catch {
    session.terminal.stderr.write('Redis cannot be reached: the leads go on once it can.\n');
  } finally {
    await producer?.close();
  }
}

function staysParked(staying: number): string {
  if (staying === 0) return '';
  return ` ${count(staying, 'lead')} stay parked: sent to an account that the dialer has left since, or just decided by somebody else. See: ${hint`lead list --state PARKED`}`;
}

const RESOLUTIONS = { accepted: 'ACCEPTED', rejected: 'REJECTED', failed: 'FAILED' } as const;

/** A person has looked in the dialing system, and says what became of a parked lead. */
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
    throw new Refusal(`Somebody else has just decided over this lead. See: ${hint`lead show ${lead.id}`}`);
  return { text: `The lead ${lead.id} is ${state}, as you say.`, data: { id: lead.id, state } };
}

function parked(lead: TracedLead): ParkedLead {
  if (lead.state === 'PARKED') return { id: lead.id, attempt: lead.attempt };
  throw new Refusal(
    `Only a parked lead needs a person; this one is ${lead.state}. See: ${hint`lead show ${lead.id}`}`,
  );
}
