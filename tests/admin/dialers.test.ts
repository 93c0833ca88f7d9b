import { theUser } from '@live-feed/admin/terminal/user';
import { parseKeyring } from '@live-feed/core/crypto/sealing';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { bucketFor } from '@live-feed/core/limits/rate-windows';
import { findDialerOf } from '@live-feed/database/directory/lookups';
import { dialerDrain } from '@live-feed/operations/dialer/dialer-drain';
import { perform } from '@live-feed/operations/perform';
import type { Resources } from '@live-feed/operations/resources';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createPermits } from '@live-feed/queue/limits/permits';
import { connectRedis } from '@live-feed/queue/redis/redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { leadNumber, misbehave, post, simulator } from '../kit/http/client.ts';
import { submit, untilAdmitted } from '../kit/leads/lead-effects.ts';
import { leadJobOf } from '../kit/leads/lead-job.ts';
import { type Admin, adminOf } from '../kit/processes/admin.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { addCompany, type Company, simulatedBaseUrl } from '../kit/system/company.ts';
import { addCompanyWithoutPermits } from '../kit/system/company-without-permits.ts';
import { openQueues, type Queues } from '../kit/system/queues.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';

const server = useDatabase();
const redis = useRedis();
let system: System;
let queues: Queues;
const admin: Admin = (argv, input) => adminOf(() => system.environment)(argv, input);

beforeAll(async () => {
  // One test waits for a deadline.
  const environment = { INGRESS_DEADLINE_MS: '5000' };
  system = await startSystem({ databaseUrl: server.url, redisUrl: redis.url, environment });
  queues = await openQueues(system);
});
afterAll(async () => {
  await queues?.close();
  await system?.stop();
});
beforeEach(() => misbehave(system, {}));

const TOKEN = 'aws80:0c5a1d52-8f7e-4b11-9d35-6c1f0a7e2b90';
const JWT_CREDENTIAL = {
  clientId: 'client-of-tests',
  clientSecret: 'secret-of-the-client',
  jwt: 'aGVhZGVy.Y2xhaW1z.c2lnbmF0dXJl',
};
const JWT_FILE = JSON.stringify(JWT_CREDENTIAL);
const asynchronously = { prefer: 'respond-async' };

let names = 0;
async function newCompany(): Promise<string> {
  names += 1;
  const name = `Company ${names}`;
  await admin(['company', 'add', name]);
  return name;
}

/** Sets a dialer on the simulator. */
function set(company: string, ...more: string[]) {
  const where = ['--base-url', simulatedBaseUrl(system), '--account', `9${names}`];
  return admin(['dialer', 'set', company, '--family', 'ringcx', ...where, '--token-file', '-', ...more], {
    stdin: `${TOKEN}\n`,
  });
}

async function recordOf(name: string) {
  const company = await system.database.company.findUniqueOrThrow({ where: { name } });
  const dialer = await findDialerOf(system.database, company.id);
  if (dialer === null) throw new Error('There is no dialer.');
  return dialer;
}

