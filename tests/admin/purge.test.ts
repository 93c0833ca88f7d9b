import type { Clock } from '@live-feed/core/clock';
import { newId } from '@live-feed/core/ids';
import { LEAD_STATES, type LeadState } from '@live-feed/core/lead/lead-state';
import type { Database } from '@live-feed/database/connection/client';
import { claimKey, forgetKeys } from '@live-feed/database/leads/idempotency-keys';
import { purgeLeads, purgeUploads } from '@live-feed/database/upkeep/retention';
import { advanceCutoff, moveCutoff, type RetentionCutoff } from '@live-feed/database/upkeep/retention-cutoff';
import { createRetention, isStopped } from '@live-feed/worker/upkeep/retention';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { leadOf } from '../database/leads/leads.ts';
import { adminOf } from '../kit/processes/admin.ts';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';

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
  await database.retention.deleteMany();
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
    expect(await admin(['purge', '--older-than', '90d'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('5 final leads received and ended before'),
    });
    expect(await ids()).toHaveLength(10);
    const { code, data } = await admin(['purge', '--older-than', '90d', '--yes', '--json']);
    expect([code, data]).toMatchObject([0, { dryRun: false, leads: 5, uploads: 5 }]);
    expect(await ids()).toEqual(kept.map((known) => known?.id).toSorted());
    expect(await uploadIds()).toEqual(kept.map((known) => known?.uploadId).toSorted());
  });

  test('an upload stays for as long as one of its leads does', async () => {
    const { uploadId } = await lead('ACCEPTED', 91);
    const waiting = await lead('PARKED', 91, uploadId);
    expect((await admin(['purge', '--older-than', '90d', '--yes', '--json'])).data).toMatchObject({
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

describe('what is old is old by the times of the database as well', () => {
  const page = { beforeMs: NOW_MS - 90 * DAY_MS, limit: 1_000 };

  test('a lead stays whose ingress has a clock 100 days behind', async () => {
    const { id } = await lead('ACCEPTED', 100);
    await database.lead.update({ where: { id }, data: { receivedAt: new Date(), finishedAt: new Date() } });
    expect(await purgeLeads(database, page)).toMatchObject({ seen: 1, removed: 0 });
    expect(await ids()).toEqual([id]);
  });

  test('so does a lead that a person settled yesterday, however long ago it was received', async () => {
    const { id } = await lead('FAILED', 100);
    await database.lead.update({ where: { id }, data: { finishedAt: new Date(NOW_MS - DAY_MS) } });
    expect(await purgeLeads(database, page)).toMatchObject({ seen: 1, removed: 0 });
  });

  test('and an upload whose worker has a clock 100 days behind', async () => {
    const upload = { id: newId(NOW_MS - 100 * DAY_MS), dialerId: dialer.dialerId, campaignId: '77', size: 1 };
    await database.upload.create({ data: { ...upload, startedAt: new Date() } });
    expect(await purgeUploads(database, page)).toMatchObject({ seen: 1, removed: 0 });
  });

  test('an idempotency key is forgotten once both clocks say that it is old', async () => {
    const old = { companyId: dialer.companyId, keyDigest: 'a'.repeat(64), requestDigest: 'b'.repeat(64) };
    const former = { keyDigest: 'c'.repeat(64), requestDigest: 'd'.repeat(64) };
    const createdAt = new Date(Date.now() - 2 * DAY_MS);
    await database.idempotencyKey.create({ data: { ...old, leadId: newId(), createdAt } });
    const behind = { now: () => createdAt.getTime() + DAY_MS - 60_000 };
    expect(await forgetKeys(database, 10, behind)).toBe(0);
    expect(await isKeyFree({ ...old, former }, behind)).toBe(false);
    expect(await forgetKeys(database, 10)).toBe(1);
  });

  async function isKeyFree(keyed: Parameters<typeof claimKey>[1], clock: Clock): Promise<boolean> {
    const job = leadOf(dialer);
    await database.idempotencyKey.updateMany({ data: { leadId: (await lead('ACCEPTED', 2)).id } });
    return (await claimKey(database, keyed, job, false, clock)).kind === 'ours';
  }
});

describe('a worker', () => {
  const cutoffs: RetentionCutoff[] = [];
  const retentionOf = (days: number) =>
    createRetention(database, { leads: days, audit: 400 }, (cutoff) => cutoffs.push(cutoff));
  const latest = () => cutoffs.at(-1) ?? { beforeMs: 0, behindMs: 0 };

  async function rounds(retain: () => Promise<void>): Promise<void> {
    for (let page = 0; page < 2; page += 1) await retain();
  }

  /** As if that much time had passed by the steady clock. */
  const passTime = (ms: number) =>
    database.$executeRaw`UPDATE steady_clock SET elapsed_ms = elapsed_ms + ${ms}::bigint`;

  test('does the same by itself, and finds later what a person has settled meanwhile', async () => {
    const gone = await lead('ACCEPTED', 91);
    const waiting = await lead('PARKED', 91);
    await moveCutoff(database, NOW_MS - 90 * DAY_MS);
    const retain = retentionOf(90);
    await rounds(retain);
    expect([await ids(), await uploadIds()]).toEqual([[waiting.id], [waiting.uploadId]]);
    expect(gone.id).not.toBe(waiting.id);
    await database.lead.update({ where: { id: waiting.id }, data: { state: 'FAILED' } });
    await rounds(retain);
    expect([await ids(), await uploadIds()]).toEqual([[], []]);
  });

  test('removes nothing of its own accord where a clock or the setting jumps by more than days', async () => {
    for (const days of [1, 10, 89]) await lead('ACCEPTED', days);
    await rounds(retentionOf(90));
    expect(isStopped(latest())).toBe(false);
    await passTime(400 * DAY_MS);
    // What a clock 60 days ahead asks for, and a setting of 30 days.
    await rounds(retentionOf(30));
    expect(isStopped(latest())).toBe(true);
    expect(Math.round(latest().behindMs / DAY_MS)).toBe(60);
    expect(await ids()).toHaveLength(3);
    expect(await admin(['purge', '--older-than', '30d', '--yes'])).toMatchObject({ code: 0 });
    await rounds(retentionOf(30));
    expect(isStopped(latest())).toBe(false);
    expect(await ids()).toHaveLength(2);
  });

  test('does so as well the first time, with months of leads', async () => {
    await lead('ACCEPTED', 300);
    await rounds(retentionOf(90));
    expect(isStopped(latest())).toBe(true);
    expect(await ids()).toHaveLength(1);
  });

  test('catches up with a day at most twice as fast as time passes', async () => {
    await lead('ACCEPTED', 91);
    await moveCutoff(database, NOW_MS - 91.5 * DAY_MS);
    await rounds(retentionOf(90));
    expect(await ids()).toHaveLength(1);
    await passTime(0.2 * DAY_MS);
    await rounds(retentionOf(90));
    expect(await ids()).toHaveLength(1);
    await passTime(0.2 * DAY_MS);
    await rounds(retentionOf(90));
    expect(await ids()).toEqual([]);
  });

  test('does not go back when the setting keeps leads for longer', async () => {
    await moveCutoff(database, NOW_MS - 30 * DAY_MS);
    const { beforeMs, behindMs } = await advanceCutoff(database, 90);
    expect(beforeMs).toBe(NOW_MS - 30 * DAY_MS);
    expect(behindMs).toBeLessThan(0);
  });
});

test('purge removes nothing where the clocks of this machine and of the database are apart', async () => {
  await lead('ACCEPTED', 91);
  const trueNow = Date.now;
  Date.now = () => trueNow() + 100 * DAY_MS;
  try {
    expect(await admin(['purge', '--older-than', '90d', '--yes'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('minutes apart'),
    });
  } finally {
    Date.now = trueNow;
  }
  expect(await ids()).toHaveLength(1);
});
