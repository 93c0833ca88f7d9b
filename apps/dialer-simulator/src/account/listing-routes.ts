/** What an account has: `GET …/dialGroups/withChildren?page&maxRows`, and the accounts of a token: `GET /v1/admin/accounts`. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { DialingSystem, Mount } from '../api/dialing-system.ts';
import { parseRequest } from '../api/parse-request.ts';
import type { Operation } from '../control/statistics.ts';
import { answerWithFault } from '../faults/faulty-answer.ts';
import { createGate } from '../faults/gate.ts';
import { accountSchema, type dialGroupSchema, pageQuerySchema } from './account-wire.ts';
import type { StoredCampaign } from './campaign-store.ts';

export function registerListingRoutes(app: FastifyInstance, system: DialingSystem, mount: Mount): void {
  const { family } = mount;

  app.get<{ Params: { accountId: string } }>(
    '/v1/admin/accounts/:accountId/dialGroups/withChildren',
    { onRequest: createGate(system, mount, 'campaigns') },
    async (request, reply) => {
      const { page, maxRows } = parseRequest(pageQuerySchema, request.query);
      const { accountId } = request.params;
      const campaigns = system.campaigns.of(family, accountId);
      return answer(reply, 'campaigns', accountId, () =>
        dialGroupsOf(campaigns).slice((page - 1) * maxRows, page * maxRows),
      );
    },
  );

  app.get(
    '/v1/admin/accounts',
    { onRequest: createGate(system, mount, 'accounts') },
    async (_request, reply) =>
      answer(reply, 'accounts', '', () => [
        accountSchema.parse({ accountId: '99', accountName: 'Simulated' }),
      ]),
  );

  async function answer(reply: FastifyReply, operation: Operation, accountId: string, good: () => unknown) {
    const plan = system
      .behaviour()
      .faults.plan(operation, () => ({ family, accountId, campaignIds: [], leads: [] }));
    if (plan.delayMs > 0 && !(await system.pause(plan.delayMs))) {
      return answerWithFault(reply, { kind: 'reset' }, null, system.clock());
    }
    return plan.answer === null ? good() : answerWithFault(reply, plan.answer, good(), system.clock());
  }
}

function dialGroupsOf(campaigns: readonly StoredCampaign[]): z.infer<typeof dialGroupSchema>[] {
  const names = [...new Set(campaigns.map(({ dialGroup }) => dialGroup))];
  return names.map((dialGroupName, n) => ({
    dialGroupId: 9_000 + n,
    dialGroupName,
    dialMode: 'PREDICTIVE',
    isActive: true,
    campaigns: campaigns
      .filter(({ dialGroup }) => dialGroup === dialGroupName)
      .map(({ campaignId, name, active }) => ({
        campaignId: Number(campaignId),
        campaignName: name,
        isActive: active ? 1 : 0,
      })),
  }));
}
