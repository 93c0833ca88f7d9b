import { SEALED } from '@live-feed/core/lead/lead-job';
import type { TracedLead } from '@live-feed/core/lead/lead-record';
import { takeBack } from '@live-feed/database/leads/lead-transitions';
import { findElsewhere, resolveParked, retryParked } from '@live-feed/database/leads/parked-leads';
import { foundResponse } from '@live-feed/dialers/found-response';
import { z } from 'zod';
import { ofCompanysOwn } from '../operation.ts';
import { Refusal } from '../refusal.ts';
import { discardJobs, queueLeads } from './lead-queue.ts';
import { companyOfLead, leadInput, theLead } from './the-lead.ts';

/** Operators' changes of leads. Each is one transition of the lead's row; of two at once, the first wins. */

export const leadCancel = ofCompanysOwn({
  name: 'lead.cancel',
  summary: 'gives back a promised lead that was not sent',
  role: 'operator',
  route: 'POST /leads/:lead/cancel',
  input: leadInput,
  ...companyOfLead,
  async run(context, input, company) {
    const { id, state } = await theLead(context, input, company, ['QUEUED']);
    context.record({ target: `lead ${id}`, before: { state } });
    const taken = await takeBack(context.database, { companyId: company.id, campaigns: undefined }, id);
    if (taken === undefined) throw whyNotCancelled(await theLead(context, { lead: id }, company));
    context.record({ after: { state: 'ABANDONED' } });
    await discardJobs(context, [{ id, dialerId: taken.dialerId }]);
    return { company, id, state: 'ABANDONED' as const };
  },
});

function whyNotCancelled({ state }: TracedLead): Refusal {
  switch (state) {
    case 'QUEUED':
      return new Refusal(
        'The lead cannot be given back yet: its caller still waits, for half a minute at most. Try again.',
      );
    case 'SENDING':
    case 'UNKNOWN':
      return new Refusal(`The lead cannot be given back: it is ${state}, so the dialing system may have it.`);
    case 'PARKED':
      return new Refusal('The lead is PARKED and will not be sent.', {
        see: { operation: 'lead.resolve', to: 'Record what became of it' },
      });
    default:
      return new Refusal(`The lead cannot be given back: it has ended as ${state}.`);
  }
}

/** Milliseconds that a lead is tried for at least, even beyond its maximum age. */
export const triedForInput = z
  .int()
  .min(60_000)
  .max(30 * 86_400_000)
  .describe('milliseconds that it is tried for at least, even beyond its maximum age');

export const leadRetry = ofCompanysOwn({
  name: 'lead.retry',
  summary: 'retries a parked lead; one that may have been taken is verified before it is sent',
  role: 'operator',
  route: 'POST /leads/:lead/retry',
  input: leadInput.safeExtend({ triedForMs: triedForInput.default(3_600_000) }),
  ...companyOfLead,
  async run(context, input, company) {
    const lead = parked(await theLead(context, input, company, ['PARKED']));
    context.record({ target: `lead ${lead.id}`, before: { state: 'PARKED' } });
    const [row] = await retryParked(context.database, [lead], input.triedForMs);
    const sentTo = row === undefined ? await findElsewhere(context.database, lead.id) : undefined;
    if (sentTo !== undefined) {
      throw new Refusal(
        `The lead may be on the account that it was sent to (${sentTo}). Its dialer has another account now, so the lead cannot be ` +
          'verified and is not sent again.',
        { see: { operation: 'lead.resolve', to: 'Look there, and record what became of it' } },
      );
    }
    if (row === undefined) throw justChanged(lead.id);
    context.record({ after: { state: row.state } });
    return { company, id: lead.id, state: row.state, queued: await queueLeads(context, [row.id]) };
  },
});

const RESOLUTIONS = { accepted: 'ACCEPTED', rejected: 'REJECTED', failed: 'FAILED' } as const;

export const leadResolve = ofCompanysOwn({
  name: 'lead.resolve',
  summary: 'records what became of a parked lead, after a person has looked in the dialing system',
  role: 'operator',
  route: 'POST /leads/:lead/resolve',
  input: leadInput.safeExtend({
    as: z
      .enum(['accepted', 'rejected', 'failed'])
      .describe('accepted: it is there; rejected, failed: it is not'),
  }),
  ...companyOfLead,
  async run(context, input, company) {
    const lead = parked(await theLead(context, input, company, ['PARKED']));
    const state = RESOLUTIONS[input.as];
    context.record({ target: `lead ${lead.id}`, before: { state: 'PARKED' } });
    const dialerResponse =
      state === 'ACCEPTED'
        ? context.keyring.seal(foundResponse('person'), {
            companyId: company.id,
            column: SEALED.dialerResponse,
          })
        : null;
    const row = await resolveParked(context.database, lead, { state, dialerResponse });
    if (row === undefined) throw justChanged(lead.id);
    context.record({ after: { state } });
    return { company, id: lead.id, state };
  },
});

function parked({ id, state, attempt }: TracedLead) {
  if (state === 'PARKED') return { id, attempt };
  throw new Refusal(`Only a parked lead needs a person; this one is ${state}.`, {
    see: { operation: 'lead.show', values: [id] },
  });
}

function justChanged(id: string): Refusal {
  return new Refusal('Somebody else has just changed this lead.', {
    see: { operation: 'lead.show', values: [id] },
  });
}
