import { listAuditEntries } from '@live-feed/database/audit/audit-log';
import { z } from 'zod';
import { companyInput, idInput, momentInput } from '../inputs/inputs.ts';
import { ofReached, onlyCompany } from '../operation.ts';

export const auditList = ofReached({
  name: 'audit.list',
  summary: 'lists who changed what, newest first',
  role: 'viewer',
  route: 'GET /audit',
  input: z.object({
    company: companyInput.optional(),
    actor: z.string().max(255).optional().describe('name of the person, the key or the user of the machine'),
    operation: z.string().max(100).optional().describe('its name, or the beginning of it, such as "key."'),
    since: momentInput().optional(),
    until: momentInput().optional(),
    beforeId: idInput('the last entry of the page before').optional(),
    limit: z.int().min(1).max(1_000).default(50),
  }),
  async run({ database }, { company, ...search }, reached) {
    const companyId = await onlyCompany({ database }, company, reached);
    return { entries: await listAuditEntries(database, { ...search, companyId }) };
  },
});
