import { newId } from '@live-feed/core/ids';
import {
  activateAnis,
  capAnis,
  changePool,
  flagAnis,
  pauseAnis,
  removeAnis,
} from '@live-feed/database/caller-ids/ani-changes';
import { type AniRow, importAnis } from '@live-feed/database/caller-ids/ani-import';
import {
  aniStats,
  listAnis,
  setAniRules,
  usesByAreaCode,
} from '@live-feed/database/caller-ids/ani-inventory';
import type { Database } from '@live-feed/database/connection/client';
import { aniCapsUsed } from '@live-feed/database/directory/dialer-figures';
import { intend } from '@live-feed/database/leads/intend';
import { settle } from '@live-feed/database/leads/lead-transitions';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectDatabase, useDatabase } from '../../kit/services/database.ts';
import { ATTEMPT_TIMES, leadOf, SENT_TO, settlementOf } from '../leads/leads.ts';

const DAY_MS = 86_400_000;

const server = useDatabase();
let database: Database;
let companyId: string;

beforeAll(() => {
  database = connectDatabase(server.url, 4);
});
afterAll(() => database?.$disconnect());

beforeEach(async () => {
  companyId = await addCompany();
});

async function addCompany(): Promise<string> {
  const id = newId();
  const campaigns = { create: ['77', '78'].map((campaignId) => ({ id: newId(), campaignId })) };
  await database.company.create({ data: { id, name: id, campaigns } });
  return id;
}

let last = 2_062_000_000;
const newPhone = () => String(++last);
const rows = (phones: readonly string[]): AniRow[] =>
  phones.map((phone, index) => ({ line: index + 2, phone }));
const all = (company = companyId) => listAnis(database, company, { limit: 100 });

describe('an import', () => {
  test('reads numbers as leads’ phones are read, and tells row by row what is wrong', async () => {
    const [phone, other, taken] = [newPhone(), newPhone(), newPhone()];
    await importAnis(database, await addCompany(), rows([taken]));
    const imported = await importAnis(database, companyId, [
      { line: 2, phone: `+1 (${phone.slice(0, 3)}) ${phone.slice(3, 6)}-${phone.slice(6)}` },
      { line: 3, phone: '12345' },
      { line: 4, phone },
      { line: 5, phone: taken },
      { line: 6, phone: newPhone(), dailyCap: -1 },
      { line: 7, phone: newPhone(), dailyCap: 1.5 },
      { line: 8, phone: newPhone(), pools: ['77', '79'] },
      { line: 9, phone: other, dailyCap: 10, pools: ['78', '77'] },
    ]);
    expect(imported).toEqual({
      added: 2,
      known: 0,
      changed: 0,
      errors: [
        { line: 3, value: '12345', problem: expect.stringContaining('10 digits') },
        { line: 4, value: phone, problem: 'The number is in line 2 already.' },
        { line: 5, value: taken, problem: 'The number belongs to another company.' },
        { line: 6, value: '-1', problem: expect.stringContaining('daily cap') },
        { line: 7, value: '1.5', problem: expect.stringContaining('daily cap') },
        { line: 8, value: '79', problem: 'The company has no such campaign.' },
      ],
    });
    expect(await all()).toMatchObject([
      { phone, status: 'ACTIVE', dailyCap: null, cap: 75, usedToday: 0, coolingUntil: null, pools: [] },
      { phone: other, dailyCap: 10, cap: 10, pools: ['77', '78'] },
    ]);
  });

  test('made again changes nothing, but for what it says', async () => {
    const [paused, capped] = [newPhone(), newPhone()];
    const file: AniRow[] = [
      { line: 2, phone: paused, pools: ['77'] },
      { line: 3, phone: capped, dailyCap: 5 },
    ];
    await importAnis(database, companyId, file);
    await pauseAnis(database, companyId, [paused]);
    const before = await all();
    expect(await importAnis(database, companyId, file)).toEqual({
      added: 0,
      known: 2,
      changed: 0,
      errors: [],
    });
    expect(await all()).toEqual(before);
    const changes: AniRow[] = [
      { line: 2, phone: paused, dailyCap: 9, pools: ['78'] },
      { line: 3, phone: capped, dailyCap: null },
      { line: 4, phone: newPhone() },
    ];
    const told = { added: 1, known: 2, changed: 2, errors: [] };
    expect(await importAnis(database, companyId, changes, { dryRun: true })).toEqual(told);
    expect(await all()).toEqual(before);
    expect(await importAnis(database, companyId, changes)).toEqual(told);
    expect(await importAnis(database, companyId, changes)).toEqual({
      ...told,
      added: 0,
      known: 3,
      changed: 0,
    });
    expect(await all()).toMatchObject([
      { status: 'PAUSED', dailyCap: 9, pools: ['77', '78'] },
      { dailyCap: null, cap: 75 },
      { pools: [] },
    ]);
  });

  test('of more rows than one batch is whole, and says how far it is', async () => {
    const file = rows(Array.from({ length: 2_500 }, newPhone));
    const progress: number[] = [];
    const imported = await importAnis(database, companyId, [...file, { line: 9, phone: 'x' }], {
      onProgress: (done) => progress.push(done),
    });
    expect(imported).toMatchObject({ added: 2_500, errors: [{ line: 9 }] });
    expect(progress.at(-1)).toBe(2_501);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  });

  test('twice at once adds every number once', async () => {
    const file = rows(Array.from({ length: 1_500 }, newPhone));
    const both = await Promise.all([0, 1].map(() => importAnis(database, companyId, file)));
    expect(both.map(({ errors }) => errors)).toEqual([[], []]);
    expect(both.reduce((sum, { added }) => sum + added, 0)).toBe(1_500);
  });
});

