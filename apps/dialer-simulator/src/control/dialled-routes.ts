/** For tests: what happens in the dialing systems without Live Feed. Campaigns begin and end there, and leads are dialled. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { DialingSystem } from '../api/dialing-system.ts';

const family = z.enum(['ringcx', 'newbridge']).default('ringcx');

const campaignsSchema = z.strictObject({
  family,
  accountId: z.string().min(1),
  campaigns: z
    .array(
      z.strictObject({
        campaignId: z.string().regex(/^\d{1,15}$/),
        name: z.string(),
        dialGroup: z.string().default('Outbound'),
        active: z.boolean().default(true),
      }),
    )
    .max(10_000),
});

/** As `leadSearch` shows them. */
const progressSchema = z.strictObject({
  leadState: z.string().min(1).optional(),
  leadPasses: z.int().min(0).optional(),
  lastPassDisposition: z.string().optional(),
  lastPassDts: z.iso.datetime().optional(),
  nextDialTime: z.iso.datetime().optional(),
  suppressed: z.boolean().optional(),
});

export function registerDialledRoutes(app: FastifyInstance, system: DialingSystem): void {
  app.put('/campaigns', async (request) => {
    const account = campaignsSchema.parse(request.body);
    system.campaigns.set(account.family, account.accountId, account.campaigns);
    return account;
  });

  app.get('/campaigns', async (request) => {
    const query = z.strictObject({ family, accountId: z.string().min(1) }).parse(request.query);
    return { ...query, campaigns: system.campaigns.of(query.family, query.accountId) };
  });

  app.put<{ Params: { externId: string } }>('/leads/:externId', async (request, reply) => {
    const progress = progressSchema.parse(request.body);
    const leads = [...system.store.matching({ externIds: new Set([request.params.externId]) })];
    for (const lead of leads) system.store.progress(lead, progress);
    return reply.code(leads.length === 0 ? 404 : 200).send({ leads: leads.length });
  });
}
