import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { misbehave, simulator } from '../kit/http/client.ts';
import { type Admin, adminOf } from '../kit/processes/admin.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { simulatedBaseUrl } from '../kit/system/company.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';

/** From nothing to the first lead, as a new user would. */

const server = useDatabase();
const redis = useRedis();
let system: System;
let credentialFile: string;
let names = 0;
let name: string;
const admin: Admin = (argv, input) =>
  adminOf(() => ({ ...system.environment, ADMIN_API_URL: system.ingresses[0]?.url }))(argv, input);

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'connect-'));
  credentialFile = join(folder, 'acme.json');
  const credential = { clientId: 'client', clientSecret: 'secret-of-tests', jwt: 'aaaa.bbbb.cccc' };
  writeFileSync(credentialFile, JSON.stringify(credential));
  system = await startSystem({ databaseUrl: server.url, redisUrl: redis.url });
});
afterAll(() => system?.stop());
beforeEach(async () => {
  names += 1;
  name = `New ${names}`;
  await misbehave(system, {});
});

const TOKEN = 'aws80:0c5a1d52-8f7e-4b11-9d35-6c1f0a7e2b90';

function connect(...more: string[]) {
  const argv = ['dialer', 'connect', name, '--family', 'ringcx', '--base-url', simulatedBaseUrl(system)];
  return admin([...argv, ...more], { stdin: `${TOKEN}\n` });
}

/** The command that was printed, in a shell. */
async function paste(out: string): Promise<{ status: number; body: { success: boolean; message?: string } }> {
  const curl = /^curl [\s\S]*?'$/m.exec(out)?.[0] ?? '';
  const { stdout } = await promisify(execFile)('sh', ['-c', `${curl} -sS -m 30 -w '\n%{http_code}'`]);
  const lines = stdout.trim().split('\n');
  return { status: Number(lines.at(-1)), body: JSON.parse(lines.slice(0, -1).join('\n')) };
}

