import type { FastifyInstance } from 'fastify';
import { addCallerIdsPage } from './caller-ids-page.ts';
import { addCompanyNumbersPage } from './company-numbers-page.ts';
import { addImportPage } from './import-page.ts';
import { addNumberChanges } from './number-changes.ts';

/** Pages about the numbers of companies. */
export async function addCallerIds(app: FastifyInstance): Promise<void> {
  addCallerIdsPage(app);
  addCompanyNumbersPage(app);
  addNumberChanges(app);
  // Only here a form may carry a file.
  await app.register(addImportPage);
}
