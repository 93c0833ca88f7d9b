import { newId } from '@live-feed/core/ids';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '@live-feed/database/connection/client';
import { addChanges, forgetFigures, rollUp } from '@live-feed/database/figures/count-leads';
import { type FiguresQuery, readFigures } from '@live-feed/database/figures/lead-figures';
import { intend } from '@live-feed/database/leads/intend';
import { settle, takeBack } from '@live-feed/database/leads/lead-transitions';
import { resolveParked, retryParked } from '@live-feed/database/leads/parked-leads';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectDatabase, useDatabase } from '../../kit/services/database.ts';
import { ATTEMPT_TIMES, leadOf, promiseOne, SENT_TO, settlementOf } from '../leads/leads.ts';

/** Figures are what counting the leads would give, whatever happened to them, in whichever order it was added up. */

const server = useDatabase();
let database: Database;
let companyId: string;
const dialerId = newId();

beforeAll(() => {
  database = connectDatabase(server.url, 8);
});
afterAll(() => database?.$disconnect());
beforeEach(async () => {
  companyId = newId();
  await database.company.create({ data: { id: companyId, name: companyId, timeZone: 'Asia/Kolkata' } });
});

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const ALL_TIME = { fromMs: 0, toMs: 10e12 };

type Lead = Partial<LeadJob> & { readonly ageMs?: number };

function newLead({ ageMs = 0, ...more }: Lead = {}): LeadJob {
  const lead = { ...leadOf({ companyId, dialerId, campaignId: '77' }), ...more };
  return { ...lead, receivedAtMs: lead.receivedAtMs - ageMs };
}

const begin = (leads: readonly LeadJob[]) =>
  intend(
    database,
    ATTEMPT_TIMES,
    leads.map((job) => ({
      id: newId(),
      companyId: job.companyId,
      dialerId,
      campaignId: job.campaignId,
      sentTo: SENT_TO,
      leads: [{ job, toCall: { phone: '5551234567' } }],
    })),
  );

async function ended(how: 'accept' | 'reject' | 'park' | 'block', lead = newLead()): Promise<LeadJob> {
  await begin([lead]);
  await settle(database, [settlementOf(lead, how)]);
  return lead;
}

const read = (query: Partial<FiguresQuery> = {}) =>
  readFigures(database, { companyId, by: 'source', ...ALL_TIME, ...query });

/** The same by counting. */
async function counted(): Promise<unknown[]> {
  return database.$queryRaw`
    SELECT COALESCE(source, '') AS key, state::text AS state, lead_within_ms(received_at, finished_at, outcome_source) AS "withinMs",
      count(*)::int AS leads
    FROM leads WHERE company_id = ${companyId}::uuid AND state NOT IN ('QUEUED', 'SENDING', 'UNKNOWN')
    GROUP BY 1, 2, leads.state, 3 ORDER BY 1, leads.state, 3`;
}

async function figures(): Promise<unknown[]> {
  const all = [...(await read())].flatMap(([key, counts]) => counts.map((count) => ({ key, ...count })));
  const order = ['ACCEPTED', 'REJECTED', 'FAILED', 'EXPIRED', 'ABANDONED', 'PARKED'];
  const placeOf = ({ key, state, withinMs }: (typeof all)[number]) =>
    `${key} ${order.indexOf(state)} ${String(withinMs).padStart(10, '0')}`;
  return all.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

async function addAll(): Promise<void> {
  while ((await addChanges(database, 100)) > 0);
}

describe('figures are what counting the leads gives', () => {
  test('before and after they are added up, for each way in which leads end', async () => {
    await ended('accept', newLead({ source: 'Vendor A' }));
    await ended('accept', newLead({ source: 'Vendor A', ageMs: 400 }));
    await ended('reject', newLead({ source: 'Vendor B' }));
    await ended('block');
    await begin([newLead(), newLead()]);
    const back = newLead({ source: 'Vendor A' });
    await promiseOne(database, back);
    await takeBack(database, { companyId, campaigns: undefined }, back.leadId);
    const parked = await ended('park');
    await ended('park');
    const byCounting = await counted();
    expect(byCounting.length).toBeGreaterThanOrEqual(6);
    expect(await figures()).toEqual(byCounting);
    await addAll();
    expect(await database.leadChange.count()).toBe(0);
    expect(await figures()).toEqual(byCounting);

    await retryParked(database, [{ id: parked.leadId, attempt: 1 }], MINUTE_MS);
    expect(await figures()).toEqual(await counted());
    await settle(database, [settlementOf(parked, 'park')]);
    await resolveParked(
      database,
      { id: parked.leadId, attempt: 1 },
      { state: 'REJECTED', dialerResponse: null },
    );
    expect(await figures()).toEqual(await counted());
    await addAll();
    expect(await figures()).toEqual(await counted());
  });

  test('with many statements and four who add up at the same time', async () => {
    const adding = { stop: false };
    const adders = Array.from({ length: 4 }, async () => {
      while (!adding.stop || (await addChanges(database, 7)) > 0) await addChanges(database, 7);
    });
    const sources = ['Vendor A', 'Vendor B', undefined];
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        ended(
          n % 3 === 0 ? 'reject' : 'accept',
          newLead({ source: sources[n % 3], ageMs: (n % 5) * MINUTE_MS }),
        ),
      ),
    );
    adding.stop = true;
    await Promise.all(adders);
    expect(await database.leadChange.count()).toBe(0);
    expect(await figures()).toEqual(await counted());
  });

  test('a statement that changes no outcome leaves nothing, and leads that are removed stay counted', async () => {
    const { leadId } = await ended('accept');
    await addAll();
    const before = await figures();
    await database.lead.update({ where: { id: leadId }, data: { payload: 'sealed with another key' } });
    expect(await database.leadChange.count()).toBe(0);
    await database.lead.delete({ where: { id: leadId } });
    expect(await figures()).toEqual(before);
  });
});

