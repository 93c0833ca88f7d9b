import type { FastifyInstance } from 'fastify';
import { addBulkChanges } from './bulk-page.ts';
import { addChangesPages } from './changes-page.ts';
import { addLeadPage } from './lead-page.ts';
import { addLeadSearch } from './leads-page.ts';
import { addRefusedPage } from './refused-page.ts';

export function addLeads(app: FastifyInstance): void {
  addLeadSearch(app);
  addRefusedPage(app);
  addBulkChanges(app);
  addChangesPages(app);
  addLeadPage(app);
}