describe('dialer set', () => {
  test('a company that is set up by hand has its first lead delivered', async () => {
    const name = await newCompany();
    expect(await set(name, '--windows', 'none')).toMatchObject({ code: 0, err: '' });
    await admin(['campaign', 'add', name, '4711']);
    const { data: key } = await admin(['key', 'issue', name, '--json']);
    const answer = await untilAdmitted(() => post(system, leadNumber(1, '4711'), { key: key.key }));
    expect([answer.status, answer.body.dialerResponse?.leadsAccepted]).toEqual([200, 1]);
  });

  test('without anything to set is told what it lacks, and that nothing was changed', async () => {
    const name = await newCompany();
    await set(name);
    expect(await admin(['dialer', 'set', name, '--force'])).toMatchObject({
      code: 2,
      out: '',
      err: 'Name a setting. See: `admin dialer set --help`\n',
    });
  });

  test.each(['12 34', '../../x', 'accounts/12', '12,34', '12?a=1', '..'])(
    'does not take %j for an account, and keeps the one that there is',
    async (account) => {
      const name = await newCompany();
      await set(name);
      const before = await recordOf(name);
      expect(await admin(['dialer', 'set', name, '--account', account])).toMatchObject({
        code: 2,
        err: expect.stringContaining('An account id has no spaces, commas, slashes'),
      });
      expect(await recordOf(name)).toEqual(before);
    },
  );

  test('a dialer is found by its own id, as alerts name it', async () => {
    const name = await newCompany();
    await set(name);
    const { id } = await recordOf(name);
    expect((await admin(['dialer', 'show', id, '--json'])).data).toMatchObject({ company: { name } });
  });

  test('seals the token, and shows that there is one, never which', async () => {
    const name = await newCompany();
    const { out } = await set(name);
    const { data, out: json } = await admin(['dialer', 'show', name, '--json']);
    expect(data.dialer).toMatchObject({ family: 'ringcx', hasToken: true });
    for (const text of [out, json, JSON.stringify(await system.database.dialer.findMany())]) {
      expect(text).not.toContain(TOKEN);
      expect(text).not.toContain(TOKEN.slice(-12));
    }
    const { companyId, permanentToken } = await recordOf(name);
    const keyring = parseKeyring(system.environment['SEAL_KEYS'] ?? '');
    expect(keyring.unseal(permanentToken ?? '', { companyId, column: SEALED.permanentToken })).toBe(TOKEN);
  });

  test('a JWT credential takes the place of the token, and a token that of the credential', async () => {
    const name = await newCompany();
    await set(name);
    const { code, out, err } = await admin(['dialer', 'set', name, '--jwt-file', '-'], { stdin: JWT_FILE });
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/signs in with +a JWT credential/);
    const { companyId, permanentToken, jwtCredential } = await recordOf(name);
    expect(permanentToken).toBeNull();
    const keyring = parseKeyring(system.environment['SEAL_KEYS'] ?? '');
    const context = { companyId, column: SEALED.jwtCredential };
    expect(JSON.parse(keyring.unseal(jwtCredential ?? '', context))).toEqual(JWT_CREDENTIAL);
    const { data, out: json } = await admin(['dialer', 'show', name, '--json']);
    expect(data.dialer).toMatchObject({ hasToken: false, hasJwtCredential: true });
    for (const text of [out, json]) expect(text).not.toContain(JWT_CREDENTIAL.clientSecret);

    await set(name);
    expect(await recordOf(name)).toMatchObject({
      permanentToken: expect.any(String),
      jwtCredential: null,
    });
  });

  test.each([
    ['no JSON', 'client-and-secret', '(it is not JSON)'],
    [
      'a credential without its secret',
      JSON.stringify({ ...JWT_CREDENTIAL, clientSecret: undefined }),
      '(clientSecret is missing)',
    ],
    [
      'a JWT that is none',
      JSON.stringify({ ...JWT_CREDENTIAL, jwt: 'abc' }),
      '(jwt is not of the form xxx.yyy.zzz)',
    ],
    [
      'more than that',
      JSON.stringify({ ...JWT_CREDENTIAL, server: 'secret-place' }),
      'expected JSON such as',
    ],
  ])('%s is no JWT credential: it says why, and not what was read', async (_what, stdin, message) => {
    const name = await newCompany();
    await set(name);
    const before = await recordOf(name);
    const { code, err } = await admin(['dialer', 'set', name, '--jwt-file', '-'], { stdin });
    expect([code, err]).toEqual([1, expect.stringContaining(message)]);
    for (const secret of [JWT_CREDENTIAL.clientSecret, JWT_CREDENTIAL.jwt, 'secret-place'])
      expect(err).not.toContain(secret);
    expect(await recordOf(name)).toEqual(before);
  });

  test('a token and a JWT credential at once are refused, as is a base URL that access tokens do not go to', async () => {
    const name = await newCompany();
    await set(name);
    const both = await set(name, '--jwt-file', 'credential.json');
    expect([both.code, both.err]).toEqual([2, expect.stringContaining('name --token-file or --jwt-file')]);
    await admin(['dialer', 'set', name, '--jwt-file', '-'], { stdin: JWT_FILE });
    const before = await recordOf(name);
    const moved = await admin(['dialer', 'set', name, '--base-url', 'https://example.com/voice/api']);
    expect([moved.code, moved.err]).toEqual([
      1,
      expect.stringContaining('access tokens are sent nowhere else'),
    ]);
    expect(await recordOf(name)).toEqual(before);
  });

  test('changes what is given, and leaves the rest as it was', async () => {
    const name = await newCompany();
    await set(name, '--upload-default', 'dialPriority=FIRST_PASS', '--upload-default', 'listState=INACTIVE');
    const before = await recordOf(name);
    await admin(['dialer', 'set', name, '--max-leads', '100', '--windows', '10/1s,60/60s']);
    await admin(['dialer', 'set', name, '--upload-default', 'listState=', '--on-unverifiable', 'resend']);
    expect(await recordOf(name)).toEqual({
      ...before,
      maxLeadsPerUpload: 100,
      uploadWindows: [
        { requests: 10, perMs: 1_000 },
        { requests: 60, perMs: 60_000 },
      ],
      uploadDefaults: { dialPriority: 'FIRST_PASS' },
      onUnverifiable: 'resend',
    });
    await admin(['dialer', 'set', name, '--windows', 'documented']);
    expect((await recordOf(name)).uploadWindows).toBeNull();
  });

  test('forwards, maps and writes phones as it is told, and shows so', async () => {
    const name = await newCompany();
    await set(name, '--forward', 'leadPriority, maxPasses,leadPriority', '--phone-format', 'e164');
    const maps = ['dialPriority.FIRST_PASS=IMMEDIATE', 'listState.INACTIVE=PAUSED'];
    const { out } = await admin(['dialer', 'set', name, ...maps.flatMap((map) => ['--map', map])]);
    expect(out).toMatch(/forwarded fields +leadPriority, maxPasses\n/);
    expect(out).toMatch(/mapped options +dialPriority.FIRST_PASS=IMMEDIATE, listState.INACTIVE=PAUSED\n/);
    expect(out).toMatch(/phone format +e164\n/);
    await admin(['dialer', 'set', name, '--map', 'dialPriority.FIRST_PASS=', '--max-leads', '10']);
    const leadSettings = {
      forward: ['leadPriority', 'maxPasses'],
      map: { 'listState.INACTIVE': 'PAUSED' },
      phoneFormat: 'e164',
    };
    const { data } = await admin(['dialer', 'show', name, '--json']);
    expect([data.dialer.leadSettings, (await recordOf(name)).leadSettings]).toEqual([
      leadSettings,
      leadSettings,
    ]);
    await admin(['dialer', 'set', name, '--forward', 'none', '--phone-format', 'national']);
    expect((await recordOf(name)).leadSettings).toEqual({
      ...leadSettings,
      forward: [],
      phoneFormat: 'national',
    });
  });

  test.each([
    [['--base-url', 'http://ringcx.example/voice/api'], 'must begin with https://'],
    [['--base-url', 'https://user:pass@ringcx.example/voice/api'], 'must not contain a user or password'],
    [['--base-url', 'https://ringcx.example/voice/api?token=1'], 'no "?" and no "#"'],
    [['--base-url', 'ringcx.example'], 'Expected a URL such as'],
    [['--family', 'five9'], 'Allowed choices are ringcx, newbridge'],
    [['--windows', '30 in 10s'], 'Expected windows such as 30/10s,120/60s'],
    [['--windows', '0/10s'], 'Expected windows such as 30/10s,120/60s'],
    [['--upload-default', 'dialPriority=SOON'], 'dialPriority: send one of IMMEDIATE, NORMAL'],
    [['--upload-default', 'callerId=5551234567'], 'Expected one of dialPriority'],
    [['--max-in-flight', '0'], 'a whole number from 1 to 64'],
    [['--on-unverifiable', 'guess'], 'Allowed choices are park, resend'],
    [['--forward', 'leadPriority,callerId'], 'Expected "none", or some of midName, suffix'],
    [['--forward', ''], 'Expected "none", or some of midName, suffix'],
    [['--map', 'dialPriority.SOON=IMMEDIATE'], 'Expected one of dialPriority.IMMEDIATE|NORMAL|FIRST_PASS'],
    [['--map', 'description.a=B'], 'Expected one of dialPriority.IMMEDIATE|NORMAL|FIRST_PASS'],
    [['--map', 'dialPriority.FIRST_PASS=now'], 'a word of the dialing system in capitals'],
    [['--map', 'dialPriority.FIRST_PASS'], 'a word of the dialing system in capitals'],
    [['--phone-format', 'E164'], 'Allowed choices are national, e164'],
  ])('takes nothing that would fail later: %j', async (argv, message) => {
    const name = await newCompany();
    const { code, err } = await set(name, ...argv);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
    expect((await admin(['dialer', 'show', name])).err).toContain('has no dialer');
  });

  test('a new dialer has to be whole, and a token to be one', async () => {
    const name = await newCompany();
    const unplaced = await admin(['dialer', 'set', name, '--family', 'ringcx']);
    expect([unplaced.code, unplaced.err]).toEqual([2, expect.stringContaining('needs its family, base URL')]);
    await set(name);
    const argv = ['dialer', 'set', name, '--token-file', '-'];
    const odd = await admin(argv, { stdin: 'no token\nat all' });
    expect([odd.code, odd.err]).toEqual([1, expect.stringContaining('This is not an API token')]);
  });

  test('does not move leads that are under way to an account where they would not be found', async () => {
    const company = await addCompany(system);
    const { leadId } = await openLead(company, 'UNKNOWN');
    const argv = ['dialer', 'set', company.id, '--account', '77'];
    expect(await admin(argv)).toMatchObject({
      code: 1,
      err: expect.stringContaining('1 lead may be on this account'),
    });
    expect(await admin([...argv.slice(0, 3), '--max-leads', '10'])).toMatchObject({ code: 0 });
    expect(await admin([...argv, '--force'])).toMatchObject({ code: 0 });
    await system.database.lead.delete({ where: { id: leadId } });
  });
});

