import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { adminOf } from '../kit/processes/admin.ts';
import { useDatabase } from '../kit/services/database.ts';

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
    /line 3: "123": The phone number must have 10 digits.*\nline 4: "many": The daily cap .*\nline 6: "9": .*no such campaign.*\nline 7: .*line 2/,
  );
});

test.each([
  ['', 'The file has no rows.'],
  ['phone\n', 'The file has no rows.'],
  ['2065550100\n2065550101\n', 'The file begins with numbers. Its first line must'],
  ['daily_cap\n50\n', 'The file has no column "phone".'],
  ['phone\n"2065550100\n', 'The file is not CSV:'],
  ['phone,cap\n2065550100,50,1,2\n', 'Line 2 has more cells than there are columns.'],
  ['phone,ANI\n2065550100,2065550101\n', 'The columns "phone" and "ANI" have the same meaning'],
  ['Phone,phone\n2065550100,2065550101\n', 'The columns "Phone" and "phone" have the same meaning'],
  ['phone,Daily Cap,cap\n2065550100,1,2\n', 'The columns "Daily Cap" and "cap" have the same meaning'],
  [',,\n,,\n', 'The file has no rows.'],
])('what is no such file is refused as a whole: %j', async (stdin, message) => {
  const name = await newCompany();
  const { code, out, err } = await importing(name, stdin);
  expect([code, out, err]).toEqual([1, '', expect.stringContaining(message)]);
  expect((await admin(['ani', 'list', name, '--json'])).data).toEqual([]);
});

const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le');

describe('as spreadsheet programs write a file', () => {
  test.each<[string, (a: string, b: string) => string | Buffer]>([
    ['commas', (a, b) => `phone,daily_cap\n${a},\n${b},50\n`],
    ['semicolons', (a, b) => `phone;daily_cap\r\n${a};\r\n${b};50\r\n`],
    ['tabs', (a, b) => `phone\tdaily_cap\n${a}\t\n${b}\t50\n`],
    ['bars', (a, b) => `phone|daily_cap\n${a}|\n${b}|50\n`],
    ['a line that names the separator', (a, b) => `sep=;\r\nPhone;Daily Cap\r\n${a};\r\n${b};50\r\n`],
    ['that line, filled up', (a, b) => `sep=,,,\r\nPhone,Daily Cap,\r\n${a},,\r\n${b},50,\r\n`],
    ['a byte order mark', (a, b) => `\uFEFFPhone Number;Daily Cap\r\n${a};\r\n${b};50\r\n`],
    ['Unicode text', (a, b) => utf16(`Phone\tCap\r\n${a}\t\r\n${b}\t50\r\n`)],
    ['Unicode text, the other way round', (a, b) => utf16(`Phone\tCap\r\n${a}\t\r\n${b}\t50\r\n`).swap16()],
    ['a Western code page', (a, b) => Buffer.from(`Phone;Cap;Größe\r\n${a};;é\r\n${b};50;\r\n`, 'latin1')],
    ['line ends of three kinds', (a, b) => `Caller ID,Daily limit\r\n${a},\n\r${b},50\r`],
    ['no line end at all', (a, b) => `ANI,CAP\n${a}\n${b},50`],
    ['another order', (a, b) => `Calls per day,DID\n,${a}\n50,${b}\n`],
    ['other columns', (a, b) => `Name,Phone,,Cap,State\nOffice,${a},,,WA\n"Smith, J.",${b},x,50,WA\n`],
    ['rows of separators', (a, b) => `phone,daily_cap\n,\n${a},\n , \n,\n${b},50\n,\n`],
    ['columns that were left over', (a, b) => `phone,daily_cap\n${a},,,,\n${b},50,,,\n`],
    ['quotes', (a, b) => `"phone","daily_cap"\n"${a}",""\n"${b}","50"\n`],
    ['formulas that are text', (a, b) => `phone,daily_cap\n="${a}",\n"=""${b}""","=""50"""\n`],
    ['apostrophes', (a, b) => `phone,daily_cap\n'${a},\n'+1${b},'50\n`],
    ['spaces', (a, b) => ` Phone , Daily  Cap \n ${a} , \n\u00a0${b}\u00a0, 50 \n`],
    [
      '+1, brackets and hyphens',
      (a, b) => `phone,daily_cap\n+1${a},\n(${b.slice(0, 3)}) ${b.slice(3, 6)}-${b.slice(6)},50\n`,
    ],
    ['invisible marks', (a, b) => `phone,daily_cap\n\u202d${a}\u202c,\n\u200b${b},50\n`],
  ])('%s', async (_case, fileOf) => {
    const name = await newCompany();
    const folder = await mkdtemp(join(tmpdir(), 'live-feed-test-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'anis.csv'), fileOf(number(1), number(2)));
    const { code, err, data } = await admin(['ani', 'import', name, join(folder, 'anis.csv'), '--json']);
    expect([code, err, data]).toMatchObject([0, '', { added: 2, errors: [] }]);
    expect((await admin(['ani', 'list', name, '--json'])).data).toMatchObject([
      { phone: number(1), dailyCap: null },
      { phone: number(2), dailyCap: 50 },
    ]);
  });

  test('columns that mean nothing are named', async () => {
    const name = await newCompany();
    const file = `Phone Number;Name;;State\n${number(1)};Office;;WA\n`;
    const { out, code } = await admin(['ani', 'import', name, '-'], { stdin: file });
    expect([code, out]).toEqual([0, expect.stringContaining('Unused columns: "Name", "State".')]);
  });

  test('a number that the program has shortened is told as such, in its line and with what was read', async () => {
    const name = await newCompany();
    const file = `phone,cap\r\n\r\n3.05556E+9,\r\n2065550101.0,\r\n${number(1)},1.5\r\n`;
    const { out, code } = await admin(['ani', 'import', name, '-'], { stdin: file });
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(
        /line 3: "3\.05556E\+9": .*format the column as text.*\nline 4: "2065550101\.0": .*format the column as text.*\nline 5: "1\.5": The daily cap/,
      ),
    ]);
  });
});