describe('dialer connect', () => {
  test('adds company, dialer, campaigns and key, and its curl delivers the first lead', async () => {
    const { code, out, err } = await connect('--token-file', '-');
    expect([code, out]).toEqual([0, expect.stringContaining(`"${name}" is connected.`)]);
    expect(err).toMatch(/Added "New.*\nAdded the dialer.*\n.*works\. [\s\S]*Added 2 campaigns: 123456/);
    // The only account of the token.
    expect((await admin(['dialer', 'show', name, '--json'])).data.dialer).toMatchObject({ accountId: '99' });
    const first = await waitFor(async () => {
      const answer = await paste(out);
      return answer.status === 200 ? answer : undefined;
    });
    expect(first.body).toMatchObject({ success: true });
    const { leads } = await simulator(system, '/leads?campaignId=123456&accountId=99');
    expect(leads.length).toBeGreaterThan(0);
    for (const text of [out, err]) expect(text).not.toContain(TOKEN);
  });

  test('run again it changes nothing, and does not show the key that there is', async () => {
    await connect('--token-file', '-');
    const again = await connect();
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('Bearer $API_KEY"') });
    expect(again.err).toContain('It has 1 key already');
    expect((await admin(['key', 'list', name, '--json'])).data).toHaveLength(1);
    expect((await connect('--new-key')).out).toContain('Bearer oiq_');
    expect((await admin(['key', 'list', name, '--json'])).data).toHaveLength(2);
  });

  test.each<[string, object, number, string]>([
    ['a refused token', { revokedTokens: [TOKEN] }, 1, 'the token was refused'],
    [
      'a dialing system that fails',
      { rules: [{ on: 'readBack', fault: { kind: 'status', status: 500 } }] },
      1,
      'not like a dialing system',
    ],
  ])(
    '%s ends it half-way; nothing is lost, and it goes on from there',
    async (_case, scenario, code, said) => {
      await misbehave(system, scenario);
      const failed = await connect('--account', '77', '--token-file', '-');
      expect([failed.code, failed.out]).toEqual([
        code,
        expect.stringMatching(new RegExp(`${said}[\\s\\S]*run the command again`)),
      ]);
      expect((await admin(['key', 'list', name, '--json'])).data).toEqual([]);
      await misbehave(system, {});
      expect(await connect()).toMatchObject({ code: 0, out: expect.stringContaining('is connected') });
    },
  );

  test('campaigns that cannot be read are a later step: one that is named is enough', async () => {
    await misbehave(system, { rules: [{ on: 'campaigns', fault: { kind: 'status', status: 500 } }] });
    const without = await connect('--account', '78', '--token-file', '-');
    expect(without).toMatchObject({ code: 1, err: expect.stringContaining('has no campaign yet') });
    const { code, out, err } = await connect('--campaign', '4711');
    expect([code, out]).toEqual([0, expect.stringContaining('"campaignId":"4711"')]);
    expect(err).toContain('Its campaigns could not be read');
    const odd = await connect('--campaign', 'abc');
    expect(odd.err).toContain('Warning: RingCX has no campaign "abc"');
  });

  test('the accounts of a token are listed before there is a dialer, and the audit log does not have the token', async () => {
    const place = ['--family', 'ringcx', '--base-url', simulatedBaseUrl(system)];
    const argv = ['dialer', 'accounts', ...place, '--token-file', '-', '--json'];
    const { code, data } = await admin(argv, { stdin: `${TOKEN}\n` });
    expect([code, data.accounts]).toMatchObject([0, [{ accountId: '99' }]]);
    const log = await admin(['audit', 'list', '--operation', 'dialer.accounts', '--json']);
    expect(log.data[0].input).toMatchObject({ token: '(secret)' });
    expect(log.out).not.toContain(TOKEN);
  });

  test('a JWT credential is as good, and --every has workers read the campaigns', async () => {
    const { code, err } = await connect('--account', '99', '--jwt-file', credentialFile, '--every', '15m');
    expect([code, err]).toEqual([0, expect.stringContaining('It let this credential sign in')]);
    expect(err).toContain('Workers read them every 15 min');
    const { data } = await admin(['dialer', 'show', name, '--json']);
    expect(data.campaignSync).toMatchObject({ everyMs: 900_000 });
  });

  test('NewBridge needs its account and a campaign named, and says so', async () => {
    const argv = [
      'dialer',
      'connect',
      name,
      '--family',
      'newbridge',
      '--base-url',
      simulatedBaseUrl(system, 'newbridge'),
    ];
    const input = { stdin: 'a-newbridge-token\n' };
    expect(await admin([...argv, '--token-file', '-'], input)).toMatchObject({
      code: 2,
      err: expect.stringContaining('name --account'),
    });
    for (const [more, said] of [
      [['--jwt-file', credentialFile], 'takes no JWT credential'],
      [['--token-file', '-', '--every', '15m'], 'leave out --every'],
    ] as const) {
      const refused = await admin([...argv, '--account', '5', ...more], input);
      expect(refused.err).toContain(said);
      expect(refused.err).toMatch(/Nothing was changed\.\n$/);
      const { data } = await admin(['company', 'list', '--json']);
      expect(data).not.toContainEqual(expect.objectContaining({ name }));
    }
    const noCampaign = await admin([...argv, '--account', '5', '--token-file', '-'], input);
    expect(noCampaign).toMatchObject({ code: 1, err: expect.stringContaining('has no campaign yet') });
    expect(await admin([...argv, '--campaign', '1'])).toMatchObject({ code: 0 });
  });

  test('without a terminal it names the option that is missing, and stores nothing', async () => {
    expect(await admin(['dialer', 'connect', name])).toMatchObject({
      code: 2,
      err: 'There is no terminal to ask on: name --family, --base-url, --token-file or --jwt-file.\n',
    });
    expect(await connect()).toMatchObject({
      code: 2,
      err: expect.stringContaining('name --token-file or --jwt-file'),
    });
    expect((await admin(['company', 'list', '--json'])).data).not.toContainEqual(
      expect.objectContaining({ name }),
    );
  });

  describe('on a terminal', () => {
    const questions = (): (readonly [string, string])[] => [
      ['Dialing system', 'nonesuch\r'],
      ['Dialing system', '\r'],
      ['Base URL', `${simulatedBaseUrl(system)}\r`],
    ];

    test('it asks for what is missing, again where an answer is wrong, and does not echo the token', async () => {
      const { code, out, err } = await admin(['dialer', 'connect', name], {
        typed: [...questions(), ['API token (not shown)', `${TOKEN}\r`]],
      });
      expect([code, out]).toEqual([0, expect.stringContaining(`"${name}" is connected.`)]);
      expect(err).toContain('does not serve dialers of the family "nonesuch"');
      expect(err).not.toContain(TOKEN);
    });

    test.each([
      ['Ctrl-C', '\u0003', 130],
      ['Ctrl-D', '\u0004', 1],
    ])('%s at a question ends it, and nothing is stored', async (_key, key, status) => {
      for (const typed of [
        [['Dialing system', key] as const],
        [...questions(), ['API token (not shown)', key] as const],
      ]) {
        const { code, err } = await admin(['dialer', 'connect', name], { typed });
        expect([code, err]).toEqual([status, expect.stringContaining('Nothing was entered.')]);
      }
      const companies = await admin(['company', 'list', '--json']);
      expect(companies.data).not.toContainEqual(expect.objectContaining({ name }));
    });
  });
});
