import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildProgram } from '@live-feed/admin/program';
import { checkApiKey, digestApiKey, issueApiKey } from '@live-feed/core/crypto/api-key';
import { createKeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import { newId } from '@live-feed/core/ids';
import type { Database } from '@live-feed/database/connection/client';
import { findCampaign, findKey } from '@live-feed/database/directory/lookups';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { adminOf } from '../kit/processes/admin.ts';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';

const server = useDatabase();
let database: Database;
/** Nobody listens on Redis' port: what does not need it must not ask for it. */
const environment = () => ({
  DATABASE_URL: server.url,
  REDIS_URL: 'redis://:not-shown@127.0.0.1:1',
  SEAL_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  PHONE_DIGEST_SECRET: 'a secret of at least thirty-two characters',
});
const admin = adminOf(environment);

beforeAll(() => {
  database = connectDatabase(server.url);
});
afterAll(() => database?.$disconnect());

/** As the ingress finds a key that was imported here. */
const findImported = (key: string) =>
  findKey(database, createKeyedDigests(environment().PHONE_DIGEST_SECRET).apiKey(key)[0]);

let companies = 0;
async function newCompany(): Promise<string> {
  companies += 1;
  const name = `Company ${companies}`;
  expect(await admin(['company', 'add', name])).toMatchObject({ code: 0, err: '' });
  return name;
}

describe('the command line', () => {
  const nobody = async () => {
    throw new Error('Nothing may run here.');
  };
  const leaves: ReturnType<typeof leavesOf> = [];
  beforeAll(async () => {
    leaves.push(...leavesOf((await buildProgram(nobody)) as unknown as Command));
  });

  test('has help and --json on every command, and says of each what it is for', async () => {
    expect(leaves.length).toBeGreaterThan(20);
    for (const { path, command } of leaves) {
      expect([path, command.options.map(({ long }) => long)]).toEqual([
        path,
        expect.arrayContaining(['--json']),
      ]);
      const { code, out, err } = await admin([...path, '--help']);
      expect([path, code, err]).toEqual([path, 0, '']);
      expect(out).toContain(command.description().slice(0, 20));
      for (const { long, description } of command.options)
        expect([long, description]).not.toEqual([long, '']);
    }
  });

  test.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['company', 'add'], "missing required argument 'name'"],
    [['company', 'add'], 'See: `admin company add --help`'],
    [['company', 'foo'], 'See: `admin company --help`'],
    [['company', 'list', 'too', 'many'], 'too many arguments'],
    [['key', 'issue', 'x', '--type', 'foo'], 'Allowed choices are universal, test, reporting.'],
    [['key', 'import', 'x', '--type', ''], 'Allowed choices are universal, test, reporting.'],
    [['campaign', 'add', 'x', '12 34'], 'A campaign id has no spaces, commas or invisible characters'],
    [['campaign', 'add', 'x', '12,34'], 'A campaign id has no spaces, commas or invisible characters'],
    [['campaign', 'add', 'x', '12\u200b34'], 'A campaign id has no spaces, commas or invisible characters'],
    [['campaign', 'add', 'x', ' '], 'Send text that is not empty.'],
    [['lead', 'list', '--state', 'gone'], 'Allowed choices are QUEUED,'],
    [['lead', 'list', '--status', 'PARKED'], "unknown option '--status'"],
    [['key', 'issue', 'x', '--expires-in', 'soon'], 'Expected a duration from 1m to 3650d'],
    [['company', 'set', 'x', '--check-timeout', '10s'], 'Expected a duration from 1s to 5s.'],
    [['key', 'revoke', 'not-an-id'], 'Expected an id, as the list shows it.'],
    [['key', 'import', 'x', 'oiq_on_the_command_line'], 'too many arguments'],
    [['lead', 'show', '5551234567'], 'company: A phone needs its company: name it.'],
    [['lead', 'retry'], 'Name one lead, or --all together with --company.'],
    [['purge', '--older-than', '1d'], 'Expected a duration from 3d'],
  ])('exits with 2 on wrong usage, having done nothing: %j', async (argv, message) => {
    const { code, out, err } = await admin(argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });

  test('exits with 78 on a wrong environment, names all that is wrong and repeats none of it', async () => {
    const broken = adminOf(() => ({
      ...environment(),
      SEAL_KEYS: 'k1:not-a-key',
      PHONE_DIGEST_SECRET: 'short',
    }));
    const { code, err } = await broken(['company', 'list']);
    expect(code).toBe(78);
    expect(err).toMatch(/SEAL_KEYS .*\n.*PHONE_DIGEST_SECRET /);
    expect(err).not.toMatch(/not-a-key|short/);
  });

  test('says in one line that PostgreSQL or Redis is away, without their passwords', async () => {
    const away = { ...environment(), DATABASE_URL: 'postgresql://live_feed:not-shown@127.0.0.1:1/live_feed' };
    const database = await adminOf(() => away)(['company', 'list']);
    expect(database).toMatchObject({ code: 1, out: '' });
    expect(database.err).toMatch(/^The database reported an error: Can't reach database server at .*\n$/);
    const name = await newCompany();
    await addDialer(name);
    const redis = await admin(['dialer', 'show', name]);
    expect(redis).toMatchObject({ code: 1, out: '' });
    expect(redis.err).toBe(
      'Nothing listens at the host and port of REDIS_URL (ECONNREFUSED). Check REDIS_URL, and that Redis is running.\n',
    );
  });
});