describe('leads that may be on the account that a dialer leaves', () => {
  const parkedHere = (company: Company) => openLead(company, 'PARKED', 'OUTCOME_UNVERIFIABLE');
  const parkedOut = { code: 1, err: expect.stringContaining('0 under way, 1 parked') };

  test.each([
    ['another account', ['--account', '77']],
    ['another address', ['--base-url', 'http://127.0.0.1:1/voice/api']],
    ['another family', ['--family', 'newbridge']],
  ])('keep it there while a person has still to decide about them: %s', async (_to, argv) => {
    const company = await addCompany(system);
    await parkedHere(company);
    expect(await admin(['dialer', 'set', company.id, ...argv])).toMatchObject(parkedOut);
  });

  test('do not, if they are known not to be there', async () => {
    const company = await addCompany(system);
    await openLead(company, 'PARKED', 'DIALER_TOKEN_REFUSED');
    await openLead(company, 'QUEUED');
    expect(await admin(['dialer', 'set', company.id, '--account', '77'])).toMatchObject({ code: 0 });
  });

  test('are not sent again by a retry, once it was moved with --force', async () => {
    const company = await addCompany(system);
    const { leadId } = await parkedHere(company);
    await admin(['dialer', 'set', company.id, '--account', '77', '--force']);
    expect(await admin(['lead', 'retry', leadId])).toMatchObject({
      code: 1,
      err: expect.stringContaining('lead resolve'),
    });
    const { data } = await admin(['lead', 'retry', '--all', '--company', company.id, '--json']);
    expect(data).toMatchObject({ sentAgain: 0, askedAbout: 0, staying: 1 });
    expect(await stateOf(leadId)).toBe('PARKED');
  });

  test('are parked by the worker that would have asked the other account', async () => {
    const company = await addCompany(system);
    const { leadId } = await openLead(company, 'UNKNOWN');
    await admin(['dialer', 'set', company.id, '--account', '77', '--force']);
    await waitFor(async () => (await admin(['dialer', 'show', company.id])).out.includes('77'));
    await system.database.lead.update({ where: { id: leadId }, data: { dueAt: new Date(0) } });
    await waitFor(async () => (await stateOf(leadId)) === 'PARKED', { timeoutMs: 60_000 });
    expect((await simulator(system, `/leads?externId=${leadId}`)).total).toBe(0);
  });

  test('are asked about under another address of the same account', async () => {
    const company = await addCompany(system);
    const { leadId } = await parkedHere(company);
    const baseUrl = `${simulatedBaseUrl(system).replace('127.0.0.1', 'localhost')}`;
    await admin(['dialer', 'set', company.id, '--base-url', baseUrl, '--force']);
    expect(await admin(['lead', 'retry', leadId])).toMatchObject({ code: 0 });
    const { sentTo } = await system.database.lead.findUniqueOrThrow({ where: { id: leadId } });
    expect(sentTo).toContain('localhost');
    await waitFor(async () => (await stateOf(leadId)) === 'ACCEPTED', { timeoutMs: 60_000 });
    expect((await simulator(system, `/leads?externId=${leadId}`)).total).toBe(1);
  });
});

