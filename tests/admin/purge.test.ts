import { newId } from '@live-feed/core/ids';
import { LEAD_STATES, type LeadState } from '@live-feed/core/lead-state';
import type { Database } from '@live-feed/database/client';
import { purgeLeads, purgeUploads } from '@live-feed/database/retention';
import { createRetention } from '@live-feed/worker/retention';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { adminOf } from '../support/admin.ts';
import { connectDatabase, useDatabase } from '../support/database.ts';

const server = useDatabase();
let database: Database;
const admin = adminOf(() => ({
  DATABASE_URL: server.url,
  REDIS_URL: 'redis://127.0.0.1:1',
  SEAL_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  PHONE_DIGEST_SECRET: 'a secret of at least thirty-two characters',
}));

beforeAll(() => {
  database = connectDatabase(server.url, 4);
});
afterAll(() => database?.$disconnect());
beforeEach(async () => {
  await database.lead.deleteMany();
  await database.upload.deleteMany();
});

const DAY_MS = 86_400_000;
const NOW_MS = Date.now();
const dialer = { companyId: newId(), dialerId: newId(), campaignId: '77' };

/** A lead received so many days ago, and the upload that it was in, five minutes later. */
async function lead(
  state: LeadState,
  days: number,
  uploadId = newId(Math.round(NOW_MS - days * DAY_MS) + 300_000),
) {
  const received = new Date(NOW_MS - days * DAY_MS);
  const id = newId(received.getTime());
  await database.lead.create({
    data: {
      ...{
        id,
        ...dialer,
        state,
        phoneDigest: '0'.repeat(64),
        phoneLast2: '67',
        payload: 'sealed',
        uploadIds: [uploadId],
      },
      ...{ receivedAt: received, deadline: received, dueAt: received, expiresAt: received },
    },
  });
  const { companyId: _company, ...upload } = dialer;
  await database.upload.createMany({
    data: [{ id: uploadId, ...upload, size: 1, startedAt: received }],
    skipDuplicates: true,
  });
  return { id, uploadId };
}

const ids = async () => (await database.lead.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id);
const uploadIds = async () =>
  (await database.upload.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id);

describe('purge', () => {
  test('removes what is final and old, with its uploads, and nothing else', async () => {
    const old = new Map<LeadState, { id: string; uploadId: string }>();
    for (const state of LEAD_STATES) old.set(state, await lead(state, 91));
    const recent = await lead('ACCEPTED', 89);
    const kept = [old.get('QUEUED'), old.get('SENDING'), old.get('UNKNOWN'), old.get('PARKED'), recent];

    const trial = await admin(['purge', '--older-than', '90d', '--dry-run', '--json']);
    expect(trial.data).toMatchObject({ dryRun: true, leads: 5 });
    expect(await ids()).toHaveLength(10);
    const { code, data } = await admin(['purge', '--older-than', '90d', '--json']);
    expect([code, data]).toMatchObject([0, { dryRun: false, leads: 5, uploads: 5 }]);
    expect(await ids()).toEqual(kept.map((known) => known?.id).toSorted());
    expect(await uploadIds()).toEqual(kept.map((known) => known?.uploadId).toSorted());
  });

  test('an upload stays for as long as one of its leads does', async () => {
    const { uploadId } = await lead('ACCEPTED', 91);
    const waiting = await lead('PARKED', 91, uploadId);
    expect((await admin(['purge', '--older-than', '90d', '--json'])).data).toMatchObject({
      leads: 1,
      uploads: 0,
    });
    expect([await ids(), await uploadIds()]).toEqual([[waiting.id], [uploadId]]);
  });

  test('several at once remove each lead once', async () => {
    for (let n = 0; n < 40; n += 1) await lead('REJECTED', 100 + n / 100);
    const page = { beforeMs: NOW_MS - 90 * DAY_MS, limit: 1_000 };
    const purged = await Promise.all(Array.from({ length: 4 }, () => purgeLeads(database, page)));
    expect(purged.reduce((sum, { removed }) => sum + removed, 0)).toBe(40);
    expect(await ids()).toEqual([]);
  });

  test('goes on page by page, past leads that stay', async () => {
    const [first, , third] = [
      await lead('PARKED', 93),
      await lead('ACCEPTED', 92),
      await lead('ACCEPTED', 91),
    ];
    const page = { beforeMs: NOW_MS - 90 * DAY_MS, limit: 2 };
    expect(await purgeLeads(database, page)).toMatchObject({ seen: 2, removed: 1 });
    expect(await purgeLeads(database, { ...page, afterId: first.id })).toEqual({
      ...{ seen: 1, removed: 1, lastId: third.id },
    });
    expect(await purgeLeads(database, { ...page, afterId: third.id })).toEqual({
      ...{ seen: 0, removed: 0, lastId: null },
    });
    expect(await purgeUploads(database, page)).toMatchObject({ seen: 2, removed: 1 });
  });

  test('looks at one end of the primary key, however many leads there are', async () => {
    await database.$executeRaw`
      INSERT INTO leads (id, company_id, dialer_id, campaign_id, state, phone_digest, phone_last2, payload, received_at, deadline, due_at, expires_at)
      SELECT gen_random_uuid(), ${dialer.companyId}::uuid, ${dialer.dialerId}::uuid, '77', 'ACCEPTED', repeat('0', 64), '67', 'sealed', now(), now(), now(), now()
      FROM generate_series(1, 5000)`;
    await database.$executeRaw`ANALYZE leads`;
    const plan = await database.$queryRaw<{ 'QUERY PLAN': string }[]>`
      EXPLAIN SELECT id FROM leads WHERE id > '00000000-0000-7000-8000-000000000000'::uuid AND id < '00000000-0001-7000-8000-000000000000'::uuid ORDER BY id LIMIT 1000`;
    expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toMatch(/Index .*Scan using leads_pkey/);
  });
});

describe('a worker', () => {
  test('does the same by itself, and finds later what a person has settled meanwhile', async () => {
    const gone = await lead('ACCEPTED', 91);
    const waiting = await lead('PARKED', 91);
    const retain = createRetention(database, 90, { now: () => NOW_MS });
    for (let page = 0; page < 2; page += 1) await retain();
    expect([await ids(), await uploadIds()]).toEqual([[waiting.id], [waiting.uploadId]]);
    expect(gone.id).not.toBe(waiting.id);
    await database.lead.update({ where: { id: waiting.id }, data: { state: 'FAILED' } });
    for (let page = 0; page < 2; page += 1) await retain();
    expect([await ids(), await uploadIds()]).toEqual([[], []]);
  });
});
