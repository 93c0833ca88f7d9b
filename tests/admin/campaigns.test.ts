import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leadNumber, misbehave, post, simulator } from '../kit/http/client.ts';
import { untilAdmitted } from '../kit/leads/lead-effects.ts';
import { type Admin, adminOf } from '../kit/processes/admin.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { addCompany, CLOSED_PORT, type Company, type CompanyOptions } from '../kit/system/company.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';

const server = useDatabase();
const redis = useRedis();
let system: System;
const lines: string[] = [];
const admin: Admin = (argv, input) => adminOf(() => system.environment)(argv, input);

beforeAll(async () => {
  const onLog = (line: string) => void lines.push(line);
  system = await startSystem({ databaseUrl: server.url, redisUrl: redis.url, workers: 2, onLog });
});
afterAll(() => system?.stop());

const campaign = (campaignId: string, name = `Campaign ${campaignId}`) => ({
  ...{ campaignId, name, dialGroup: 'Outbound' },
});

/** A company with one campaign of its own, added by hand, whose account is its campaign's id. */
const newCompany = (options: CompanyOptions = {}) => addCompany(system, options);

/** What the dialing system has from now on, for a company. */
async function have({ campaignId: accountId }: Company, ...campaigns: object[]): Promise<void> {
  await simulator(system, '/campaigns', { method: 'PUT', body: JSON.stringify({ accountId, campaigns }) });
}

async function known({ id }: Company) {
  const { data } = await admin(['campaign', 'list', id, '--json']);
  return Object.fromEntries(
    data.map((each: { campaignId: string; name: string | null; ended: boolean }) => [
      each.campaignId,
      each.ended ? `${each.name} (ended)` : each.name,
    ]),
  );
}

const sync = (company: Company, ...more: string[]) => admin(['campaign', 'sync', company.id, ...more]);

describe('campaign sync', () => {
  test('adds new campaigns with their names, renames, marks those that ended, and keeps what was added by hand', async () => {
    const company = await newCompany();
    const { campaignId: byHand } = company;
    await have(company, campaign('1'), campaign('2'), campaign('3'));
    expect(await sync(company)).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /lists 3 campaigns.*\nAdded 3 campaigns: 1 \(Campaign 1\), 2 .*\nAdded by hand and not listed there, so left alone: \d+\./,
      ),
    });
    expect(await known(company)).toEqual({
      1: 'Campaign 1',
      2: 'Campaign 2',
      3: 'Campaign 3',
      [byHand]: null,
    });
    await have(company, campaign('1', 'Renamed'), campaign('2'), campaign(byHand, 'Ours'));
    expect((await sync(company)).out).toMatch(/Named 2 campaigns: .*Renamed.*\nMarked as ended: 3\./);
    expect(await known(company)).toEqual({
      ...{ 1: 'Renamed', 2: 'Campaign 2', 3: 'Campaign 3 (ended)', [byHand]: 'Ours' },
    });
    await have(company, campaign('3'));
    const back = await sync(company, '--json');
    expect(back.data).toMatchObject({ ended: ['1', '2'], notListed: [byHand], returned: [campaign('3')] });
    expect(await known(company)).toMatchObject({ 3: 'Campaign 3', [byHand]: 'Ours' });
    expect((await sync(company)).out).toContain('Nothing has changed.');
  });

  test('a new campaign takes a lead, and one that has ended still does: the dialing system decides', async () => {
    const company = await newCompany();
    await have(company, campaign('51'), campaign('52'));
    await sync(company);
    await have(company, campaign('52'));
    await sync(company);
    for (const [n, id] of ['51', '52'].entries()) {
      const answer = await untilAdmitted(() => post(system, leadNumber(n, id), { key: company.key }));
      expect(answer.status).toBe(200);
    }
  });

  test('an ended one that a person adds is not ended, and never will be', async () => {
    const company = await newCompany();
    await have(company, campaign('1'), campaign('2'));
    await sync(company);
    await have(company, campaign('2'));
    await sync(company);
    await admin(['campaign', 'add', company.id, '1']);
    expect((await sync(company, '--json')).data).toMatchObject({
      ended: [],
      notListed: ['1', company.campaignId].sort(),
    });
    expect(await known(company)).toMatchObject({ 1: 'Campaign 1' });
  });

  test('--dry-run says what would change, and changes nothing', async () => {
    const company = await newCompany();
    await have(company, campaign('1'));
    const { code, out } = await sync(company, '--dry-run');
    expect([code, out]).toEqual([0, expect.stringContaining('Would add 1 campaign: 1 (Campaign 1).')]);
    expect(await known(company)).toEqual({ [company.campaignId]: null });
    expect(await sync(company, '--dry-run', '--every', '15m')).toMatchObject({ code: 2 });
  });

  test.each<[string, object, string]>([
    ['a failure', { kind: 'status', status: 500 }, 'it responds, but not like a dialing system: HTTP 500'],
    ['another shape', { kind: 'malformed', form: 'otherShape' }, 'unreadable body'],
    ['a refused token', { kind: 'status', status: 401 }, 'the token was refused'],
  ])('%s changes no campaign, and says so', async (_case, fault, said) => {
    const company = await newCompany();
    await have(company, campaign('1'));
    await sync(company);
    await have(company, campaign('2'));
    await misbehave(system, {
      rules: [{ on: 'campaigns', match: { accountId: company.campaignId }, fault }],
    });
    const { code, out } = await sync(company);
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(new RegExp(`${said}.* No campaign was changed\\.`)),
    ]);
    await misbehave(system, {});
    expect(await known(company)).toEqual({ 1: 'Campaign 1', [company.campaignId]: null });
  });

  test('an empty list is believed of an account without campaigns only', async () => {
    const company = await newCompany();
    await have(company, campaign('1'));
    await sync(company);
    await have(company);
    expect((await sync(company)).out).toContain('Nothing was marked as ended: the list is empty.');
    expect(await known(company)).toMatchObject({ 1: 'Campaign 1' });
  });

  test('part of a list adds what it has, and ends nothing', async () => {
    const company = await newCompany();
    await have(company, campaign('1'));
    await sync(company);
    await have(company, campaign('2'));
    const odd = {
      kind: 'verbatim',
      body: '[{"campaigns":[{"campaignId":2,"campaignName":"Two"},{"campaignId":null}]}]',
    };
    await misbehave(system, {
      rules: [{ on: 'campaigns', match: { accountId: company.campaignId }, fault: odd }],
    });
    expect((await sync(company)).out).toContain('1 of its entries could not be read');
    await misbehave(system, {});
    expect(await known(company)).toMatchObject({ 1: 'Campaign 1', 2: 'Two' });
  });

  test('a dialing system that cannot list them is named, with what to do', async () => {
    const company = await newCompany({ family: 'newbridge' });
    for (const more of [[], ['--every', '15m']]) {
      expect(await sync(company, ...more)).toMatchObject({
        code: 1,
        err: expect.stringContaining('NewBridge cannot be asked for its campaigns. Add them by hand:'),
      });
    }
    expect(await system.database.campaignSync.count({ where: { dialerId: company.dialerId } })).toBe(0);
  });
});

