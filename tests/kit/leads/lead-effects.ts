import type { LeadState } from '@live-feed/core/lead/lead-state';
import { type Answer, leadNumber, post } from '../http/client.ts';
import { storedLeads } from '../judge/stored-leads.ts';
import type { Company } from '../system/company.ts';
import type { System } from '../system/system.ts';
import { waitFor } from '../wait-for.ts';

/**
 * A busy machine may take longer over a statement than the ingress gives it, which then says that nothing was taken: it is asked again.
 *
 * @param ask posts a lead
 * @param everyMs longer where many ask at once
 */
export function untilAdmitted(ask: () => Promise<Answer>, everyMs = 100): Promise<Answer> {
  return waitFor(
    async () => {
      const answer = await ask();
      return ['DATABASE_UNAVAILABLE', 'OVERLOADED'].includes(answer.body?.code) ? undefined : answer;
    },
    { what: 'an ingress that is not overloaded', timeoutMs: 90_000, everyMs },
  );
}

/** Posts a lead of that company, as often as a busy machine refuses it. */
export function submit(
  system: System,
  { key, campaignId }: Company,
  n: number,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return untilAdmitted(() => post(system, leadNumber(n, campaignId), { key, headers }));
}

export function leadIdOf(answer: Answer): string {
  return String(answer.headers.get('x-lead-id'));
}

export function rowOf(system: System, leadId: string) {
  return system.database.lead.findUnique({ where: { id: leadId } });
}

/** Waits until that is what the lead's row says. */
export function untilState(system: System, leadId: string, state: LeadState) {
  return waitFor(
    async () => {
      const row = await rowOf(system, leadId);
      if (row?.state === state) return row;
      throw new Error(`The row says ${row?.state ?? 'nothing'} (${row?.reason ?? 'no reason'}).`);
    },
    { what: `${state} on a lead's row`, timeoutMs: 45_000, everyMs: 50 },
  );
}

/** A lead id for every copy of a company's leads at the dialing system. */
export async function storedLeadIds(system: System, { campaignId }: Company): Promise<string[]> {
  return (await storedLeads(system, campaignId)).map(({ externId }) => externId);
}
