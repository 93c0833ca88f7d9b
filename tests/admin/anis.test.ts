import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { adminOf } from '../support/admin.ts';
import { useDatabase } from '../support/database.ts';

const server = useDatabase();
const admin = adminOf(() => ({
  DATABASE_URL: server.url,
  REDIS_URL: 'redis://127.0.0.1:1',
  SEAL_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  PHONE_DIGEST_SECRET: 'a secret of at least thirty-two characters',
}));

let companies = 0;
async function newCompany(): Promise<string> {
  companies += 1;
  const name = `Company ${companies}`;
  await admin(['company', 'add', name]);
  await admin(['campaign', 'add', name, '1', '2']);
  return name;
}

const importing = (company: string, stdin: string) =>
  admin(['ani', 'import', company, '-', '--json'], { stdin });
/** Of the company's own. @param n 0 to 99 */
const number = (n: number) => `206555${String(companies * 100 + n).padStart(4, '0')}`;

test('a file is imported with caps and pools, and again without effect', async () => {
  const name = await newCompany();
  const file = `\uFEFFPhone, daily_cap ,campaigns\r\n${number(1)},,\r\n\r\n"${number(2)}",50,1 2\r\n`;
  const folder = await mkdtemp(join(tmpdir(), 'live-feed-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'anis.csv'), file);
  const first = await admin(['ani', 'import', name, join(folder, 'anis.csv'), '--json']);
  expect([first.code, first.data]).toMatchObject([0, { added: 2, known: 0, errors: [] }]);
  expect((await importing(name, file)).data).toMatchObject({ added: 0, known: 2, errors: [] });
  expect((await admin(['ani', 'list', name, '--json'])).data).toMatchObject([
    { phone: number(1), dailyCap: null, cap: 75, usedToday: 0, pools: [] },
    { phone: number(2), dailyCap: 50, cap: 50, usedToday: 0, pools: ['1', '2'] },
  ]);
});

test('rows that are wrong are named by their line, and the others imported: exit code 1', async () => {
  const name = await newCompany();
  const rows = [
    'phone,daily_cap,campaigns',
    number(1),
    '123',
    `${number(2)},many`,
    '',
    `${number(3)},,9`,
    number(1),
  ];
  const { code, data } = await importing(name, rows.join('\n'));
  expect([code, data.added]).toEqual([1, 1]);
  expect(data.errors.map(({ line }: { line: number }) => line)).toEqual([3, 4, 6, 7]);
  const { out } = await admin(['ani', 'import', name, '-'], { stdin: rows.join('\n') });
  expect(out).toMatch(
    /line 3: The phone number must have 10 digits.*\nline 4: The daily cap .*\nline 6: .*"9".*\nline 7: .*line 2/,
  );
});

test.each([
  ['', 'The file has no rows.'],
  ['phone\n', 'The file has no rows.'],
  ['2065550100\n2065550101\n', 'There is no column "2065550100".'],
  ['daily_cap\n50\n', 'The file has no column "phone".'],
  ['phone\n"2065550100\n', 'The file is not CSV:'],
  ['phone\n2065550100,50,1,2\n', 'The file is not CSV:'],
])('what is no such file is refused as a whole: %j', async (stdin, message) => {
  const name = await newCompany();
  const { code, out, err } = await importing(name, stdin);
  expect([code, out, err]).toEqual([1, '', expect.stringContaining(message)]);
  expect((await admin(['ani', 'list', name, '--json'])).data).toEqual([]);
});

test('a file that is not there is named as such', async () => {
  const name = await newCompany();
  const { code, err } = await admin(['ani', 'import', name, '/nowhere/anis.csv']);
  expect([code, err]).toEqual([1, 'The file cannot be read (ENOENT). Nothing was imported.\n']);
});

test('numbers are paused, flagged and activated; those of nobody here are named', async () => {
  const name = await newCompany();
  await importing(name, `phone\n${number(1)}\n${number(2)}\n`);
  expect(await admin(['ani', 'pause', name, number(1)])).toMatchObject({ code: 0, err: '' });
  const flagged = await admin(['ani', 'flag', name, number(2), '5559990000', '--for', '3d', '--json']);
  expect([flagged.code, flagged.data]).toMatchObject([1, { changed: [number(2)], unknown: ['5559990000'] }]);
  const { data: before } = await admin(['ani', 'list', name, '--json']);
  expect(before).toMatchObject([{ status: 'PAUSED' }, { status: 'ACTIVE', flaggedAt: expect.any(String) }]);
  expect((Date.parse(before[1].coolingUntil) - Date.now()) / 86_400_000).toBeCloseTo(3, 1);
  await admin(['ani', 'activate', name, `(${number(1).slice(0, 3)}) ${number(1).slice(3)}`, number(2)]);
  expect((await admin(['ani', 'list', name, '--json'])).data).toMatchObject([
    { status: 'ACTIVE' },
    { status: 'ACTIVE', coolingUntil: null },
  ]);
});

test('the list goes on where it ended', async () => {
  const name = await newCompany();
  await importing(name, `phone\n${[1, 2, 3].map(number).join('\n')}\n`);
  const { out } = await admin(['ani', 'list', name, '--limit', '2']);
  expect(out).toContain(`More: --after ${number(2)}`);
  const { data } = await admin(['ani', 'list', name, '--after', number(2), '--json']);
  expect(data).toMatchObject([{ phone: number(3) }]);
});

test('a company’s rules count for its numbers, and the figures go by them', async () => {
  const name = await newCompany();
  await importing(name, `phone,daily_cap\n${number(1)},\n${number(2)},5\n`);
  const rules = ['--ani-cap', '20', '--time-zone', 'America/Los_Angeles', '--when-no-ani', 'reject'];
  expect(await admin(['company', 'set', name, ...rules])).toMatchObject({ code: 0, err: '' });
  await admin(['ani', 'pause', name, number(2)]);
  expect((await admin(['ani', 'stats', name, '--json'])).data).toMatchObject({
    ...{ anis: 2, usable: 1, used: 0, capacity: 20, atCap: 0, tiers: [] },
  });
  expect((await admin(['ani', 'stats', name])).out).toContain('No lead was assigned a number today.');
});

test.each([
  [[], 'Say what to change'],
  [['--time-zone', 'Mars/Olympus'], 'Expected is an IANA name'],
  [['--ani-cap', '-1'], 'a whole number from 0'],
  [['--when-no-ani', 'guess'], 'Allowed choices are campaign_default, reject'],
])('rules that nobody could go by are not taken: %j', async (argv, message) => {
  const name = await newCompany();
  const { code, err } = await admin(['company', 'set', name, ...argv]);
  expect([code, err]).toEqual([2, expect.stringContaining(message)]);
});
