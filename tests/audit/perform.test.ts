import { ROLES } from '@live-feed/core/directory/role';
import { listAuditEntries, purgeAudit } from '@live-feed/database/audit/audit-log';
import { createDatabase, type Database } from '@live-feed/database/connection/client';
import { addCompany } from '@live-feed/database/directory/companies';
import type { Actor } from '@live-feed/operations/actor';
import { auditList } from '@live-feed/operations/audit/audit-operations';
import { campaignAdd, campaignList, campaignSet } from '@live-feed/operations/campaign/campaigns';
import { secret } from '@live-feed/operations/inputs/masked-input';
import { ofInstallation } from '@live-feed/operations/operation';
import { perform } from '@live-feed/operations/perform';
import { InputError } from '@live-feed/operations/refusal';
import type { Resources } from '@live-feed/operations/resources';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { useDatabase } from '../kit/services/database.ts';

const server = useDatabase();
let database: Database;
let acme: { id: string; name: string };
let other: { id: string; name: string };

beforeAll(async () => {
  database = createDatabase({
    ...{ url: server.url, poolSize: 2, statementTimeoutMs: 30_000, connectTimeoutMs: 10_000 },
    applicationName: 'perform-test',
  });
  acme = (await addCompany(database, 'Acme Solar')).company;
  other = (await addCompany(database, 'Other Roofs')).company;
});
afterAll(() => database?.$disconnect());

const olga: Actor = {
  ...{ id: null, name: 'olga', via: 'console', from: '203.0.113.7', role: 'operator', companyId: null },
};

function as(actor: Partial<Actor> = {}) {
  // These operations need the database only.
  return { actor: { ...olga, ...actor }, resources: { database } as Resources };
}

const log = () => listAuditEntries(database, { limit: 100 });

test.each(['a\0b', 'half \ud83d', '\udc00'])('a text that cannot be stored is refused: %j', async (id) => {
  await expect(perform(as(), campaignList, { company: id })).rejects.toThrow(InputError);
  await expect(perform(as(), campaignAdd, { company: id, campaignIds: ['1'] })).rejects.toThrow(InputError);
});

describe('a change', () => {
  test('is recorded with who, what, where, before and after', async () => {
    await perform(as(), campaignAdd, { company: 'acme solar', campaignIds: ['7001'] });
    await perform(as(), campaignSet, { company: acme.id, campaignId: '7001', duplicates: 'off' });
    expect((await log()).slice(0, 2)).toMatchObject([
      {
        ...{
          operation: 'campaign.set',
          actor: 'olga',
          role: 'operator',
          via: 'console',
          origin: '203.0.113.7',
        },
        ...{ companyId: acme.id, company: 'Acme Solar' },
        input: { company: acme.id, campaignId: '7001', duplicates: 'off' },
        end: {
          ...{ outcome: 'done', message: null, target: 'campaign 7001' },
          ...{ before: { duplicates: 'company' }, after: { duplicates: 'off' } },
        },
      },
      { operation: 'campaign.add', end: { outcome: 'done', after: { added: ['7001'] } } },
    ]);
  });

  test('that the operation refuses is recorded with the reason', async () => {
    const missing = { company: acme.name, campaignId: 'none', duplicates: 'off' } as const;
    await expect(perform(as(), campaignSet, missing)).rejects.toMatchObject({
      ...{ name: 'OperationRefused', kind: 'not_found', message: '"Acme Solar" has no campaign none.' },
      see: { operation: 'campaign.add' },
    });
    expect((await log())[0]).toMatchObject({
      operation: 'campaign.set',
      end: { outcome: 'refused', message: '"Acme Solar" has no campaign none.', before: null },
    });
  });

  test('is recorded before it is made, so that it is known even if its process dies', async () => {
    let seen: unknown;
    const operation = ofInstallation({
      ...{ name: 'test.change', summary: 'is a test', role: 'operator', route: 'POST /test' },
      input: z.object({ token: secret(z.string()) }),
      run: async () => {
        seen = (await log())[0];
        throw new Error('a message that may quote 2065550143');
      },
    });
    await expect(perform(as(), operation, { token: 'very-secret' })).rejects.toThrow('2065550143');
    expect(seen).toMatchObject({ operation: 'test.change', input: { token: '(secret)' }, end: null });
    expect((await log())[0]?.end).toMatchObject({ outcome: 'failed', message: 'Error' });
  });

  test('reading is recorded where it takes out what belongs to people', async () => {
    const operation = ofInstallation({
      ...{ name: 'test.export', summary: 'is a test', role: 'viewer', route: 'GET /test', recorded: true },
      input: z.object({}),
      run: async () => 'a file',
    });
    expect(await perform(as(), operation, {})).toBe('a file');
    expect((await log())[0]).toMatchObject({ operation: 'test.export', end: { outcome: 'done' } });
  });

  test('reading, wrong input, and what is not allowed leave nothing', async () => {
    const before = await log();
    await perform(as(), campaignList, { company: acme.name });
    await expect(perform(as(), campaignAdd, { company: acme.name, campaignIds: [] })).rejects.toThrow(
      InputError,
    );
    const viewer = as({ role: 'viewer' });
    await expect(
      perform(viewer, campaignAdd, { company: acme.name, campaignIds: ['1'] }),
    ).rejects.toMatchObject({
      kind: 'forbidden',
    });
    expect(await log()).toEqual(before);
  });
});