test('what is changed is counted, and nothing is changed by a dry run', async () => {
  const name = await newCompany();
  const stdin = `phone,daily_cap,campaigns\n${number(1)},5,\n${number(2)},6,1\n${number(3)},7,\n`;
  const dry = await admin(['ani', 'import', name, '-', '--dry-run'], { stdin });
  expect(dry.out).toBe(
    `Would add 3 numbers to "${name}", would change 0; 0 unchanged; 0 rows would not be imported.\nNothing was changed.\n`,
  );
  expect((await admin(['ani', 'list', name, '--json'])).data).toEqual([]);
  await importing(name, stdin);
  const changes = `phone,daily_cap,campaigns\n${number(1)},50,\n${number(2)},6,2\n${number(3)},7,\n`;
  const told = `Would add 0 numbers to "${name}", would change 2; 1 unchanged; `;
  expect((await admin(['ani', 'import', name, '-', '--dry-run'], { stdin: changes })).out).toContain(told);
  const { out } = await admin(['ani', 'import', name, '-'], { stdin: changes });
  expect(out).toBe(`Added 0 numbers to "${name}", changed 2; 1 unchanged; 0 rows not imported.\n`);
});

test('a file that is not there is named as such', async () => {
  const name = await newCompany();
  const { code, err } = await admin(['ani', 'import', name, '/nowhere/anis.csv']);
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(/^The file cannot be read \(ENOENT\)\. Nothing was imported\. .* - < file\n$/),
  ]);
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

test('caps and pools are changed for numbers by name, and numbers are removed', async () => {
  const name = await newCompany();
  await importing(name, `phone\n${number(1)}\n${number(2)}\n`);
  const cap = (to: string) => admin(['ani', 'cap', name, to, number(1), number(2)]);
  expect((await cap('50')).out).toBe(`Set the cap of 2 numbers of "${name}".\n`);
  expect((await admin(['ani', 'list', name, '--json'])).data).toMatchObject([{ cap: 50 }, { cap: 50 }]);
  await cap('company');
  expect((await admin(['ani', 'list', name, '--json'])).data).toMatchObject([{ cap: 75 }, { cap: 75 }]);
  const pool = (...argv: string[]) => admin(['ani', 'pool', name, '1', ...argv]);
  expect((await pool('--add', number(1), number(2))).out).toBe(
    'Put 2 numbers into the pool of 1 and took 0 out. Its pool has 2 numbers.\n',
  );
  expect((await admin(['ani', 'list', name, '--campaign', '1', '--json'])).data).toHaveLength(2);
  expect((await pool('--remove', number(1), number(2))).out).toContain(
    'Its pool is empty: its leads get any number of the company.',
  );
  expect((await pool()).code).toBe(2);
  expect((await admin(['ani', 'remove', name, number(1)])).code).toBe(0);
  expect((await admin(['ani', 'list', name, '--json'])).data).toMatchObject([{ phone: number(2) }]);
});

test('numbers that are worn out, and those of a state, are found by a word', async () => {
  const name = await newCompany();
  await importing(name, `phone,daily_cap\n${number(1)},0\n${number(2)},\n`);
  const found = async (...argv: string[]) =>
    (await admin(['ani', 'list', name, ...argv, '--json'])).data.map((ani: { phone: string }) => ani.phone);
  expect(await found('--standing', 'at_cap')).toEqual([number(1)]);
  expect(await found('--place', 'wa')).toEqual([number(1), number(2)]);
  expect(await found('--place', 'OR')).toEqual([]);
  expect((await admin(['ani', 'stats', name])).out).toMatch(/^WA +2 +0 of 75 +1 +0 +0$/m);
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
    rules: { dailyCap: 20, timeZone: 'America/Los_Angeles', whenNone: 'reject' },
  });
  const { out } = await admin(['ani', 'stats', name]);
  expect(out).toMatch(/^day .* in America\/Los_Angeles$/m);
  expect(out).toMatch(/^cap without an own +20$/m);
  expect(out).toMatch(/^if none is left +reject$/m);
  expect(out).toContain('No lead was assigned a number today.');
});

test.each([
  [[], 'Name a setting to change.'],
  [['--time-zone', 'Mars/Olympus'], 'Expected an IANA name'],
  [['--ani-cap', '-1'], 'a whole number from 0'],
  [['--when-no-ani', 'guess'], 'Allowed choices are campaign_default, reject'],
])('rules that nobody could go by are not taken: %j', async (argv, message) => {
  const name = await newCompany();
  const { code, err } = await admin(['company', 'set', name, ...argv]);
  expect([code, err]).toEqual([2, expect.stringContaining(message)]);
});
