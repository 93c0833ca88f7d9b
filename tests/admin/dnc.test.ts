import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@live-feed/database/connection/client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { adminOf } from '../kit/processes/admin.ts';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';

const server = useDatabase();
const admin = adminOf(() => ({
  DATABASE_URL: server.url,
  REDIS_URL: 'redis://127.0.0.1:1',
  SEAL_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  PHONE_DIGEST_SECRET: 'a secret of at least thirty-two characters',
}));
let database: Database;
beforeAll(() => {
  database = connectDatabase(server.url);
});
afterAll(() => database?.$disconnect());

let companies = 0;
async function newCompany(): Promise<string> {
  companies += 1;
  const name = `Company ${companies}`;
  await admin(['company', 'add', name]);
  return name;
}

const importing = (company: string, stdin: string, ...more: string[]) =>
  admin(['dnc', 'import', company, '-', '--json', ...more], { stdin });
const count = async (company: string) => (await admin(['dnc', 'count', company, '--json'])).data.phones;
const check = async (company: string, ...phones: string[]) =>
  (await admin(['dnc', 'check', company, ...phones, '--json'])).data;

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'live-feed-test-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('phones are put on the list and taken off it, in any form, and again without effect', async () => {
  const name = await newCompany();
  const added = await admin([
    'dnc',
    'add',
    name,
    '(206) 555-0100',
    '12065550101',
    '--reason',
    'asked',
    '--json',
  ]);
  expect([added.code, added.data]).toMatchObject([0, { added: 2, known: 0 }]);
  expect((await admin(['dnc', 'add', name, '2065550100', '2065550102', '--json'])).data).toMatchObject({
    added: 1,
    known: 1,
  });
  expect(await check(name, '2065550100', '2065550109')).toMatchObject([
    { phone: '2065550100', onList: true, source: 'admin', reason: 'asked' },
    { phone: '2065550109', onList: false, reason: null },
  ]);
  expect((await admin(['dnc', 'remove', name, '206-555-0100', '2065550109', '--json'])).data).toMatchObject({
    removed: 1,
    unknown: 1,
  });
  expect(await count(name)).toBe(2);
  expect((await admin(['dnc', 'add', name, '12345'])).code).toBe(2);
});

describe('a file', () => {
  test('is imported with reasons and dates, and again without effect', async () => {
    const name = await newCompany();
    const rows = [
      '\uFEFFMobile;Date Added;Notes;List',
      '2065550100;2024-02-29;"asked; twice";x',
      '(206) 555-0101;11/30/2025;;',
      '2065550102;2025-03-01T10:00:00-05:00;asked by mail;',
      '2065550100;;;',
    ].join('\r\n');
    const { code, data } = await importing(name, rows);
    expect([code, data]).toMatchObject([
      0,
      { rows: 4, added: 3, known: 1, errors: [], unusedColumns: ['List'] },
    ]);
    expect(await check(name, '2065550100', '2065550101', '2065550102')).toMatchObject([
      { since: '2024-02-29T00:00:00.000Z', reason: 'asked; twice', source: 'import' },
      { since: '2025-11-30T00:00:00.000Z', reason: null },
      { since: '2025-03-01T15:00:00.000Z', reason: 'asked by mail' },
    ]);
    expect((await importing(name, rows)).data).toMatchObject({ added: 0, known: 4 });
  });

  const WRONG = [
    'phone,reason,date',
    '2065550100,,',
    '12345,,',
    `2065550101,${'x'.repeat(201)},`,
    '2065550102,,2025-02-30',
    '2065550103,,yesterday',
    '2065550104,,2999-01-01',
    '2065550105,,2025-01-01',
  ].join('\n');

  test('with wrong rows changes nothing and names them by their line, unless they are to be skipped', async () => {
    const name = await newCompany();
    const refused = await importing(name, WRONG);
    expect([refused.code, refused.data.added, refused.data.wrong]).toEqual([1, 0, 5]);
    expect(refused.data.errors.map(({ line }: { line: number }) => line)).toEqual([3, 4, 5, 6, 7]);
    expect(await count(name)).toBe(0);
    const { out } = await admin(['dnc', 'import', name, '-'], { stdin: WRONG });
    expect(out).toMatch(
      /^5 rows wrong, nothing was imported.*--skip-wrong\.\nline 3: "12345": The phone number/,
    );
    const skipped = await importing(name, WRONG, '--skip-wrong');
    expect([skipped.code, skipped.data]).toMatchObject([1, { added: 2, wrong: 5 }]);
    expect(await count(name)).toBe(2);
  });

  test.each(['31/12/2025', '2025-13-01', '2025-00-10', '0/1/2025', '2025-01-32', '2025-01-01T25:00:00Z'])(
    'names a row whose date there is not: %s',
    async (date) => {
      const { code, data } = await importing(await newCompany(), `phone,date\n2065550100,${date}\n`);
      expect([code, data.wrong, data.errors]).toMatchObject([1, 1, [{ line: 2, value: date }]]);
    },
  );

  test('is only checked with --dry-run', async () => {
    const name = await newCompany();
    expect((await importing(name, 'phone\n2065550100', '--dry-run')).data).toMatchObject({
      rows: 1,
      dryRun: true,
    });
    expect(await count(name)).toBe(0);
  });

  test.each([
    ['', 'The file has no rows.'],
    ['reason\nx\n', 'The file has no column "phone".'],
    ['2065550100\n', 'The file begins with numbers. Its first line must'],
    ['phone,Mobile\n2065550100,2065550101\n', 'have the same meaning'],
  ])('that is none is refused: %j', async (stdin, message) => {
    const name = await newCompany();
    const { code, err } = await importing(name, stdin);
    expect([code, err]).toEqual([1, expect.stringContaining(message)]);
  });

  test('of many phones is imported whole', async () => {
    const name = await newCompany();
    const phones = Array.from({ length: 12_345 }, (_, n) => String(3_000_000_000 + n * 7));
    const path = join(await folder(), 'list.csv');
    await writeFile(path, ['phone', ...phones].join('\n'));
    expect((await admin(['dnc', 'import', name, path, '--json'])).data).toMatchObject({ added: 12_345 });
    expect(await check(name, '3000000000', '3000086408', '3000000001')).toMatchObject([
      { onList: true },
      { onList: true },
      { onList: false },
    ]);
  });
});

