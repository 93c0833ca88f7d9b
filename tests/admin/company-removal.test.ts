import { newId } from '@live-feed/core/ids';
import { listAuditEntries } from '@live-feed/database/audit/audit-log';
import type { Database } from '@live-feed/database/connection/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adminOf } from '../kit/processes/admin.ts';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';

const server = useDatabase();
const redis = useRedis();
let database: Database;
const admin = adminOf(() => ({
  DATABASE_URL: server.url,
  REDIS_URL: redis.url,
  SEAL_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  PHONE_DIGEST_SECRET: 'a secret of at least thirty-two characters',
}));

beforeAll(() => {
  database = connectDatabase(server.url);
});
afterAll(() => database?.$disconnect());

interface Ids {
  readonly companyId: string;
  readonly dialerId: string;
  readonly webhookId: string;
}

let phones = 0;

/** A company that has something of everything. */
async function companyWithAll(name: string): Promise<Ids> {
  phones += 1;
  const { data: company } = await admin(['company', 'add', name, '--json']);
  const dialer = ['--family', 'ringcx', '--base-url', 'https://ringcx.example/voice/api', '--account', '12'];
  await admin(['dialer', 'set', name, ...dialer]);
  await admin(['campaign', 'add', name, '77']);
  await admin([
    'company',
    'set',
    name,
    '--duplicates',
    '24h:refuse',
    '--check-url',
    'https://check.example.com/',
  ]);
  await admin(['dnc', 'add', name, '2065550143']);
  await admin(['ani', 'import', name, '-'], { stdin: `phone,campaigns\n206555${1000 + phones},77\n` });
  const { data: webhook } = await admin(['webhook', 'add', name, 'https://hooks.example.com/', '--json']);
  const { id: dialerId } = await database.dialer.findUniqueOrThrow({ where: { companyId: company.id } });
  const ids = { companyId: company.id, dialerId, webhookId: webhook.id };
  await addTraces(ids);
  return ids;
}

/** What traffic leaves. */
async function addTraces({ companyId, dialerId, webhookId }: Ids): Promise<void> {
  const [at, digest] = [new Date(), 'a'.repeat(64)];
  const uploadId = newId();
  const lead = {
    companyId,
    dialerId,
    campaignId: '77',
    phoneDigest: digest,
    phoneLast2: '43',
    payload: 'sealed',
  };
  const times = { receivedAt: at, deadline: at, dueAt: at, expiresAt: at };
  await database.lead.create({
    data: { id: newId(), ...lead, state: 'ACCEPTED', uploadIds: [uploadId], ...times },
  });
  await database.upload.create({
    data: { id: uploadId, dialerId, campaignId: '77', size: 1, startedAt: at },
  });
  const keyed = { companyId, keyDigest: digest, requestDigest: digest, leadId: newId() };
  await database.idempotencyKey.create({ data: keyed });
  const claim = { companyId, scope: '', phoneDigest: digest, leadId: newId(), claimedAt: at };
  await database.phoneClaim.create({ data: { ...claim, deadline: at, until: at } });
  const counted = {
    companyId,
    campaignId: '77',
    source: '',
    state: 'ACCEPTED',
    reason: '',
    withinMs: 100,
  } as const;
  await database.leadFigure.create({ data: { ...counted, period: 'minute', beginsAt: at, leads: 1 } });
  await database.refusedRequest.create({
    data: { id: newId(), companyId, keyId: newId(), status: 429, code: 'RATE_LIMITED', reason: 'too many' },
  });
  await database.webhookEvent.create({ data: { id: newId(), webhookId, type: 'dialer.held' } });
  await database.person.create({ data: { id: newId(), name: `of-${companyId}`, role: 'viewer', companyId } });
}

