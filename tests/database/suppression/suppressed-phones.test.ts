import { newId } from '@live-feed/core/ids';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '@live-feed/database/connection/client';
import { recall } from '@live-feed/database/leads/forgotten-leads';
import { type IntendedUpload, intend } from '@live-feed/database/leads/intend';
import { findLeads, type LeadRow } from '@live-feed/database/leads/lead-rows';
import { settle } from '@live-feed/database/leads/lead-transitions';
import { retryParked } from '@live-feed/database/leads/parked-leads';
import { allowPhones, suppressPhones } from '@live-feed/database/suppression/suppressed-phones';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectDatabase, useDatabase } from '../../kit/services/database.ts';
import { waitFor } from '../../kit/wait-for.ts';
import { ATTEMPT_TIMES, leadOf, promiseOne, SENT_TO, settlementOf } from '../leads/leads.ts';

/** Once a phone is suppressed, no upload begins with a lead of it: whatever the lead's state, and whatever else is under way. */

const server = useDatabase();
let database: Database;

beforeAll(() => {
  database = connectDatabase(server.url, 12);
});
afterAll(() => database?.$disconnect());

interface Company {
  readonly companyId: string;
  readonly dialerId: string;
  readonly campaignId: string;
}

const ANI = { used: 0 };
let nextAni = 2_063_000_000;

async function addCompany(): Promise<Company & { readonly ani: string }> {
  const companyId = newId();
  const ani = String(nextAni++);
  await database.company.create({
    data: { id: companyId, name: companyId, anis: { create: [{ id: newId(), phone: ani, ...ANI }] } },
  });
  return { companyId, dialerId: newId(), campaignId: '77', ani };
}

let nextDigest = 0;
const newDigest = () => (nextDigest++).toString(16).padStart(64, '0');

const jobOf = ({ companyId, dialerId, campaignId }: Company, digest = newDigest()): LeadJob =>
  leadOf({ companyId, dialerId, campaignId }, {}, digest);

const uploadOf = (
  { companyId, dialerId, campaignId }: Company,
  jobs: readonly LeadJob[],
): IntendedUpload => ({
  ...{ id: newId(), companyId, dialerId, campaignId, sentTo: SENT_TO },
  leads: jobs.map((job) => ({ job, toCall: { phone: '2065550100' } })),
});

const suppress = ({ companyId }: Company, ...digests: readonly string[]) =>
  suppressPhones(
    database,
    companyId,
    digests.map((phoneDigest) => ({ phoneDigest, entry: 'sealed', source: 'api' })),
  );

async function begin(company: Company, jobs: readonly LeadJob[], through = database) {
  const [rows] = await intend(through, ATTEMPT_TIMES, [uploadOf(company, jobs)]);
  if (rows === 'paused') throw new Error('Its campaign is not paused.');
  return rows;
}

/** As a worker does, until it has the company's turn. */
async function beginInTurn(company: Company, jobs: readonly LeadJob[]): Promise<LeadRow[]> {
  for (;;) {
    const rows = await begin(company, jobs);
    if (rows !== undefined) return rows;
  }
}

const endOf = (rows: readonly LeadRow[] | undefined) => rows?.map(({ state, reason }) => [state, reason]);
const SUPPRESSED = ['ABANDONED', 'PHONE_SUPPRESSED'];

