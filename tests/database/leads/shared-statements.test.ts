import { systemClock } from '@live-feed/core/clock';
import { newId } from '@live-feed/core/ids';
import type { Database } from '@live-feed/database/connection/client';
import { type IntendedLead, type IntendedUpload, intend } from '@live-feed/database/leads/intend';
import { createIntents } from '@live-feed/database/leads/intents';
import type { LeadRow } from '@live-feed/database/leads/lead-rows';
import { type Settlement, settle } from '@live-feed/database/leads/lead-transitions';
import { createOutcomes, type UploadOutcome } from '@live-feed/database/leads/outcomes';
import { promise } from '@live-feed/database/leads/promise';
import { seededRandom } from '@live-feed/tools/seeded-random';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectDatabase, useDatabase } from '../../kit/services/database.ts';
import { ATTEMPT_TIMES, leadOf, promiseOne, SENT_TO, settlementOf } from './leads.ts';

/** Uploads of several companies share statements: what becomes of a lead must not depend on it, nor on another company's trouble. */

const server = useDatabase();
let database: Database;
/** As a worker's: it waits only a moment for a locked row. */
let impatient: Database;

beforeAll(() => {
  database = connectDatabase(server.url, 4);
  impatient = connectDatabase(server.url, 4, { lockTimeoutMs: 100 });
});
afterAll(async () => {
  await database?.$disconnect();
  await impatient?.$disconnect();
});

type Company = Pick<IntendedUpload, 'companyId' | 'dialerId' | 'campaignId'>;

let nextPhone = 3_000;

async function addCompany({
  anis = 3,
  aniDailyCap = 2,
  whenNoAni = 'campaign_default',
} = {}): Promise<Company> {
  const companyId = newId();
  const phones = Array.from({ length: anis }, () => ({
    id: newId(),
    phone: String(2_062_000_000 + nextPhone++),
  }));
  await database.company.create({
    data: { id: companyId, name: companyId, aniDailyCap, whenNoAni, anis: { create: phones } },
  });
  return { companyId, dialerId: newId(), campaignId: '77' };
}

const leadsOf = (company: Company, count = 1): IntendedLead[] =>
  Array.from({ length: count }, () => ({ job: leadOf(company), toCall: { phone: '2065550100' } }));

const uploadOf = (company: Company, leads: readonly IntendedLead[]): IntendedUpload => ({
  id: newId(),
  ...company,
  sentTo: SENT_TO,
  leads,
});

const outcomeOf = (
  { companyId, leads }: IntendedUpload,
  transition: Settlement['transition'] = 'accept',
): UploadOutcome => ({
  companyId,
  settlements: leads.map(({ job }) => settlementOf(job, transition)),
  record: undefined,
});

const states = (rows: readonly LeadRow[]) => rows.map(({ state }) => state);

describe('the same leads, one upload after the other or in one statement, end as the same rows', () => {
  const transitions: readonly Settlement['transition'][] = [
    'accept',
    'reject',
    'doubt',
    'release',
    'block',
    'park',
  ];

  /** Of 12 companies; with caps that are reached, leads that are too late, and such as were promised before. */
  async function setUp(seed: number): Promise<{ uploads: IntendedUpload[]; outcomes: UploadOutcome[] }> {
    const random = seededRandom(seed);
    const pick = (most: number) => Math.floor(random() * most);
    const uploads: IntendedUpload[] = [];
    for (let n = 0; n < 12; n += 1) {
      const company = await addCompany({
        anis: pick(3),
        aniDailyCap: 1 + pick(3),
        whenNoAni: pick(2) === 0 ? 'reject' : 'campaign_default',
      });
      const leads = Array.from({ length: 1 + pick(5) }, () => ({
        job: leadOf(company, { deadlineMs: pick(5) === 0 ? -10_000 : 60_000 }),
        toCall: { phone: '2065550100' },
      }));
      for (const { job } of leads) if (pick(3) === 0) await promiseOne(database, job);
      uploads.push(uploadOf(company, leads));
    }
    const outcomes = uploads.map((upload) => outcomeOf(upload, transitions[pick(transitions.length)]));
    return { uploads, outcomes };
  }

  /** What is the same whenever it is done, in the order of the uploads and leads. */
  async function endOf(uploads: readonly IntendedUpload[]) {
    const ids = uploads.flatMap(({ leads }) => leads.map(({ job }) => job.leadId));
    const rows = await database.lead.findMany({ where: { id: { in: ids } } });
    const byId = new Map(rows.map((row) => [row.id, row]));
    const begun = await database.upload.findMany({ where: { id: { in: uploads.map(({ id }) => id) } } });
    const sizes = new Map(begun.map(({ id, size }) => [id, size]));
    const anis = await database.ani.findMany({
      where: { companyId: { in: uploads.map(({ companyId }) => companyId) } },
      orderBy: { phone: 'asc' },
    });
    return {
      leads: ids.map((id) => {
        const row = byId.get(id);
        return row && [row.state, row.attempt, row.reason, row.aniTier, row.promised, row.uploadIds.length];
      }),
      used: uploads.map(({ companyId }) =>
        anis.filter((ani) => ani.companyId === companyId).map(({ used }) => used),
      ),
      sizes: uploads.map(({ id }) => sizes.get(id)),
    };
  }

  test.each([1, 2, 3])('seed %i', async (seed) => {
    const [apart, together] = [await setUp(seed), await setUp(seed)];
    for (const upload of apart.uploads) await intend(database, ATTEMPT_TIMES, [upload]);
    await intend(database, ATTEMPT_TIMES, together.uploads);
    expect(await endOf(together.uploads)).toEqual(await endOf(apart.uploads));
    for (const { settlements } of apart.outcomes) await settle(database, settlements);
    await settle(
      database,
      together.outcomes.flatMap(({ settlements }) => settlements),
    );
    const end = await endOf(apart.uploads);
    expect(await endOf(together.uploads)).toEqual(end);
    expect(new Set(end.leads.map((lead) => lead?.[0])).size).toBeGreaterThan(3);
  });
});

