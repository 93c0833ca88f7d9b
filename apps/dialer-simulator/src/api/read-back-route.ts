/** The lead search that serves as read-back: `POST …/accounts/:accountId/campaignLeads/leadSearch?page&maxRows`. */
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { answerWithFault } from '../faults/faulty-answer.ts';
import { createGate, expireToken } from '../faults/gate.ts';
import type { DialingSystem, Mount } from './dialing-system.ts';
import { createLeadReader, type LeadFilter, type LeadProgress, type StoredLead } from './lead-store.ts';
import { parseRequest } from './parse-request.ts';
import { type foundLeadSchema, leadSearchQuerySchema, leadSearchRequestSchema } from './wire.ts';

const PATH = '/v1/admin/accounts/:accountId/campaignLeads/leadSearch';

export function registerReadBackRoute(app: FastifyInstance, system: DialingSystem, mount: Mount): void {
  app.post<{ Params: { accountId: string } }>(
    PATH,
    { onRequest: createGate(system, mount, 'readBack') },
    async (request, reply) => {
      const { scenario, faults } = system.behaviour();
      const search = parseRequest(leadSearchRequestSchema, request.body);
      const { page, maxRows } = parseRequest(leadSearchQuerySchema, request.query);
      const { accountId } = request.params;
      const campaignIds = search.campaignIds?.map(String);
      const account: LeadFilter = { family: mount.family, accountId };
      const planned = faults.plan('readBack', () => ({
        family: mount.family,
        accountId,
        campaignIds: campaignIds ?? [],
        leads: (search.externIds ?? []).map((externId) => ({
          externId,
          phone: firstOf(system.store.matching({ ...account, externIds: new Set([externId]) }))?.phone ?? '',
        })),
      }));
      const plan = expireToken(system, mount, request.headers, planned);

      if (plan.delayMs > 0 && !(await system.pause(plan.delayMs))) {
        return answerWithFault(reply, { kind: 'reset' }, null, system.clock());
      }
      const filter: LeadFilter = {
        ...account,
        campaignIds: campaignIds && new Set(campaignIds),
        externIds: scenario.ignoresExternIds ? undefined : search.externIds && new Set(search.externIds),
        loadedBeforeMs: plan.lagMs === 0 ? undefined : system.clock() - plan.lagMs,
      };
      const leadAsSent = createLeadReader();
      const found = withSuppressed(system, system.store.matching(filter), search.suppressed);
      const rows = pageOf(found, page, maxRows).map((lead) =>
        foundLead(lead, leadAsSent(lead).callerId, system.store.progressOf(lead)),
      );
      const form = scenario.readBackForm;
      const answer = form === 'array' ? rows : { [form]: rows };
      if (plan.answer === null) return answer;
      return answerWithFault(reply, plan.answer, answer, system.clock());
    },
  );
}

function* withSuppressed(
  { store }: DialingSystem,
  leads: Iterable<StoredLead>,
  which: z.infer<typeof leadSearchRequestSchema>['suppressed'],
): Generator<StoredLead> {
  for (const lead of leads) {
    const isSuppressed = store.progressOf(lead).suppressed === true;
    if (which === 'ALL' || isSuppressed === (which === 'ONLY_SUPPRESSED')) yield lead;
  }
}

/** Reads no further than the page, since a search without externIds goes over every lead held. */
function pageOf(leads: Iterable<StoredLead>, page: number, maxRows: number): StoredLead[] {
  const from = (page - 1) * maxRows;
  const rows: StoredLead[] = [];
  let n = 0;
  for (const lead of leads) {
    if (n >= from) rows.push(lead);
    n += 1;
    if (rows.length === maxRows) break;
  }
  return rows;
}

function firstOf<T>(values: Iterable<T>): T | undefined {
  for (const value of values) return value;
  return undefined;
}

function foundLead(
  lead: StoredLead,
  callerId: string | undefined,
  { leadState = 'READY', leadPasses = 0, suppressed = false, ...dialled }: LeadProgress,
): z.infer<typeof foundLeadSchema> {
  return {
    leadId: lead.leadId,
    externId: lead.externId,
    leadPhone: lead.phone,
    leadState,
    leadPasses,
    suppressed,
    ...dialled,
    ...(callerId === undefined ? {} : { callerId }),
    campaignId: lead.upload.campaignId,
    listId: lead.upload.listId,
    loadedDts: new Date(lead.upload.loadedAtMs).toISOString(),
  };
}
