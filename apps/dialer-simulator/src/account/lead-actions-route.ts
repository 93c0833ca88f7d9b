/** `PUT …/accounts/:accountId/campaignLeads/actions?leadAction=CANCEL_LEADS`. Whatever a lead's state is, it becomes CANCELLED, as documented. */
import type { FastifyInstance } from 'fastify';
import type { DialingSystem, Mount } from '../api/dialing-system.ts';
import { parseRequest } from '../api/parse-request.ts';
import { answerWithFault } from '../faults/faulty-answer.ts';
import { createGate } from '../faults/gate.ts';
import { leadActionQuerySchema, leadActionRequestSchema } from './account-wire.ts';

export function registerLeadActionsRoute(app: FastifyInstance, system: DialingSystem, mount: Mount): void {
  const { family } = mount;
  app.put<{ Params: { accountId: string } }>(
    '/v1/admin/accounts/:accountId/campaignLeads/actions',
    { onRequest: createGate(system, mount, 'leadActions') },
    async (request, reply) => {
      parseRequest(leadActionQuerySchema, request.query);
      const { campaignLeadSearchCriteria: wanted } = parseRequest(leadActionRequestSchema, request.body);
      const { accountId } = request.params;
      const campaignIds = wanted.campaignIds?.map(String);
      const plan = system.behaviour().faults.plan('leadActions', () => ({
        family,
        accountId,
        campaignIds: campaignIds ?? [],
        leads: wanted.externIds.map((externId) => ({ externId, phone: '' })),
      }));
      if (plan.delayMs > 0 && !(await system.pause(plan.delayMs))) {
        return answerWithFault(reply, { kind: 'reset' }, null, system.clock());
      }
      const answer = plan.answer;
      const takesEffect = answer === null || ('when' in answer && answer.when === 'afterStoring');
      const leads = takesEffect
        ? [
            ...system.store.matching({
              family,
              accountId,
              campaignIds: campaignIds && new Set(campaignIds),
              externIds: new Set(wanted.externIds),
            }),
          ]
        : [];
      for (const lead of leads) system.store.progress(lead, { leadState: 'CANCELLED' });
      const good = { leadAction: 'CANCEL_LEADS', leadsUpdated: leads.length };
      return answer === null ? good : answerWithFault(reply, answer, good, system.clock());
    },
  );
}