describe('dialer test', () => {
  test('gets its permit while workers ask as often as they may', async () => {
    const company = await addCompany(system);
    const dialer = await findDialerOf(system.database, company.id);
    if (dialer === null) throw new Error('There is no dialer.');
    const requests = connectRedis(redis.url, 'requests', () => undefined);
    try {
      const permits = createPermits(requests, 'read-back');
      const bucket = bucketFor([
        { requests: 15, perMs: 10_000 },
        { requests: 60, perMs: 30_000 },
      ]);
      await waitFor(async () => (await permits.take(dialerAddress(dialer), bucket, 1)).kind === 'granted');
      expect((await permits.take(dialerAddress(dialer), bucket, 1)).kind).toBe('wait');
      await waitFor(async () => (await permits.take(dialerAddress(dialer), bucket, 1)).kind === 'granted');
      expect((await permits.take(dialerAddress(dialer), bucket)).kind).toBe('granted');
    } finally {
      requests.disconnect();
    }
  });

  test('says that it works, and loads nothing', async () => {
    const name = await newCompany();
    await set(name);
    const { total } = await simulator(system, '/leads');
    const { code, out } = await admin(['dialer', 'test', name]);
    expect([code, out]).toEqual([0, expect.stringContaining('works')]);
    expect((await simulator(system, '/leads')).total).toBe(total);
  });

  test.each([
    [{ kind: 'status', status: 401 }, 'the token was refused (HTTP 401)'],
    [{ kind: 'status', status: 404 }, 'there is no such account'],
    [{ kind: 'status', status: 429, retryAfter: 7 }, 'try again in 7 s'],
    [
      { kind: 'malformed', form: 'html' },
      'it responds, but not like a dialing system: HTTP 200 with an unreadable body',
    ],
  ])('says what is wrong: %j', async (fault, message) => {
    const name = await newCompany();
    await set(name);
    await misbehave(system, { rules: [{ on: 'readBack', fault }] });
    const { code, out } = await admin(['dialer', 'test', name]);
    expect([code, out]).toEqual([1, expect.stringContaining(message)]);
  });

  test.each([
    [
      'signIn',
      { kind: 'status', status: 400, body: { error: 'invalid_grant' } },
      'the credential was refused (signing in was refused: HTTP 400, invalid_grant)',
    ],
    [
      'exchange',
      { kind: 'status', status: 401 },
      'the credential was refused (signing in was refused: HTTP 401)',
    ],
    ['exchange', { kind: 'status', status: 429, retryAfter: 7 }, 'it asked to slow down'],
    ['exchange', { kind: 'page', status: 403 }, 'it cannot be reached: no access token: HTTP 403'],
    [
      'readBack',
      { kind: 'status', status: 401, body: 'Jwt is expired' },
      'the credential was refused (HTTP 401)',
    ],
  ])('signs in anew with a JWT credential, and says what is wrong: %s, %j', async (on, fault, message) => {
    const name = await newCompany();
    await set(name);
    const stdin = JSON.stringify({
      ...JWT_CREDENTIAL,
      clientId: name.replaceAll(' ', '-'),
      jwt: `${names}.b.c`,
    });
    await admin(['dialer', 'set', name, '--jwt-file', '-'], { stdin });
    const works = await admin(['dialer', 'test', name]);
    expect([works.code, works.out]).toEqual([0, expect.stringContaining('It let this credential sign in')]);
    await misbehave(system, { rules: [{ on, fault }] });
    const { code, out } = await admin(['dialer', 'test', name]);
    expect([code, out]).toEqual([1, expect.stringContaining(message)]);
  });

  test('says that nobody listens there', async () => {
    const name = await newCompany();
    await set(name, '--base-url', 'http://127.0.0.1:1/voice/api');
    const { code, out, data } = await admin(['dialer', 'test', name, '--json']);
    expect([code, data]).toMatchObject([1, { kind: 'unreachable', reason: 'connection refused' }]);
    expect(out).not.toContain(TOKEN);
  });

  test('says that the token is missing, or sealed with a key that is gone', async () => {
    const company = await addCompany(system);
    const where = { id: company.dialerId };
    await system.database.dialer.update({
      where,
      data: { permanentToken: 'v1.gone.AAAAAAAAAAAAAAAA.AA.AAAAAAAAAAAAAAAAAAAAAA' },
    });
    expect((await admin(['dialer', 'test', company.id])).err).toContain('SEAL_KEY_UNKNOWN');
    await system.database.dialer.update({ where, data: { permanentToken: null } });
    expect((await admin(['dialer', 'test', company.id])).err).toContain('has no API token');
  });
});