describe('older figures are rolled up', () => {
  const NOW_MS = Date.UTC(2026, 5, 15, 12);
  /** `agreedNow` takes the earlier clock: the test's is behind. */
  const clock = { now: () => NOW_MS };
  const received = (ageMs: number) => Date.now() - (NOW_MS - ageMs);
  const periods = async () =>
    (await database.leadFigure.findMany({ where: { companyId }, orderBy: { beginsAt: 'asc' } })).map(
      ({ period, beginsAt, leads }) => [period, beginsAt.toISOString(), leads],
    );

  test('to hours, then days of the company, which a change that comes late joins; at last they are removed', async () => {
    for (const ageMs of [
      HOUR_MS,
      50 * HOUR_MS,
      50 * HOUR_MS + MINUTE_MS,
      70 * DAY_MS,
      70 * DAY_MS + HOUR_MS,
      400 * DAY_MS,
    ]) {
      await ended('accept', newLead({ ageMs: received(ageMs) }));
    }
    await addAll();
    expect(await rollUp(database, 100, clock)).toBe(5 + 3);
    // midnight in India is 18:30 in UTC
    const rolledUp = [
      ['day', '2025-05-10T18:30:00.000Z', 1],
      ['day', '2026-04-05T18:30:00.000Z', 2],
      ['hour', '2026-06-13T09:30:00.000Z', 2],
      ['minute', '2026-06-15T11:00:00.000Z', 1],
    ];
    expect(await periods()).toEqual(rolledUp);
    expect(await rollUp(database, 100, clock)).toBe(0);
    await ended('accept', newLead({ ageMs: received(70 * DAY_MS + 2 * HOUR_MS) }));
    await addAll();
    await rollUp(database, 100, clock);
    expect((await periods())[1]).toEqual(['day', '2026-04-05T18:30:00.000Z', 3]);

    expect([...(await read({ by: 'day' }))].map(([day, [count]]) => [day, count?.leads])).toEqual([
      ['2025-05-10T18:30:00Z', 1],
      ['2026-04-05T18:30:00Z', 3],
      ['2026-06-12T18:30:00Z', 2],
      ['2026-06-14T18:30:00Z', 1],
    ]);
    expect(await forgetFigures(database, 100, clock)).toBe(1);
    expect(await periods()).toHaveLength(3);
  });
});

test('figures can be asked for by campaign, reason, hour and company, of one campaign or source, of a time', async () => {
  await ended('accept', newLead({ source: 'Vendor A', campaignId: '78' }));
  await ended('reject', newLead({ source: 'Vendor A' }));
  await ended('reject', newLead({ source: 'Vendor B', ageMs: 2 * HOUR_MS }));
  const keys = async (query: Partial<FiguresQuery>) => [...(await read(query)).keys()];
  expect(await keys({ by: 'campaign' })).toEqual(['77', '78']);
  expect(await keys({ by: 'company' })).toEqual([companyId]);
  expect(await keys({ by: 'reason' })).toEqual(['DIALER_FAILED']);
  expect(await keys({ by: 'hour' })).toHaveLength(2);
  expect(await keys({ campaignId: '78' })).toEqual(['Vendor A']);
  expect(await keys({ by: 'campaign', source: 'Vendor B' })).toEqual(['77']);
  expect(await keys({ fromMs: Date.now() - HOUR_MS })).toEqual(['Vendor A']);
  expect(await keys({ toMs: Date.now() - HOUR_MS })).toEqual(['Vendor B']);
});
