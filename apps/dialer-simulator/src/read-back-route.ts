/** The lead search that serves as read-back: `POST …/accounts/:accountId/campaignLeads/leadSearch?page&maxRows`. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { DialingSystem, Mount } from './dialing-system.ts';
import { DialingSystemError } from './error-answer.ts';
import { createGate } from './gate.ts';
import type { LeadFilter, StoredLead } from './lead-store.ts';
import { type FoundLead, leadSearchQuerySchema, leadSearchRequestSchema, loadLeadSchema } from './wire.ts';

const PATH = '/v1/admin/accounts/:accountId/campaignLeads/leadSearch';

export function registerReadBackRoute(app: FastifyInstance, system: DialingSystem, mount: Mount): void {
  app.post<{ Params: { accountId: string } }>(
    PATH,
    { onRequest: createGate(system, mount, 'readBack') },
    async (request) => {
      const search = parse(leadSearchRequestSchema, request.body);
      const { page, maxRows } = parse(leadSearchQuerySchema, request.query);
      const filter: LeadFilter = {
        family: mount.family,
        accountId: request.params.accountId,
        campaignIds: search.campaignIds && new Set(search.campaignIds.map(String)),
        externIds: search.externIds && new Set(search.externIds),
      };
      return pageOf(system.store.matching(filter), page, maxRows).map(foundLead);
    },
  );
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DialingSystemError(400, 'invalid.request.exception', z.prettifyError(parsed.error));
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

export function foundLead(lead: StoredLead): FoundLead {
  const { callerId } = loadLeadSchema.parse(JSON.parse(lead.json));
  return {
    leadId: lead.leadId,
    externId: lead.externId,
    leadPhone: lead.phone,
    leadState: 'READY',
    ...(callerId === undefined ? {} : { callerId }),
    campaignId: lead.upload.campaignId,
    listId: lead.upload.listId,
    loadedDts: new Date(lead.upload.loadedAtMs).toISOString(),
  };
}
