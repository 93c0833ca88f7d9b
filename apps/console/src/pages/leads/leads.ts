import type { FastifyInstance } from 'fastify';
import { addBulkChanges } from './bulk-page.ts';
import { addLeadPage } from './lead-page.ts';
import { addLeadSearch } from './leads-page.ts';

export function addLeads(app: FastifyInstance): void {
  addLeadSearch(app);
  addBulkChanges(app);
  addLeadPage(app);
}
