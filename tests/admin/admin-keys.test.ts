import { randomBytes } from 'node:crypto';
import { isAdminKey } from '@live-feed/core/crypto/api-key';
import { describe, expect, test } from 'vitest';
import { adminOf } from '../kit/processes/admin.ts';
import { useDatabase } from '../kit/services/database.ts';

const server = useDatabase();
const secret = randomBytes(32).toString('base64');
const admin = adminOf(() => ({
  DATABASE_URL: server.url,
  REDIS_URL: 'redis://127.0.0.1:1',
  SEAL_KEYS: `k1:${secret}`,
  PHONE_DIGEST_SECRET: secret,
  ADMIN_USER: 'olga',
}));

describe('admin-key', () => {
  test('issue prints a key once, list shows it without, revoke ends it; each is in the audit log', async () => {
    await admin(['company', 'add', 'Acme Solar']);
    const issued = await admin([
      ...['admin-key', 'issue', 'Reports of Acme', '--role', 'viewer', '--company', 'acme solar'],
      ...['--expires-in', '90d', '--json'],
    ]);
    const { key, id } = issued.data;
    expect(isAdminKey(key)).toBe(true);
    const listed = await admin(['admin-key', 'list']);
    expect(listed.out).toMatch(
      new RegExp(`${id} +Reports of Acme +viewer +Acme Solar +…${key.slice(-2)} +–`),
    );
    expect(listed.out).not.toContain(key);
    expect(await admin(['admin-key', 'revoke', id])).toMatchObject({ code: 0 });
    expect(await admin(['admin-key', 'revoke', id])).toMatchObject({
      code: 1,
      err: 'There is no key of the admin API with that id that works. See: `admin admin-key list`\n',
    });
    const log = await admin(['audit', 'list', '--operation', 'admin-key.', '--json']);
    expect(log.data).toMatchObject([
      { operation: 'admin-key.revoke', actor: 'olga', end: { outcome: 'refused' } },
      { operation: 'admin-key.revoke', end: { outcome: 'done', target: `admin key ${id}` } },
      {
        ...{ operation: 'admin-key.issue', via: 'command-line', role: 'admin' },
        input: {
          label: 'Reports of Acme',
          role: 'viewer',
          company: 'acme solar',
          expiresInMs: 7_776_000_000,
        },
        end: { outcome: 'done', after: { id, role: 'viewer', company: 'Acme Solar' } },
      },
    ]);
    expect(JSON.stringify(log.data)).not.toContain(key);
    expect((await admin(['audit', 'list'])).out).toMatch(
      / olga +command-line +\S+ +admin-key\.issue +– +admin key …/,
    );
  });

  test('a key needs a role, and a company that there is', async () => {
    expect(await admin(['admin-key', 'issue', 'x'])).toMatchObject({ code: 2 });
    expect(await admin(['admin-key', 'issue', 'x', '--role', 'admin', '--company', 'None'])).toMatchObject({
      code: 1,
      err: 'There is no company "None". See: `admin company list`\n',
    });
  });
});