/** Rows that are the company's, by table, whichever tables there are. */
async function rowsOf(ids: Ids): Promise<Record<string, number>> {
  const columns = await database.$queryRaw<{ table: string; column: string }[]>`
    SELECT table_name AS table, column_name AS column FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND column_name IN ('company_id', 'dialer_id', 'webhook_id')
      AND table_name NOT IN ('audit_entries')`;
  const counts: Record<string, number> = {};
  const idOf = { company_id: ids.companyId, dialer_id: ids.dialerId, webhook_id: ids.webhookId };
  for (const { table, column } of columns) {
    const [row] = await database.$queryRawUnsafe<{ rows: number }[]>(
      `SELECT count(*)::int AS rows FROM "${table}" WHERE "${column}" = '${idOf[column as keyof typeof idOf]}'`,
    );
    if ((row?.rows ?? 0) > 0) counts[table] = row?.rows ?? 0;
  }
  return counts;
}

describe('company remove', () => {
  test('removes all that the company has, and nothing of another; the audit log stays', async () => {
    const gone = await companyWithAll('Gone Solar');
    const kept = await companyWithAll('Kept Solar');
    const before = await rowsOf(kept);
    expect(Object.keys(await rowsOf(gone))).toEqual(Object.keys(before));
    expect(Object.keys(before)).toEqual(
      expect.arrayContaining([
        'leads',
        'uploads',
        'suppressed_phones',
        'webhook_events',
        'phone_checks',
        'people',
      ]),
    );
    const { code, out } = await admin(['company', 'remove', 'gone solar', '--yes']);
    expect([code, out]).toEqual([0, expect.stringMatching(/^Removed "Gone Solar" with \d+ rows\./)]);
    expect(await rowsOf(gone)).toEqual({});
    expect(await rowsOf(kept)).toEqual(before);
    expect((await admin(['company', 'show', 'Gone Solar'])).code).toBe(1);
    const [last] = await listAuditEntries(database, { companyId: gone.companyId, limit: 1 });
    expect(last).toMatchObject({
      operation: 'company.remove',
      company: 'Gone Solar',
      end: { outcome: 'done' },
    });
  });

  test('is refused while a lead is open, and then changes nothing', async () => {
    const ids = await companyWithAll('Open Solar');
    await admin(['key', 'issue', 'Open Solar']);
    await database.lead.updateMany({ where: { companyId: ids.companyId }, data: { state: 'PARKED' } });
    const before = await rowsOf(ids);
    const { code, err } = await admin(['company', 'remove', 'Open Solar', '--yes']);
    expect([code, err]).toEqual([1, expect.stringContaining('has 1 open lead: they wait')]);
    expect(err).toContain('Nothing was changed.');
    expect(await rowsOf(ids)).toEqual(before);
    expect(await database.apiKey.count({ where: { companyId: ids.companyId, active: true } })).toBe(1);
  });

  test('ends its keys first, and waits until no process knows them any more', async () => {
    const ids = await companyWithAll('Keyed Solar');
    await admin(['key', 'issue', 'Keyed Solar']);
    expect((await admin(['company', 'remove', 'Keyed Solar', '--yes'])).code).toBe(0);
    expect(await rowsOf(ids)).toEqual({});
  });

  test('needs its name typed', async () => {
    await companyWithAll('Typed Solar');
    expect((await admin(['company', 'remove', 'Typed Solar'])).code).toBe(2);
    const question = 'Type its name';
    const wrong = await admin(['company', 'remove', 'Typed Solar'], { typed: [[question, 'Typed Roofs\r']] });
    expect([wrong.code, wrong.err]).toEqual([
      2,
      expect.stringContaining('This is not the name of the company.'),
    ]);
    const right = await admin(['company', 'remove', 'Typed Solar'], { typed: [[question, 'Typed Solar\r']] });
    expect(right).toMatchObject({ code: 0, out: expect.stringContaining('Removed "Typed Solar"') });
  });

  test('interrupted, it says so and goes on when it is run again', async () => {
    const ids = await companyWithAll('Half Solar');
    const stop = new AbortController();
    stop.abort();
    const half = await admin(['company', 'remove', 'Half Solar', '--yes'], { signal: stop.signal });
    expect(half.code).toBe(130);
    expect((await admin(['company', 'remove', 'Half Solar', '--yes'])).code).toBe(0);
    expect(await rowsOf(ids)).toEqual({});
  });
});