describe('dialer hold and release', () => {
  test('a held dialer is sent nothing, says why, and goes on when it is released', async () => {
    const company = await addCompany(system);
    await admin(['dialer', 'hold', company.id, '--for', '1h', '--reason', 'maintenance']);
    const { body } = await post(system, leadNumber(2, company.campaignId), {
      key: company.key,
      headers: asynchronously,
    });
    const { out, data } = await admin(['dialer', 'show', company.id, '--json']);
    expect(data).toMatchObject({
      standing: { reason: 'ops', note: 'maintenance' },
      leads: { QUEUED: 1 },
      queue: { paused: false },
    });
    expect(out).not.toContain('permanentToken');
    expect((await admin(['dialer', 'show', company.id])).out).toMatch(
      /held +until .*: by ops \(maintenance\)/,
    );
    expect((await admin(['dialer', 'release', company.id])).out).toContain('was held (ops), and sends again');
    await waitFor(async () => (await stateOf(body.leadId)) === 'ACCEPTED');
  });

  test('a release lifts a pause as well, and says so where there was nothing to lift', async () => {
    const company = await addCompany(system);
    await (await queues.of(company)).pause();
    expect((await admin(['dialer', 'release', company.id])).out).toContain('was paused, and sends again');
    expect((await admin(['dialer', 'release', company.id])).out).toContain('was neither held nor paused');
  });
});

