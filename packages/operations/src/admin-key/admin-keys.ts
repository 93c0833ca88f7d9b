import { digestApiKey, hintOf, issueAdminKey } from '@live-feed/core/crypto/api-key';
import { ROLES } from '@live-feed/core/directory/role';
import { addAdminKey, listAdminKeys, revokeAdminKey } from '@live-feed/database/directory/admin-keys';
import { findCompany } from '@live-feed/database/directory/companies';
import { z } from 'zod';
import { companyInput, idInput, lifetimeInput } from '../inputs/inputs.ts';
import { noCompany, ofInstallation } from '../operation.ts';
import { Refusal } from '../refusal.ts';

export const adminKeyIssue = ofInstallation({
  name: 'admin-key.issue',
  summary: 'creates a key of the admin API, and returns it, once',
  role: 'admin',
  route: 'POST /admin-keys',
  input: z.object({
    label: z.string().trim().min(1).max(100).describe('who has it: its name in the audit log'),
    role: z.enum(ROLES).describe('what it may do'),
    company: companyInput.optional().describe('the only company that it reaches; all if left out'),
    expiresInMs: lifetimeInput().optional(),
  }),
  async run({ database, record }, { label, role, company: name, expiresInMs }) {
    const company = name === undefined ? undefined : await findCompany(database, name);
    if (company === null) throw noCompany(name ?? '');
    const key = issueAdminKey();
    const expiresAt = expiresInMs === undefined ? null : new Date(Date.now() + expiresInMs);
    const stored = { label, role, companyId: company?.id ?? null, hint: hintOf(key), expiresAt };
    const id = await addAdminKey(database, { ...stored, digest: digestApiKey(key) });
    record({
      target: `admin key …${stored.hint} (${label})`,
      after: { id, role, company: company?.name ?? null, expiresAt },
    });
    return { id, ...stored, company: company?.name ?? null, key };
  },
});

export const adminKeyList = ofInstallation({
  name: 'admin-key.list',
  summary: 'lists the keys of the admin API',
  role: 'admin',
  route: 'GET /admin-keys',
  input: z.object({}),
  run: async ({ database }) => ({ keys: await listAdminKeys(database) }),
});

export const adminKeyRevoke = ofInstallation({
  name: 'admin-key.revoke',
  summary: 'revokes a key of the admin API, at once',
  role: 'admin',
  route: 'DELETE /admin-keys/:id',
  input: z.object({ id: idInput('the key') }),
  async run({ database, record }, { id }) {
    if (!(await revokeAdminKey(database, id))) {
      throw new Refusal('There is no key of the admin API with that id that works.', {
        kind: 'not_found',
        see: { operation: 'admin-key.list' },
      });
    }
    record({ target: `admin key ${id}` });
    return { id, revoked: true };
  },
});