test('the list comes in pages, and knows no other company', async () => {
  const phones = Array.from({ length: 5 }, newPhone);
  await importAnis(database, companyId, rows(phones.toReversed()));
  await importAnis(database, await addCompany(), rows([newPhone()]));
  const first = await listAnis(database, companyId, { limit: 3 });
  const rest = await listAnis(database, companyId, { after: first.at(-1)?.phone, limit: 3 });
  expect([...first, ...rest].map(({ phone }) => phone)).toEqual(phones);
});

describe('an ANI', () => {
  test('is paused, flagged and activated by its own company only', async () => {
    const phone = newPhone();
    await importAnis(database, companyId, rows([phone]));
    const other = await addCompany();
    const changes = [
      (company: string) => pauseAnis(database, company, [phone]),
      (company: string) => flagAnis(database, company, [phone], 30 * DAY_MS),
      (company: string) => activateAnis(database, company, [phone]),
    ];
    for (const change of changes) expect(await change(other)).toEqual([]);
    expect(await all()).toMatchObject([{ status: 'ACTIVE', flaggedAt: null }]);
    for (const change of changes.slice(0, 2)) expect(await change(companyId)).toEqual([phone]);
    const [flagged] = await all();
    expect(flagged).toMatchObject({ status: 'PAUSED', flaggedAt: expect.any(Date) });
    const days = (Number(flagged?.coolingUntil) - Number(flagged?.flaggedAt)) / 86_400_000;
    expect(days).toBe(30);
    await activateAnis(database, companyId, [phone]);
    expect(await all()).toMatchObject([
      { status: 'ACTIVE', coolingUntil: null, flaggedAt: expect.any(Date) },
    ]);
  });
});

describe('what the table of numbers is filtered by', () => {
  test('each ANI has one standing, by which it is found, and counted in its area code', async () => {
    const [free = '', atCap = '', cooling = '', paused = ''] = [
      newPhone(),
      newPhone(),
      newPhone(),
      newPhone(),
    ].sort();
    await importAnis(database, companyId, rows([free, atCap, cooling, paused]));
    await capAnis(database, companyId, [atCap], 0);
    await flagAnis(database, companyId, [cooling], DAY_MS);
    await pauseAnis(database, companyId, [paused]);
    for (const [standing, phone] of [
      ['free', free],
      ['at_cap', atCap],
      ['cooling', cooling],
      ['paused', paused],
    ] as const) {
      expect(await listAnis(database, companyId, { standing, limit: 10 })).toMatchObject([
        { phone, standing },
      ]);
    }
    expect(await listAnis(database, companyId, { flagged: true, limit: 10 })).toMatchObject([
      { phone: cooling },
    ]);
    const areaCodes = await usesByAreaCode(database, companyId);
    expect(areaCodes.reduce((sum, { anis }) => sum + anis, 0)).toBe(4);
    const [one] = await usesByAreaCode(database, companyId);
    const there = await listAnis(database, companyId, { areaCodes: [one?.areaCode ?? ''], limit: 10 });
    expect(there).toHaveLength(one?.anis ?? 0);
    expect(await listAnis(database, companyId, { areaCodes: [], limit: 10 })).toEqual([]);
  });
});