describe('dialer drain', () => {
  test('does nothing without --yes but tell how much it would give back', async () => {
    const company = await addCompany(system);
    const { leadId } = await openLead(company, 'QUEUED');
    const { code, err } = await admin(['dialer', 'drain', company.id]);
    expect([code, err]).toEqual([1, expect.stringContaining('now 1 promised lead. Add --yes')]);
    expect(await (await queues.of(company)).isPaused()).toBe(false);
    await system.database.lead.delete({ where: { id: leadId } });
  });

  test('gives back all that was promised and not sent, whose jobs go as well, and leaves the dialer paused', async () => {
    const company = await addCompany(system);
    await admin(['dialer', 'hold', company.id, '--for', '1h', '--reason', 'until drained']);
    const posted = await Promise.all([1, 2, 3].map((n) => submit(system, company, n, asynchronously)));
    const { code, data } = await admin(['dialer', 'drain', company.id, '--yes', '--wait', '30s', '--json']);
    expect([code, data]).toMatchObject([0, { givenBack: 3, drained: true }]);
    for (const { body } of posted) expect(await stateOf(body.leadId)).toBe('ABANDONED');
    const queue = await queues.of(company);
    expect([await queue.isPaused(), await queue.getJobCounts('wait', 'delayed', 'active')]).toMatchObject([
      true,
      { wait: 0, delayed: 0, active: 0 },
    ]);
  });

  test('waits for a caller who still waits: the lead is promised at the deadline, and given back', async () => {
    const company = await addCompanyWithoutPermits(system, queues);
    const asking = submit(system, company, 4);
    await waitFor(async () => (await (await queues.of(company)).getJobCounts('wait'))['wait']);
    const { code, data } = await admin(['dialer', 'drain', company.id, '--yes', '--json']);
    const answer = await asking;
    expect([code, data]).toMatchObject([0, { givenBack: 1, left: { awaited: 0 } }]);
    expect(answer.status).toBe(504);
    expect(await stateOf(answer.body.leadId)).toBe('ABANDONED');
  });

  test('gives back a lead that is promised while it looks', async () => {
    const company = await addCompanyWithoutPermits(system, queues);
    const job = leadJobOf(system, company, '5551234567', 60_000);
    await queues.producer.add(job);
    let looks = 0;
    const promising = system.database.$extends({
      query: {
        async $queryRaw({ args, query }) {
          const found = await query(args);
          if (args.sql.includes('FROM leads')) looks += 1;
          // What there was has been given back, and it has looked once at what is left.
          if (looks === 2) await openLead(company, 'QUEUED', null, job);
          return found;
        },
      },
    });
    const resources = { database: promising, redis: async () => queues.redis } as unknown as Resources;
    const session = { actor: theUser('somebody'), resources };
    const data = await perform(session, dialerDrain, { company: company.id, waitMs: 60_000 });
    expect(data).toMatchObject({ givenBack: 1, drained: true });
    expect(await stateOf(job.leadId)).toBe('ABANDONED');
  });

  test('tells what stays under way when the time is over, and fails', async () => {
    const company = await addCompany(system);
    const { leadId } = await openLead(company, 'UNKNOWN');
    const { code, data, err } = await admin([
      'dialer',
      'drain',
      company.id,
      '--yes',
      '--wait',
      '0s',
      '--json',
    ]);
    expect([code, err, data]).toMatchObject([1, '', { drained: false, left: { unknown: 1 } }]);
    await system.database.lead.delete({ where: { id: leadId } });
  });
});

async function stateOf(leadId: string): Promise<string | undefined> {
  return (await system.database.lead.findUnique({ where: { id: leadId } }))?.state;
}

/** A promised lead's row without a job, which nobody touches for a while. */
async function openLead(
  company: Company,
  state: 'QUEUED' | 'UNKNOWN' | 'PARKED',
  reason: string | null = null,
  job = leadJobOf(system, company, '5551234567', 60_000),
) {
  const { leadId, dialerId, companyId, campaignId, payload, phoneDigest, phoneLast2, ...times } = job;
  await system.database.lead.create({
    data: {
      ...{
        id: leadId,
        companyId,
        dialerId,
        campaignId,
        payload,
        phoneDigest,
        phoneLast2,
        state,
        reason,
        promised: true,
      },
      receivedAt: new Date(),
      deadline: new Date(times.deadlineMs),
      expiresAt: new Date(times.expiresAtMs),
      dueAt: new Date(times.expiresAtMs),
    },
  });
  return { leadId };
}