describe('a lead of a suppressed phone ends unsent', () => {
  const CASES: readonly [name: string, prepare: (job: LeadJob) => Promise<unknown>][] = [
    ['that only waits in the queue', async () => {}],
    ['that was promised', (job) => promiseOne(database, job)],
    [
      'that was released after a failed upload',
      async (job) => {
        await beginInTurn(job, [job]);
        await settle(database, [settlementOf(job, 'release', { delayMs: 0 })]);
      },
    ],
    [
      'that was in doubt, and is known to be absent',
      async (job) => {
        await promiseOne(database, job);
        await beginInTurn(job, [job]);
        await settle(database, [settlementOf(job, 'doubt')]);
        await settle(database, [settlementOf(job, 'release', { source: 'read-back', delayMs: 0 })]);
      },
    ],
    [
      'that was recalled, and is known to be absent',
      async (job) => {
        await recall(database, [{ job, attempt: 1, sentTo: SENT_TO }]);
        await settle(database, [settlementOf(job, 'release', { source: 'read-back', delayMs: 0 })]);
      },
    ],
    [
      'that was parked, and is retried by a person',
      async (job) => {
        await promiseOne(database, job);
        await beginInTurn(job, [job]);
        await settle(database, [settlementOf(job, 'block', { reason: 'DIALER_TOKEN_REFUSED' })]);
        await retryParked(database, [{ id: job.leadId, attempt: 1 }], 60_000);
      },
    ],
  ];

  test.each(CASES)('%s', async (_name, prepare) => {
    const company = await addCompany();
    const job = jobOf(company);
    await prepare(job);
    const other = jobOf(company);
    await suppress(company, job.phoneDigest);
    const rows = await beginInTurn(company, [job, other]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    expect(endOf([byId.get(job.leadId), byId.get(other.leadId)].filter((row) => row !== undefined))).toEqual([
      SUPPRESSED,
      ['SENDING', null],
    ]);
    // Only the other's use of the caller ID counts.
    const ani = await database.ani.findUniqueOrThrow({ where: { phone: company.ani } });
    expect(ani.used).toBe(1);
    const upload = await database.upload.findFirst({
      where: { dialerId: company.dialerId },
      orderBy: { id: 'desc' },
    });
    expect(upload?.size).toBe(1);
    // It stays so, and no later attempt begins.
    expect(await beginInTurn(company, [job])).toEqual([]);
  });

  test('even past the deadline: its caller is told why', async () => {
    const company = await addCompany();
    const job = leadOf(company, { deadlineMs: 500 }, newDigest());
    await suppress(company, job.phoneDigest);
    expect(endOf(await beginInTurn(company, [job]))).toEqual([SUPPRESSED]);
  });
});

test('other phones, other companies, and phones that were taken off the list are sent', async () => {
  const [company, other] = [await addCompany(), await addCompany()];
  const digest = newDigest();
  await suppress(company, digest);
  expect(endOf(await beginInTurn(other, [jobOf(other, digest)]))).toEqual([['SENDING', null]]);
  expect(endOf(await beginInTurn(company, [jobOf(company)]))).toEqual([['SENDING', null]]);
  expect(await allowPhones(database, company.companyId, [digest, newDigest()])).toBe(1);
  expect(await allowPhones(database, company.companyId, [digest])).toBe(0);
  expect(endOf(await beginInTurn(company, [jobOf(company, digest)]))).toEqual([['SENDING', null]]);
});

test('a phone is added once, however often it is in a statement or in several', async () => {
  const company = await addCompany();
  const [one, two] = [newDigest(), newDigest()];
  const turnOf = async () =>
    (await database.company.findUniqueOrThrow({ where: { id: company.companyId } })).aniTurn;
  expect(await suppress(company, one, two, one)).toHaveLength(2);
  const turn = await turnOf();
  expect(await suppress(company, two)).toEqual([]);
  // Nothing has changed, so no upload has to begin anew.
  expect(await turnOf()).toBe(turn);
  expect(await database.suppressedPhone.count({ where: { companyId: company.companyId } })).toBe(2);
});

describe('an upload that is being begun', () => {
  test('loses its turn to a phone that is suppressed after it has read the ANIs', async () => {
    const company = await addCompany();
    const job = jobOf(company);
    let statements = 0;
    const between = new Proxy(database, {
      get(target, name, receiver) {
        if (name !== '$queryRaw') return Reflect.get(target, name, receiver);
        return async (...query: Parameters<Database['$queryRaw']>) => {
          statements += 1;
          if (statements === 2) await suppress(company, job.phoneDigest);
          return target.$queryRaw(...query);
        };
      },
    });
    expect(await begin(company, [job], between)).toBeUndefined();
    expect(statements).toBe(2);
    expect(await findLeads(database, [job.leadId])).toEqual([]);
    expect(endOf(await begin(company, [job]))).toEqual([SUPPRESSED]);
  });

  test('does not wait for one that is just being suppressed, and does not miss it either', async () => {
    const company = await addCompany();
    const job = jobOf(company);
    const adding = new Client({ connectionString: server.url });
    await adding.connect();
    try {
      await adding.query('BEGIN');
      await adding.query(
        `INSERT INTO suppressed_phones (company_id, phone_digest, entry, source) VALUES ($1, $2, 'sealed', 'api')`,
        [company.companyId, job.phoneDigest],
      );
      await adding.query('UPDATE companies SET ani_turn = ani_turn + 1 WHERE id = $1', [company.companyId]);
      expect(await begin(company, [job])).toBeUndefined();
      await adding.query('COMMIT');
      expect(endOf(await begin(company, [job]))).toEqual([SUPPRESSED]);
    } finally {
      await adding.end();
    }
  });

  test('holds up the answer that a phone is suppressed until it has begun', async () => {
    const company = await addCompany();
    const beginning = new Client({ connectionString: server.url });
    await beginning.connect();
    try {
      await beginning.query('BEGIN');
      await beginning.query('SELECT FROM companies WHERE id = $1 FOR NO KEY UPDATE', [company.companyId]);
      let isAnswered = false;
      const added = suppress(company, newDigest()).then(() => {
        isAnswered = true;
      });
      // Not on the connection above: within a transaction it would see the same every time.
      await waitFor(async () => {
        const waiting = await database.$queryRaw<unknown[]>`
          SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%suppressed_phones%' AND datname = current_database()`;
        return waiting.length;
      });
      expect(isAnswered).toBe(false);
      await beginning.query('COMMIT');
      await added;
    } finally {
      await beginning.end();
    }
  });

  test('of many phones, while each of them is suppressed: none is begun once that was answered', async () => {
    const companies = await Promise.all(Array.from({ length: 50 }, addCompany));
    const ends = await Promise.all(
      [...companies, ...companies, ...companies].map(async (company, n) => {
        const job = jobOf(company);
        const begun = beginInTurn(company, n % 3 === 0 ? [jobOf(company), job] : [job]);
        if (n % 2 === 0) await findLeads(database, [job.leadId]);
        await suppress(company, job.phoneDigest);
        const [atOnce] = await findLeads(database, [job.leadId]);
        await begun;
        const [later] = await findLeads(database, [job.leadId]);
        return { atOnce: atOnce?.state, later: later?.state };
      }),
    );
    // Of a lead that had not begun when the answer came, nothing is sent.
    expect(ends.filter(({ atOnce, later }) => atOnce !== 'SENDING' && later !== 'ABANDONED')).toEqual([]);
    expect(ends.filter(({ atOnce, later }) => atOnce === 'SENDING' && later !== 'SENDING')).toEqual([]);
    expect(new Set(ends.map(({ later }) => later)).size).toBe(2);
  });
});