describe('companies and campaigns', () => {
  test('a name is given once', async () => {
    const name = await newCompany();
    expect(await admin(['company', 'add', ` ${name} `])).toMatchObject({
      ...{ code: 1, out: '', err: `There is already a company "${name}". See: \`admin company list\`\n` },
    });
  });

  test('a name that people read as another’s is not given, and finds it', async () => {
    await admin(['company', 'add', 'Acme Solar']);
    for (const alike of ['acme solar', 'ACME  SOLAR', 'Acme\u00a0Solar', 'Acme Solar\u200b', 'Ａcme Solar']) {
      expect(await admin(['company', 'add', alike])).toMatchObject({
        ...{ code: 1, err: 'There is already a company "Acme Solar". See: `admin company list`\n' },
      });
      expect((await admin(['campaign', 'list', alike])).code).toBe(0);
    }
    const { data } = await admin(['company', 'list', '--json']);
    expect(data.filter(({ name }: { name: string }) => /acme/i.test(name))).toHaveLength(1);
  });

  test('of two that are added at once and read alike, one is there', async () => {
    const added = await Promise.all(['Twin Co', 'TWIN CO'].map((name) => admin(['company', 'add', name])));
    expect(added.map(({ code }) => code).sort()).toEqual([0, 1]);
  });

  test('companies that read alike from before are still found, each by its own name', async () => {
    await database.company.createMany({ data: ['Old Co', 'old co'].map((name) => ({ id: newId(), name })) });
    for (const name of ['Old Co', 'old co']) expect((await admin(['campaign', 'list', name])).code).toBe(0);
    expect((await admin(['campaign', 'list', 'OLD CO'])).err).toContain('There is no company "OLD CO".');
  });

  test('a company gets another name, but not one that reads like another company’s', async () => {
    const [first, second] = [await newCompany(), await newCompany()];
    expect(await admin(['company', 'rename', first, ` New  ${first} `])).toMatchObject({
      ...{ code: 0, out: `Renamed "${first}" to "New ${first}".\n` },
    });
    expect((await admin(['company', 'show', `new ${first}`])).out).toMatch(/^time zone +America\/New_York$/m);
    expect((await admin(['company', 'show', first])).code).toBe(1);
    expect(await admin(['company', 'rename', `New ${first}`, second.toUpperCase()])).toMatchObject({
      ...{ code: 1, err: `There is already a company "${second}". See: \`admin company list\`\n` },
    });
    expect((await admin(['company', 'rename', second, second.toUpperCase()])).code).toBe(0);
  });

  test('the list counts what each has, without keys that open nothing', async () => {
    const name = await newCompany();
    await addDialer(name);
    await admin(['campaign', 'add', name, '1', '2']);
    await admin(['key', 'issue', name]);
    const { data: spare } = await admin(['key', 'issue', name, '--json']);
    await admin(['key', 'revoke', spare.id]);
    const { data } = await admin(['company', 'list', '--json']);
    expect(data).toContainEqual(
      expect.objectContaining({ name, family: 'ringcx', keys: 1, campaigns: 2, anis: 0 }),
    );
    expect((await admin(['company', 'list'])).out).toMatch(new RegExp(`^${name} +ringcx +1 +2 +0 +`, 'm'));
  });

  test('a campaign is added once, under the id that callers send', async () => {
    const name = await newCompany();
    await admin(['campaign', 'add', name, '123456']);
    const { data } = await admin(['campaign', 'add', name, '123456', 'north/2', '--json']);
    expect(data).toMatchObject({ added: ['north/2'], alreadyThere: ['123456'] });
    expect(await findCampaign(database, data.company.id, 'north/2')).toEqual({
      duplicates: null,
      pause: null,
    });
    const list = await admin(['campaign', 'list', name, '--json']);
    expect(list.data.map(({ campaignId }: { campaignId: string }) => campaignId)).toEqual([
      '123456',
      'north/2',
    ]);
  });

  test('a campaign that the dialing system cannot have is added with a warning', async () => {
    const ids = ['2147483647', '2147483648', 'north-2'];
    const name = await newCompany();
    expect((await admin(['campaign', 'add', name, 'anything'])).out).not.toContain('Warning');
    await addDialer(name);
    const { code, out } = await admin(['campaign', 'add', name, ...ids]);
    expect([code, out.match(/Warning.*/g)]).toEqual([
      0,
      ids
        .slice(1)
        .map(
          (id) =>
            `Warning: RingCX has no campaign "${id}": campaign ids are whole numbers from 1 to 2147483647.`,
        ),
    ]);
    const { data } = await admin(['campaign', 'add', name, 'south', '--json']);
    expect(data).toMatchObject({ added: ['south'], warnings: [expect.stringContaining('"south"')] });
    const other = await newCompany();
    await addDialer(other, 'newbridge');
    expect((await admin(['campaign', 'add', other, ...ids])).out).not.toContain('Warning');
  });

  test('a company that is not there is named as such, by name and by id', async () => {
    for (const company of ['Nobody', '019a3f6e-7c1b-7d20-9a57-1f0c8e2b4d61']) {
      const { code, err } = await admin(['campaign', 'list', company]);
      expect([code, err]).toEqual([1, `There is no company "${company}". See: \`admin company list\`\n`]);
    }
  });
});