describe('pools', () => {
  test('take and lose numbers of the company only, and say when the last is gone', async () => {
    const [first, second, foreign] = [newPhone(), newPhone(), newPhone()];
    await importAnis(database, companyId, rows([first, second]));
    await importAnis(database, await addCompany(), rows([foreign]));
    const change = (add: string[], remove: string[]) =>
      changePool(database, companyId, '77', { add, remove });
    expect(await change([first, foreign], [])).toEqual({ added: [first], removed: [], size: 1 });
    expect(await change([second, first], [])).toEqual({ added: [second], removed: [], size: 2 });
    expect(await listAnis(database, companyId, { pool: '77', limit: 10 })).toHaveLength(2);
    expect(await change([], [first, second, foreign])).toMatchObject({
      removed: [first, second].sort(),
      size: 0,
    });
    expect(await changePool(database, companyId, 'none', { add: [first], remove: [] })).toBeUndefined();
  });

  test('lose a number that is removed', async () => {
    const [gone, kept] = [newPhone(), newPhone()];
    await importAnis(database, companyId, rows([gone, kept]));
    await changePool(database, companyId, '78', { add: [gone, kept], remove: [] });
    expect(await removeAnis(database, await addCompany(), [gone])).toEqual([]);
    expect(await removeAnis(database, companyId, [gone])).toEqual([gone]);
    expect(await listAnis(database, companyId, { limit: 10 })).toMatchObject([
      { phone: kept, pools: ['78'] },
    ]);
  });
});

test('the rules of a company change one by one, and only to what can be', async () => {
  const readRules = () =>
    database.company.findUniqueOrThrow({
      where: { id: companyId },
      select: { aniDailyCap: true, timeZone: true, whenNoAni: true },
    });
  await setAniRules(database, companyId, { dailyCap: 50 });
  await setAniRules(database, companyId, { timeZone: 'America/Denver', whenNone: 'reject' });
  const rules = { aniDailyCap: 50, timeZone: 'America/Denver', whenNoAni: 'reject' };
  expect(await readRules()).toEqual(rules);
  await expect(setAniRules(database, companyId, { timeZone: 'Mars/Olympus' })).rejects.toThrow('time zone');
  await expect(setAniRules(database, companyId, { dailyCap: -1 })).rejects.toThrow('ani_daily_cap');
  expect(await readRules()).toEqual(rules);
});

test('the figures of the day are those of the leads that were sent', async () => {
  const [busy, idle, paused] = [newPhone(), newPhone(), newPhone()];
  await importAnis(database, companyId, [
    { line: 2, phone: busy, dailyCap: 2 },
    { line: 3, phone: idle, dailyCap: 10 },
    { line: 4, phone: paused },
  ]);
  await pauseAnis(database, companyId, [paused]);
  await flagAnis(database, companyId, [idle], 1 * DAY_MS);
  const destination = { companyId, dialerId: newId(), campaignId: '77' };
  const jobs = Array.from({ length: 3 }, () => leadOf(destination));
  // The third finds none left.
  const leads = jobs.map((job, index) => ({
    job,
    toCall: { phone: index === 0 ? '2065550100' : '2125550100' },
  }));
  await intend(database, ATTEMPT_TIMES, [{ id: newId(), ...destination, sentTo: SENT_TO, leads }]);
  await settle(
    database,
    jobs.slice(1, 2).map((job) => settlementOf(job, 'reject')),
  );
  await activateAnis(database, companyId, [idle]);
  const stats = await aniStats(database, companyId, Date.now());
  expect(stats).toMatchObject({ anis: 3, usable: 2, used: 1, capacity: 12, atCap: 0 });
  expect(stats?.tiers).toEqual([{ tier: 'area_code', leads: 1 }]);
  expect((await all()).map(({ phone, usedToday }) => [phone, usedToday])).toEqual([
    [busy, 1],
    [idle, 0],
    [paused, 0],
  ]);
  expect(await aniStats(database, newId(), Date.now())).toBeUndefined();

  const [dialerId, none] = [newId(), newId()];
  const dialer = { family: 'ringcx', baseUrl: 'https://example.test', accountId: '1' };
  await database.dialer.create({ data: { id: dialerId, companyId, ...dialer } });
  await database.dialer.create({ data: { id: none, companyId: await addCompany(), ...dialer } });
  // Of an ANI that is paused nothing can be used.
  expect(await aniCapsUsed(database, [dialerId, none])).toEqual(new Map([[dialerId, 1 / 12]]));
});
