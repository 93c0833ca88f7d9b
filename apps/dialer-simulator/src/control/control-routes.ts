/** The simulator's own API, under `/simulator`: the scenario, the stored leads, the received requests. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { DialingSystem } from '../api/dialing-system.ts';
import { createLeadReader, type LeadFilter, type StoredLead } from '../api/lead-store.ts';
import type { LoadLead } from '../api/wire.ts';
import { scenarioSchema } from '../faults/scenario.ts';
import { registerDialledRoutes } from './dialled-routes.ts';

const count = (initial: number, max: number) => z.coerce.number().int().min(0).max(max).default(initial);

const leadsQuerySchema = z.strictObject({
  family: z.enum(['ringcx', 'newbridge']).optional(),
  accountId: z.string().optional(),
  campaignId: z.string().optional(),
  externId: z.string().optional(),
  phone: z.string().optional(),
  limit: count(100, 10_000),
  offset: count(0, Number.MAX_SAFE_INTEGER),
});

const requestsQuerySchema = z.strictObject({ limit: count(50, 10_000) });

export async function registerControlRoutes(app: FastifyInstance, system: DialingSystem): Promise<void> {
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof z.ZodError) {
      return reply.code(400).send({ message: z.prettifyError(error), issues: error.issues });
    }
    return reply.code(error.statusCode ?? 500).send({ message: error.message });
  });

  registerDialledRoutes(app, system);

  app.get('/leads', async (request) => {
    const { limit, offset, ...wanted } = leadsQuerySchema.parse(request.query);
    const filter: LeadFilter = {
      family: wanted.family,
      accountId: wanted.accountId,
      campaignIds: wanted.campaignId === undefined ? undefined : new Set([wanted.campaignId]),
      externIds: wanted.externId === undefined ? undefined : new Set([wanted.externId]),
      phone: wanted.phone,
    };
    let total = 0;
    const leads: StoredLead[] = [];
    for (const lead of system.store.matching(filter)) {
      if (total >= offset && leads.length < limit) leads.push(lead);
      total += 1;
    }
    const leadAsSent = createLeadReader();
    return { total, leads: leads.map((lead) => shown(lead, leadAsSent(lead))) };
  });

  app.delete('/leads', async (_request, reply) => {
    system.store.clear();
    system.campaigns.clear();
    system.statistics.clear();
    system.requests.clear();
    return reply.code(204).send();
  });

  app.get('/stats', async () => ({
    ...system.statistics.snapshot(),
    leadsStored: { held: system.store.held(), evicted: system.store.evicted() },
    duplicateExternIds: system.store.duplicates(),
  }));

  app.get('/scenario', async () => {
    const { scenario, faults } = system.behaviour();
    return { scenario, applied: faults.applied() };
  });

  app.put('/scenario', async (request) => {
    const scenario = scenarioSchema.parse(request.body);
    system.behave(scenario);
    return { scenario, applied: system.behaviour().faults.applied() };
  });

  app.delete('/scenario', async (_request, reply) => {
    system.behave(scenarioSchema.parse({}));
    return reply.code(204).send();
  });

  app.get('/requests', async (request) => {
    const { limit } = requestsQuerySchema.parse(request.query);
    return { requests: limit === 0 ? [] : system.requests.last(limit) };
  });
}

/** The lead as it was sent, with where and how it was loaded. */
function shown(lead: StoredLead, asSent: LoadLead) {
  const { family, accountId, campaignId, listId, options, loadedAtMs } = lead.upload;
  return {
    ...asSent,
    leadId: lead.leadId,
    family,
    accountId,
    campaignId,
    listId,
    options,
    loadedDts: new Date(loadedAtMs).toISOString(),
  };
}
