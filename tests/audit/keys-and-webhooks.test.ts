import { createKeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import { keyringSchema } from '@live-feed/core/crypto/secret-schemas';
import { newId } from '@live-feed/core/ids';
import { listAuditEntries } from '@live-feed/database/audit/audit-log';
import type { Database } from '@live-feed/database/connection/client';
import { addCompany } from '@live-feed/database/directory/companies';
import type { Actor } from '@live-feed/operations/actor';
import { companyRename } from '@live-feed/operations/company/companies';
import { companySet } from '@live-feed/operations/company/company-settings';
import { keyRevoke, keySet } from '@live-feed/operations/key/key-changes';
import { keyList } from '@live-feed/operations/key/keys';
import { keyImport, keyIssue, keyRotate } from '@live-feed/operations/key/new-keys';
import { perform } from '@live-feed/operations/perform';
import type { Resources } from '@live-feed/operations/resources';
import { webhookAdd, webhookRotate, webhookSet } from '@live-feed/operations/webhook/webhook-changes';
import { webhookEvents, webhookList } from '@live-feed/operations/webhook/webhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';

const server = useDatabase();
let database: Database;
let acme: { id: string; name: string };
let other: { id: string; name: string };

beforeAll(async () => {
  database = connectDatabase(server.url);
  acme = (await addCompany(database, 'Acme Solar')).company;
  other = (await addCompany(database, 'Other Roofs')).company;
});
afterAll(() => database?.$disconnect());

const admin: Actor = {
  ...{ id: null, name: 'olga', via: 'console', from: '203.0.113.7', role: 'admin', companyId: null },
};

function as(actor: Partial<Actor> = {}) {
  const resources = {
    database,
    keyring: keyringSchema().parse(`k1:${Buffer.alloc(32, 7).toString('base64')}`),
    digests: createKeyedDigests('a secret of at least thirty-two characters'),
    outboundRules: { allowPrivate: false },
  };
  // These operations need neither Redis nor a client.
  return { actor: { ...admin, ...actor }, resources: resources as unknown as Resources };
}

const log = async () => JSON.stringify(await listAuditEntries(database, { limit: 100 }));

describe('secrets', () => {
  test('a key is in the output once, and never in the audit log', async () => {
    const issued = await perform(as(), keyIssue, { company: acme.id, label: 'Vendor A' });
    const imported = 'e2f1c7a4-90b7-4c7e-8d12-6b5a3f9e0d48';
    await perform(as(), keyImport, { company: acme.id, key: imported });
    const rotated = await perform(as(), keyRotate, { key: issued.id });
    for (const key of [issued.key, imported, rotated.key]) {
      expect(await log()).not.toContain(key);
      expect(JSON.stringify(await perform(as(), keyList, {}))).not.toContain(key);
    }
    expect((await listAuditEntries(database, { limit: 1 }))[0]).toMatchObject({
      operation: 'key.rotate',
      end: { target: `key …${issued.key.slice(-2)} (Vendor A)`, after: { replacedBy: { id: rotated.id } } },
    });
  });

  test('nor is a webhook’s secret, nor headers', async () => {
    const url = 'https://hooks.example.com/leads';
    const headers = { authorization: 'Bearer very-secret' };
    const added = await perform(as(), webhookAdd, { company: acme.id, url, headers });
    await perform(as(), webhookSet, { webhook: added.id, headers: { 'x-own': 'very-secret' }, on: false });
    const rotated = await perform(as(), webhookRotate, { webhook: added.id });
    const check = { url: 'https://check.example.com/', headers };
    await perform(as(), companySet, { company: acme.id, check });
    const told = (await log()) + JSON.stringify(await perform(as(), webhookList, {}));
    for (const secret of [added.secret, rotated.secret, 'very-secret']) expect(told).not.toContain(secret);
    expect((await perform(as(), webhookList, {})).webhooks).toMatchObject([
      { state: 'off', hasHeaders: true },
    ]);
  });
});

describe('whoever reaches one company', () => {
  const theirs = () => as({ companyId: other.id });

  test('gets the same refusal for another’s key or webhook as for one that does not exist', async () => {
    const { id: key } = await perform(as(), keyIssue, { company: acme.id });
    const url = 'https://hooks.example.com/leads';
    const { id: webhook } = await perform(as(), webhookAdd, { company: acme.id, url });
    for (const id of [key, newId()]) {
      const missing = { kind: 'not_found', message: 'There is no key with that id.' };
      await expect(perform(theirs(), keySet, { key: id, daily: 1 })).rejects.toMatchObject(missing);
      await expect(perform(theirs(), keyRevoke, { key: id })).rejects.toMatchObject(missing);
      await expect(perform(theirs(), keyRotate, { key: id })).rejects.toMatchObject(missing);
    }
    for (const id of [webhook, newId()]) {
      const missing = { kind: 'not_found', message: 'There is no webhook with that id.' };
      await expect(perform(theirs(), webhookSet, { webhook: id, on: false })).rejects.toMatchObject(missing);
      await expect(perform(theirs(), webhookEvents, { webhook: id })).rejects.toMatchObject(missing);
    }
    expect((await perform(theirs(), keyList, {})).keys).toEqual([]);
    expect((await perform(theirs(), webhookList, {})).webhooks).toEqual([]);
  });

  test('does not learn the names of others by renaming its own', async () => {
    const asked = perform(theirs(), companyRename, { company: other.id, name: acme.name });
    await expect(asked).rejects.toMatchObject({ kind: 'forbidden' });
  });
});

test('a limit that is taken off a key is recorded as it was', async () => {
  const { id } = await perform(as(), keyIssue, { company: acme.id, daily: 20_000 });
  await perform(as(), keySet, { key: id, daily: null, label: 'Vendor B' });
  expect((await listAuditEntries(database, { limit: 1 }))[0]?.end).toMatchObject({
    ...{ before: { daily: 20_000 }, after: { label: 'Vendor B' } },
  });
});

test('events that wait for an endpoint are listed, those that are due first, those that were given up last', async () => {
  const url = 'https://hooks.example.com/leads';
  const { id: webhookId } = await perform(as(), webhookAdd, { company: other.id, url });
  const events = [null, new Date(2_000), new Date(1_000)].map((dueAt) => ({
    ...{ id: newId(), webhookId, type: 'dialer.held', attempt: 3, dueAt },
  }));
  await database.webhookEvent.createMany({ data: events });
  const listed = await perform(as(), webhookEvents, { webhook: webhookId });
  expect(listed.events.map(({ id }) => id)).toEqual(events.map(({ id }) => id).reverse());
});