describe('an export', () => {
  test('has every phone with its reason and date, can be read by its owner only, and imported elsewhere', async () => {
    const [name, other] = [await newCompany(), await newCompany()];
    const rows = [
      'phone,reason,date',
      '2065550100,"a ""quoted"", reason",2024-02-29',
      '2065550101,=1+1,',
      '2065550102,,',
    ];
    await importing(name, rows.join('\n'));
    const path = join(await folder(), 'list.csv');
    const { code, out } = await admin(['dnc', 'export', name, path]);
    expect([code, out]).toEqual([0, expect.stringMatching(/Wrote 3 phones.*not masked/)]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const text = await readFile(path, 'utf8');
    expect(text).toContain('2065550100,"a ""quoted"", reason",2024-02-29T00:00:00.000Z,import\r\n');
    // A spreadsheet program does not execute it.
    expect(text).toContain("2065550101,'=1+1,");
    expect((await admin(['dnc', 'import', other, path, '--json'])).data).toMatchObject({ added: 3 });
    expect(await check(other, '2065550101')).toMatchObject([{ reason: '=1+1' }]);
    const again = await admin(['dnc', 'export', name, path]);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('already')]);
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('on standard output is nothing but the file; pages follow each other', async () => {
    const name = await newCompany();
    const phones = Array.from({ length: 5_001 }, (_, n) => String(4_000_000_000 + n));
    await importing(name, ['phone', ...phones].join('\n'));
    const { code, out, err } = await admin(['dnc', 'export', name, '-']);
    expect([code, err]).toEqual([0, expect.stringContaining('Wrote 5,001 phones')]);
    const lines = out.trim().split('\r\n');
    expect(lines[0]).toBe('phone,reason,date,source');
    expect(new Set(lines.slice(1).map((line) => line.slice(0, 10)))).toEqual(new Set(phones));
  });

  test('tells of phones whose key is lost', async () => {
    const name = await newCompany();
    await importing(name, 'phone\n2065550100\n2065550101');
    const { id } = await database.company.findUniqueOrThrow({ where: { name } });
    const [row] = await database.suppressedPhone.findMany({ where: { companyId: id } });
    await database.suppressedPhone.update({
      where: { companyId_phoneDigest: { companyId: id, phoneDigest: row?.phoneDigest ?? '' } },
      data: { entry: row?.entry.replace('v1.k1.', 'v1.k0.') ?? '' },
    });
    const { code, out } = await admin(['dnc', 'export', name, '-']);
    expect([code, out.split('\r\n').length]).toEqual([1, 3]);
  });
});