describe('keys', () => {
  test('an issued key is printed once, opens, and is stored nowhere', async () => {
    const name = await newCompany();
    const { data, out } = await admin(['key', 'issue', name, '--expires-in', '90d', '--json']);
    expect(checkApiKey(data.key)).toBe('valid');
    expect(out.split(data.key)).toHaveLength(2);
    expect(await findKey(database, digestApiKey(data.key))).toMatchObject({
      type: 'universal',
      active: true,
    });
    const stored = JSON.stringify(await database.apiKey.findMany());
    expect(stored).not.toContain(data.key);
    const list = await admin(['key', 'list', name]);
    expect(list.out).toContain(`…${data.key.slice(-2)}`);
    expect(list.out).not.toContain(data.key.slice(-8));
  });

  test('a test key says so in its prefix, in the list and when it is replaced, and is imported as nothing else', async () => {
    const name = await newCompany();
    const { data } = await admin(['key', 'issue', name, '--type', 'test', '--json']);
    expect(data.key).toMatch(/^oiq_test_/);
    expect(await findKey(database, digestApiKey(data.key))).toMatchObject({ type: 'test', active: true });
    expect((await admin(['key', 'list', name])).out).toMatch(/ test +…/);
    const rotated = await admin(['key', 'rotate', data.id, '--json']);
    expect(rotated.data.key).toMatch(/^oiq_test_/);
    expect(await findKey(database, digestApiKey(rotated.data.key))).toMatchObject({ type: 'test' });

    const stdin = issueApiKey(undefined, 'test');
    const refused = await admin(['key', 'import', name], { stdin });
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('import it with the type test')]);
    expect((await admin(['key', 'import', name, '--type', 'test'], { stdin })).code).toBe(0);
    expect(await findKey(database, digestApiKey(stdin))).toMatchObject({ type: 'test' });
  });

  describe('label and limits', () => {
    const options = ['--label', 'Vendor A', '--rate', '600/min', '--daily', '20000'];
    const settings = { label: 'Vendor A', rate: { requests: 600, perMs: 60_000 }, daily: 20_000 };

    test('are given, shown, changed, removed, and inherited by a key that replaces it', async () => {
      const name = await newCompany();
      await admin(['campaign', 'add', name, '1', '2']);
      const campaigns = ['--campaigns', '1,2', '--default-campaign', '2'];
      const { data } = await admin(['key', 'issue', name, ...options, ...campaigns, '--json']);
      const whole = { ...settings, campaigns: ['1', '2'], defaultCampaign: '2' };
      expect((await findKey(database, digestApiKey(data.key)))?.settings).toEqual(whole);
      expect((await admin(['key', 'list', name])).out).toMatch(
        /Vendor A .*600\/min; 20000 a day; campaigns 1,2; default 2/,
      );
      const rotated = await admin(['key', 'rotate', data.id, '--json']);
      expect((await findKey(database, digestApiKey(rotated.data.key)))?.settings).toEqual(whole);
      const none = ['--rate', 'none', '--campaigns', 'none', '--label', 'none', '--default-campaign', 'none'];
      expect(await admin(['key', 'set', data.id, ...none, '--daily', '7'])).toMatchObject({
        code: 0,
        err: '',
      });
      expect((await findKey(database, digestApiKey(data.key)))?.settings).toEqual({ daily: 7 });
    });

    test('an imported key has them, too', async () => {
      const key = randomUUID();
      await admin(['key', 'import', await newCompany(), ...options], { stdin: key });
      expect((await findImported(key))?.settings).toEqual(settings);
    });

    test.each([
      [['--rate', '600'], 'Expected leads in a time of at most an hour, such as 600/min'],
      [['--rate', '0/min'], 'Expected leads in a time'],
      [['--rate', '1/2h'], 'Expected leads in a time'],
      [['--daily', '0'], 'Expected a whole number from 1'],
      [['--label', ' '], 'It must not be empty.'],
      [['--campaigns', '1,,2'], 'It must not be empty.'],
      [['--campaigns', '1', '--default-campaign', '2'], 'The key may not load its default campaign 2'],
      [['--campaigns', '8,9'], 'has no campaign 8, 9. Nothing was changed.'],
      [['--default-campaign', '8'], 'has no campaign 8. Nothing was changed.'],
    ])('%s is refused', async (wrong, message) => {
      const name = await newCompany();
      await admin(['campaign', 'add', name, '1']);
      const { code, err } = await admin(['key', 'issue', name, ...wrong]);
      expect(code).toBeGreaterThan(0);
      expect(err).toContain(message);
      expect((await admin(['key', 'list', name, '--json'])).data).toEqual([]);
    });

    test('a change without a setting is refused', async () => {
      const { data } = await admin(['key', 'issue', await newCompany(), '--json']);
      expect((await admin(['key', 'set', data.id])).err).toContain('Name a setting to change.');
    });
  });

  test('a key of any shape is taken over, from standard input or a file, and never printed', async () => {
    const name = await newCompany();
    const key = randomUUID();
    const piped = await admin(['key', 'import', name], { stdin: `${key}\n` });
    expect(piped).toMatchObject({ code: 0, err: '' });
    expect(piped.out).toContain(`…${key.slice(-2)}`);
    expect(piped.out).not.toContain(key.slice(-8));
    expect(await findImported(key)).toMatchObject({ active: true });

    const folder = await mkdtemp(join(tmpdir(), 'live-feed-test-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const other = randomBytes(16).toString('hex');
    await writeFile(join(folder, 'key'), `${other}\n`);
    const fromFile = await admin([
      'key',
      'import',
      name,
      '--key-file',
      join(folder, 'key'),
      '--type',
      'reporting',
    ]);
    expect(fromFile.code).toBe(0);
    expect(await findImported(other)).toMatchObject({ type: 'reporting' });
  });

  test.each([
    ['nothing', '', 'The API key is empty.'],
    ['spaces within', 'two words here', 'This is not a key'],
    ['one of ours, cut', issueApiKey().slice(0, -1), 'a key that begins with oiq_ must be complete'],
    ['far too much', 'k'.repeat(10_000), 'is too long'],
    ['8 characters', 'dX7-q2Zp', 'fewer than 20 characters'],
    ['words', 'acme-solar-production-key', 'it could be guessed'],
    ['a pattern', '1234567890'.repeat(4), 'it could be guessed'],
  ])('what cannot be a key is not imported: %s', async (_, stdin, message) => {
    const name = await newCompany();
    const { code, err } = await admin(['key', 'import', name], { stdin });
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect((await admin(['key', 'list', name, '--json'])).data).toEqual([]);
  });

  test('a key that is there already is not given to a second company', async () => {
    const [first, second] = [await newCompany(), await newCompany()];
    const key = randomUUID();
    await admin(['key', 'import', first], { stdin: key });
    const { code, err } = await admin(['key', 'import', second], { stdin: key });
    expect([code, err]).toEqual([1, 'This key already exists. Nothing was changed. See: `admin key list`\n']);
    expect((await findImported(key))?.companyId).toBe(
      (await database.company.findUnique({ where: { name: first } }))?.id,
    );
  });

  test('a key that a former release imported is kept as a keyed digest once it is imported again, by its own company', async () => {
    const [first, second] = [await newCompany(), await newCompany()];
    const key = randomUUID();
    const { data: made } = await admin(['key', 'import', first, '--type', 'reporting', '--json'], {
      stdin: key,
    });
    await database.apiKey.update({ where: { id: made.id }, data: { digest: digestApiKey(key) } });
    expect((await admin(['key', 'import', second], { stdin: key })).code).toBe(1);
    expect(await findKey(database, digestApiKey(key))).toMatchObject({ keyId: made.id });
    expect((await admin(['key', 'import', first], { stdin: key })).out).toContain(
      'now stored as a keyed digest',
    );
    expect(await findKey(database, digestApiKey(key))).toBeNull();
    expect(await findImported(key)).toMatchObject({ keyId: made.id, type: 'reporting' });
  });

  test('a rotated key and the new one open for the overlap, and no longer', async () => {
    const name = await newCompany();
    const { data: old } = await admin(['key', 'issue', name, '--type', 'reporting', '--json']);
    const { data: made } = await admin(['key', 'rotate', old.id, '--overlap', '48h', '--json']);
    const found = await findKey(database, digestApiKey(old.key));
    expect(found?.expiresAt?.toISOString()).toBe(made.replaces.expiresAt);
    expect(hoursFromNow(found?.expiresAt)).toBeCloseTo(48, 1);
    expect(await findKey(database, digestApiKey(made.key))).toMatchObject({
      ...{ type: 'reporting', active: true, expiresAt: null, companyId: found?.companyId },
    });
  });

  test('a rotation never makes the old key live longer', async () => {
    const name = await newCompany();
    const { data: old } = await admin(['key', 'issue', name, '--expires-in', '1h', '--json']);
    await admin(['key', 'rotate', old.id]);
    expect(hoursFromNow((await findKey(database, digestApiKey(old.key)))?.expiresAt)).toBeCloseTo(1, 1);
  });

  test('a revoked key is revoked once, and has no successor', async () => {
    const name = await newCompany();
    const { data: key } = await admin(['key', 'issue', name, '--json']);
    expect((await admin(['key', 'revoke', key.id])).out).toContain('stops working everywhere');
    expect(await findKey(database, digestApiKey(key.key))).toMatchObject({ active: false });
    expect((await admin(['key', 'revoke', key.id])).out).toContain('was already revoked');
    const { code, err } = await admin(['key', 'rotate', key.id]);
    expect([code, err]).toEqual([1, expect.stringContaining('Create a new one: `admin key issue ')]);
    expect((await admin(['key', 'list', name, '--json'])).data).toMatchObject([{ state: 'revoked' }]);
  });
});

function hoursFromNow(moment: Date | null | undefined): number {
  return ((moment?.getTime() ?? 0) - Date.now()) / 3_600_000;
}

async function addDialer(company: string, family = 'ringcx'): Promise<void> {
  const argv = ['--family', family, '--base-url', 'https://ringcx.example/voice/api', '--account', '12'];
  expect(await admin(['dialer', 'set', company, ...argv])).toMatchObject({ code: 0, err: '' });
}

interface Leaf {
  readonly path: readonly string[];
  readonly command: Command;
}

function leavesOf(command: Command, path: readonly string[] = []): Leaf[] {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((inner) => leavesOf(inner, [...path, inner.name()]));
}