describe('workers', () => {
  /** Due now, whatever its schedule is. */
  const hurry = ({ dialerId }: Company) =>
    system.database.campaignSync.update({ where: { dialerId }, data: { dueAt: new Date(0) } });

  const turnOf = ({ dialerId }: Company) => system.database.campaignSync.findUnique({ where: { dialerId } });

  const listRequests = async () => (await simulator(system, '/stats')).requests.campaigns as number;

  test('read them by themselves where that is on, once a turn, and not where it is off', async () => {
    const [on, off] = [await newCompany(), await newCompany()];
    for (const company of [on, off]) {
      await have(company, campaign('61'));
      await sync(company, ...(company === on ? ['--every', '1d'] : []));
      await have(company, campaign('61'), campaign('62'));
    }
    await hurry(on);
    const { everyMs, dueAt } = await waitFor(async () => {
      const turn = await turnOf(on);
      return turn?.syncedAt == null ? undefined : turn;
    });
    expect([await known(on), await turnOf(on)]).toMatchObject([{ 62: 'Campaign 62' }, { failure: null }]);
    expect(await known(off)).not.toHaveProperty('62');
    // A tenth more or less, so that many dialers do not come together.
    expect(Math.abs((dueAt.getTime() - Date.now()) / everyMs - 1)).toBeLessThan(0.11);
    expect((await sync(on, '--every', 'off')).out).toContain('are not read by workers any more');
    expect(await system.database.campaignSync.count({ where: { dialerId: on.dialerId } })).toBe(0);
  });

  test('two of them that see the same turn read once', async () => {
    const company = await newCompany();
    await have(company, campaign('71'));
    await sync(company, '--every', '1d');
    const before = await listRequests();
    await have(company, campaign('71'), campaign('72'));
    await hurry(company);
    await waitFor(async () => '72' in (await known(company)));
    // A list of one page costs two requests: the second page is empty.
    expect((await listRequests()) - before).toBe(2);
  });

  test('a failure is logged and kept, delays no lead, and is over at the next turn', async () => {
    const company = await newCompany();
    await have(company, campaign('81'));
    await sync(company, '--every', '1d');
    const match = { accountId: company.campaignId };
    await misbehave(system, { rules: [{ on: 'campaigns', match, fault: { kind: 'hang' } }] });
    await hurry(company);
    const answer = await untilAdmitted(() =>
      post(system, leadNumber(1, company.campaignId), { key: company.key }),
    );
    expect(answer.status).toBe(200);
    await waitFor(async () => (await turnOf(company))?.failure === 'no answer within 1 s');
    expect(
      lines.some((line) => line.includes('campaigns could not be read') && line.includes(company.id)),
    ).toBe(true);
    await misbehave(system, {});
    await have(company, campaign('81'), campaign('82'));
    await hurry(company);
    await waitFor(async () => '82' in (await known(company)));
    await waitFor(async () => (await turnOf(company))?.failure === null);
  });

  test('a dialing system that is away, and a family that has no list, are failures of their own', async () => {
    const away = await newCompany({ baseUrl: CLOSED_PORT });
    const newBridge = await newCompany({ family: 'newbridge' });
    for (const { dialerId } of [away, newBridge]) {
      await system.database.campaignSync.create({ data: { dialerId, everyMs: 86_400_000 } });
    }
    await waitFor(async () => (await turnOf(away))?.failure === 'connection refused');
    await waitFor(async () => (await turnOf(newBridge))?.failure?.includes('cannot be listed') === true);
  });
});