describe('whoever reaches one company', () => {
  test('reads and changes what is its own, and nothing else exists', async () => {
    const ours = as({ companyId: acme.id, role: 'admin' });
    expect((await perform(ours, campaignList, { company: acme.name })).company).toEqual(acme);
    for (const name of [other.name, other.id, 'No such company']) {
      await expect(perform(ours, campaignList, { company: name })).rejects.toMatchObject({
        ...{ kind: 'not_found', message: `There is no company "${name}".` },
      });
    }
  });

  test('sees only changes of its company, and may not ask for those of others', async () => {
    await perform(as(), campaignAdd, { company: other.name, campaignIds: ['9001'] });
    const ours = as({ companyId: acme.id, role: 'viewer' });
    const { entries } = await perform(ours, auditList, {});
    expect(new Set(entries.map(({ companyId }) => companyId))).toEqual(new Set([acme.id]));
    await expect(perform(ours, auditList, { company: other.name })).rejects.toThrow('There is no company');
    expect((await perform(as(), auditList, { company: other.name })).entries).toMatchObject([
      { operation: 'campaign.add', company: 'Other Roofs' },
    ]);
  });

  test.each(ROLES)('may not do what concerns all, as %s', async (role) => {
    const operation = ofInstallation({
      ...{ name: 'test.all', summary: 'is a test', role: 'viewer', route: 'GET /test' },
      input: z.object({}),
      run: async () => 'done',
    });
    await expect(perform(as({ role, companyId: acme.id }), operation, {})).rejects.toThrow(
      'one company only',
    );
    expect(await perform(as({ role }), operation, {})).toBe('done');
  });
});

describe('the audit log', () => {
  test.each([
    "UPDATE audit_entries SET actor = 'nobody'",
    "UPDATE audit_ends SET outcome = 'done'",
    'DELETE FROM audit_entries',
    'DELETE FROM audit_ends',
    'TRUNCATE audit_entries CASCADE',
  ])('refuses %s', async (statement) => {
    await expect(database.$executeRawUnsafe(statement)).rejects.toThrow('The audit log is only added to.');
  });

  test('loses only what is old, by retention', async () => {
    const all = await log();
    const middle = all[1];
    if (middle === undefined) throw new Error('There are too few entries.');
    const older = all.filter(({ at }) => at < middle.at).length;
    expect(await purgeAudit(database, middle.at, 1_000)).toBe(older);
    expect(await log()).toEqual(all.slice(0, all.length - older));
    await expect(database.$executeRawUnsafe('DELETE FROM audit_entries')).rejects.toThrow('only added to');
  });

  test('is searched by actor, kind of operation and time, a page at a time', async () => {
    await perform(as({ name: 'paul' }), campaignAdd, { company: acme.name, campaignIds: ['7002'] });
    const search = (input: object) => perform(as(), auditList, input).then(({ entries }) => entries);
    expect(await search({ actor: 'paul' })).toMatchObject([{ actor: 'paul' }]);
    expect(await search({ operation: 'campaign.' })).not.toEqual([]);
    expect(await search({ operation: 'key.' })).toEqual([]);
    expect(await search({ until: new Date(0).toISOString() })).toEqual([]);
    const [newest, next] = await log();
    expect(await search({ beforeId: newest?.id, limit: 1 })).toEqual([next]);
  });
});