describe('while a company has trouble, the others go on', () => {
  let locker: Client;
  let troubled: Company;
  let other: Company;

  beforeEach(async () => {
    locker = new Client({ connectionString: server.url });
    await locker.connect();
    [troubled, other] = [await addCompany(), await addCompany()];
  });
  afterEach(() => locker.end());

  async function lock(rows: string): Promise<void> {
    await locker.query('BEGIN');
    await locker.query(`SELECT FROM ${rows} FOR UPDATE`);
  }

  /** Begins one upload of each in the same turn, which so share a statement. */
  function beginBoth(bad: readonly IntendedLead[], good: readonly IntendedLead[]) {
    const intents = createIntents(impatient, ATTEMPT_TIMES, systemClock);
    const badBegun = intents.begin(uploadOf(troubled, bad));
    badBegun.catch(() => undefined);
    return { badBegun, goodBegun: intents.begin(uploadOf(other, good)) };
  }

  test('its row is locked: it begins once that is over', async () => {
    await lock(`companies WHERE id = '${troubled.companyId}'`);
    const { badBegun, goodBegun } = beginBoth(leadsOf(troubled), leadsOf(other));
    expect(states((await goodBegun).rows)).toEqual(['SENDING']);
    await locker.query('ROLLBACK');
    expect(states((await badBegun).rows)).toEqual(['SENDING']);
  });

  test('one of its leads is locked: that lead is left out', async () => {
    const [locked, free] = [leadsOf(troubled), leadsOf(troubled)];
    for (const { job } of locked) await promiseOne(database, job);
    await lock(`leads WHERE id = '${locked[0]?.job.leadId}'`);
    const { badBegun, goodBegun } = beginBoth([...locked, ...free], leadsOf(other));
    expect(states((await goodBegun).rows)).toEqual(['SENDING']);
    expect((await badBegun).rows.map(({ id, state }) => [id, state])).toEqual([
      [free[0]?.job.leadId, 'SENDING'],
    ]);
    await locker.query('ROLLBACK');
  });

  test('its ANIs are locked: it fails, unbegun', async () => {
    await lock(`anis WHERE company_id = '${troubled.companyId}'`);
    const bad = leadsOf(troubled);
    const { badBegun, goodBegun } = beginBoth(bad, leadsOf(other));
    expect(states((await goodBegun).rows)).toEqual(['SENDING']);
    await expect(badBegun).rejects.toThrow('lock timeout');
    await locker.query('ROLLBACK');
    expect(await database.lead.count({ where: { id: bad[0]?.job.leadId ?? '' } })).toBe(0);
  });

  test('PostgreSQL cannot take its lead: it fails, unbegun', async () => {
    const poison = leadsOf(troubled).map(({ job, toCall }) => ({
      job: { ...job, payload: '\u0000' },
      toCall,
    }));
    const { badBegun, goodBegun } = beginBoth(poison, leadsOf(other));
    expect(states((await goodBegun).rows)).toEqual(['SENDING']);
    await expect(badBegun).rejects.toThrow();
  });

  test('its lead is locked when it has ended: the outcome of the other is written', async () => {
    const [bad, good] = [uploadOf(troubled, leadsOf(troubled)), uploadOf(other, leadsOf(other))];
    await intend(database, ATTEMPT_TIMES, [bad, good]);
    await lock(`leads WHERE company_id = '${troubled.companyId}'`);
    const outcomes = createOutcomes(impatient);
    const badSettled = outcomes.settle(outcomeOf(bad));
    badSettled.catch(() => undefined);
    expect(states(await outcomes.settle(outcomeOf(good)))).toEqual(['ACCEPTED']);
    await expect(badSettled).rejects.toThrow('lock timeout');
    await locker.query('ROLLBACK');
    // It goes alone now.
    expect(states(await outcomes.settle(outcomeOf(bad)))).toEqual(['ACCEPTED']);
  });

  test.each(['fails', 'stays'] as const)(
    'its lead is locked when it is promised (%s): the other is promised',
    async (tried) => {
      const [bad, good] = [leadOf(troubled), leadOf(other)];
      await promiseOne(database, bad);
      await lock(`leads WHERE id = '${bad.leadId}'`);
      const promises = [bad, good].map((lead) => ({ lead, tried }));
      expect((await promise(database, promises)).map(({ id }) => id)).toEqual([good.leadId]);
      await locker.query('ROLLBACK');
      const rows = await promise(database, promises);
      expect(new Map(rows.map((row) => [row.id, row.promised]))).toEqual(
        new Map([
          [bad.leadId, true],
          [good.leadId, true],
        ]),
      );
    },
  );
});
