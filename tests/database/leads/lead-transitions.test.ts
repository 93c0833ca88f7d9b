import type { Clock } from '@live-feed/core/clock';
import { newId } from '@live-feed/core/ids';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { LeadScope } from '@live-feed/core/lead/lead-record';
import { LEAD_STATES, type LeadState, TRANSITIONS, type Transition } from '@live-feed/core/lead/lead-state';
import type { Database } from '@live-feed/database/connection/client';
import { recall } from '@live-feed/database/leads/forgotten-leads';
import { intend } from '@live-feed/database/leads/intend';
import { findLeads, type LeadRow } from '@live-feed/database/leads/lead-rows';
import { abandon, type Settlement, settle, takeBack } from '@live-feed/database/leads/lead-transitions';
import { resolveParked, retryParked } from '@live-feed/database/leads/parked-leads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectDatabase, useDatabase } from '../../kit/services/database.ts';
import { ATTEMPT_TIMES, leadOf, MINUTE_MS, promiseOne, SENT_TO, settlementOf, type Times } from './leads.ts';

/** The arbiter against a real PostgreSQL: every transition from every state, and every pair that can race. */

const server = useDatabase();
let database: Database;

beforeAll(async () => {
  database = connectDatabase(server.url, 8);
  await database.company.create({ data: { id: dialer.companyId, name: 'A company without ANIs' } });
});
afterAll(() => database?.$disconnect());

type From = LeadState | 'none';
const FROM: readonly From[] = ['none', ...LEAD_STATES];
/** Where the rows of the first table are; nothing but the state decides there. */
const ATTEMPT = 3;

const dialer = { companyId: newId(), dialerId: newId(), campaignId: '77' };

const newLead = (times: Times = {}) => leadOf(dialer, times);

interface Standing {
  readonly attempt?: number;
  readonly promised?: boolean;
  readonly reason?: string;
}

/** Writes the row that a lead has got to. */
async function put(lead: LeadJob, state: From, { attempt = ATTEMPT, ...more }: Standing = {}): Promise<void> {
  if (state === 'none') return;
  const { leadId, companyId, dialerId, campaignId, payload, phoneDigest, phoneLast2 } = lead;
  await database.lead.create({
    data: {
      ...{ id: leadId, companyId, dialerId, campaignId, payload, phoneDigest, phoneLast2, state, attempt },
      receivedAt: new Date(lead.receivedAtMs),
      deadline: new Date(lead.deadlineMs),
      expiresAt: new Date(lead.expiresAtMs),
      dueAt: new Date(lead.receivedAtMs),
      ...more,
    },
  });
}

const read = ({ leadId }: LeadJob) => database.lead.findUnique({ where: { id: leadId } });

async function begin(leads: readonly LeadJob[], clock?: Clock) {
  const intended = leads.map((job) => ({ job, toCall: {} }));
  const upload = { id: newId(), ...dialer, sentTo: SENT_TO, leads: intended };
  let rows: LeadRow[] | 'paused' | undefined;
  // A company's uploads begin one after the other: who lost the turn tries again.
  while (rows === undefined) [rows] = await intend(database, ATTEMPT_TIMES, [upload], clock);
  if (rows === 'paused') throw new Error('Its campaign is not paused.');
  return rows;
}

const settlement = (lead: LeadJob, transition: Settlement['transition'], more: Partial<Settlement> = {}) =>
  settlementOf(lead, transition, { attempt: ATTEMPT, ...more });

const seen = ({ leadId: id }: LeadJob, attempt = ATTEMPT) => ({ id, attempt });

const settled = (transition: Settlement['transition']) => (lead: LeadJob) =>
  settle(database, [settlement(lead, transition)]);

/** What each makes of a lead that there is time for and that nobody was promised; from all other states it is refused. */
const OUTCOMES: Record<
  Transition,
  {
    readonly run: (lead: LeadJob) => Promise<unknown>;
    readonly becomes: Partial<Record<From, LeadState>>;
  }
> = {
  promise: {
    run: (lead) => promiseOne(database, lead),
    becomes: { none: 'QUEUED', QUEUED: 'FAILED' },
  },
  intend: { run: (lead) => begin([lead]), becomes: { none: 'SENDING', QUEUED: 'SENDING' } },
  accept: { run: settled('accept'), becomes: { SENDING: 'ACCEPTED', UNKNOWN: 'ACCEPTED' } },
  reject: { run: settled('reject'), becomes: { SENDING: 'REJECTED', UNKNOWN: 'REJECTED' } },
  doubt: { run: settled('doubt'), becomes: { SENDING: 'UNKNOWN', UNKNOWN: 'UNKNOWN' } },
  release: { run: settled('release'), becomes: { SENDING: 'QUEUED', UNKNOWN: 'QUEUED' } },
  block: { run: settled('block'), becomes: { SENDING: 'FAILED', UNKNOWN: 'FAILED' } },
  park: { run: settled('park'), becomes: { SENDING: 'PARKED', UNKNOWN: 'PARKED' } },
  abandon: {
    run: (lead) => abandon(database, lead),
    becomes: { none: 'ABANDONED', QUEUED: 'ABANDONED' },
  },
  recall: {
    run: (lead) => recall(database, [{ job: lead, attempt: ATTEMPT + 1, sentTo: null }]),
    becomes: {
      ...{ none: 'UNKNOWN', QUEUED: 'UNKNOWN', SENDING: 'UNKNOWN', UNKNOWN: 'UNKNOWN', REJECTED: 'UNKNOWN' },
      ...{ FAILED: 'UNKNOWN', EXPIRED: 'UNKNOWN', ABANDONED: 'UNKNOWN', PARKED: 'UNKNOWN' },
    },
  },
  retry: {
    run: (lead) => retryParked(database, [seen(lead)], 60 * MINUTE_MS),
    becomes: { PARKED: 'UNKNOWN' },
  },
  resolve: {
    run: (lead) => resolveParked(database, seen(lead), { state: 'REJECTED', dialerResponse: null }),
    becomes: { PARKED: 'REJECTED' },
  },
};

const transitions = Object.keys(OUTCOMES) as Transition[];

describe('a lead changes its state as the table of transitions says, and in no other way', () => {
  test.each(transitions)('%s is proved from every state that it may leave', (transition) => {
    const { becomes } = OUTCOMES[transition];
    expect(Object.keys(becomes)).toEqual([...TRANSITIONS[transition].from]);
    expect(TRANSITIONS[transition].to).toEqual(expect.arrayContaining(Object.values(becomes)));
  });

  const rows = transitions.flatMap((transition) =>
    FROM.map((from) => ({ transition, from, to: OUTCOMES[transition].becomes[from] })),
  );

  test.each(rows.filter(({ to }) => to !== undefined))('$transition: $from → $to', async (row) => {
    const lead = newLead();
    await put(lead, row.from);
    await OUTCOMES[row.transition].run(lead);
    expect((await read(lead))?.state).toBe(row.to);
  });

  test.each(rows.filter(({ to }) => to === undefined))('$transition is refused: $from', async (row) => {
    const lead = newLead();
    await put(lead, row.from);
    const before = await read(lead);
    await OUTCOMES[row.transition].run(lead);
    const after = await read(lead);
    // A lead that is under way can be promised without changing its state.
    const promised = row.transition === 'promise' && ['SENDING', 'UNKNOWN'].includes(row.from);
    expect(after).toEqual(promised ? { ...before, promised: true } : before);
  });

  test.each(LEAD_STATES)('a row that knows of the attempt is not recalled: %s', async (state) => {
    const lead = newLead();
    await put(lead, state);
    const before = await read(lead);
    expect(await recall(database, [{ job: lead, attempt: ATTEMPT, sentTo: null }])).toEqual([]);
    expect(await read(lead)).toEqual(before);
  });

  test('a row that was lost is promised from then on, and its attempt can be settled', async () => {
    const lead = newLead();
    const sentTo = 'ringcx https://dialer.test 1';
    await recall(database, [{ job: lead, attempt: ATTEMPT, sentTo }]);
    expect(await read(lead)).toMatchObject({ attempt: ATTEMPT, promised: true, sentTo, absentFrom: null });
    expect(await settle(database, [settlement(lead, 'accept')])).toMatchObject([{ state: 'ACCEPTED' }]);
  });

  test.each([ATTEMPT - 1, ATTEMPT + 1])(
    'the outcome of attempt %i settles no other attempt',
    async (attempt) => {
      const lead = newLead();
      await put(lead, 'SENDING');
      expect(await settle(database, [settlement(lead, 'accept', { attempt })])).toEqual([]);
      expect((await read(lead))?.state).toBe('SENDING');
    },
  );
});

interface TimedCase extends Times, Standing {
  readonly name: string;
  readonly from: From;
  readonly run: (lead: LeadJob) => Promise<unknown>;
  readonly becomes: From;
  readonly because?: string;
}

const promised = { promised: true };
const tooOld = { deadlineMs: -MINUTE_MS, expiresMs: -1_000 };
const late = { deadlineMs: -MINUTE_MS };
const intendOne = OUTCOMES.intend.run;
const releaseIn = (delayMs: number, settleWithinMs: number) => (lead: LeadJob) =>
  settle(database, [settlement(lead, 'release', { delayMs, settleWithinMs })]);

const timed: readonly TimedCase[] = [
  {
    name: 'a lead whose answer could not arrive in time is left to its ingress',
    ...{ from: 'none', deadlineMs: 500, run: intendOne, becomes: 'none' },
  },
  {
    name: 'a lead whose ingress is about to promise it is left alone',
    ...{ from: 'none', deadlineMs: -500, run: intendOne, becomes: 'none' },
  },
  {
    name: 'a lead that nobody waits for is no late surprise',
    ...{ from: 'none', ...late, run: intendOne, becomes: 'ABANDONED', because: 'DEADLINE_PASSED' },
  },
  {
    name: 'a promised lead is sent after its deadline',
    ...{ from: 'QUEUED', ...late, ...promised, run: intendOne, becomes: 'SENDING' },
  },
  {
    name: 'a promised lead expires at its maximum age',
    ...{ from: 'QUEUED', ...tooOld, ...promised, run: intendOne, becomes: 'EXPIRED', because: 'AGE_LIMIT' },
  },
  {
    name: 'but not because the clock of the database alone says so',
    ...{ from: 'QUEUED', ...tooOld, ...promised, becomes: 'SENDING' },
    run: (lead) => begin([lead], { now: () => Date.now() - MINUTE_MS }),
  },
  {
    name: 'nor after an attempt',
    ...{ from: 'UNKNOWN', ...tooOld, ...promised, becomes: 'QUEUED' },
    run: (lead) =>
      settle(database, [settlement(lead, 'release')], undefined, { now: () => Date.now() - MINUTE_MS }),
  },
  {
    name: 'a lead that failed before ends with that reason once its caller has gone',
    ...{ from: 'QUEUED', ...late, reason: 'DIALER_UNREACHABLE', run: intendOne },
    ...{ becomes: 'FAILED', because: 'DIALER_UNREACHABLE' },
  },
  {
    name: 'a lead of a failing dialer is not tried again where its caller would be told "pending"',
    ...{ from: 'QUEUED', deadlineMs: 15_000, reason: 'DIALER_FAILED', run: intendOne },
    ...{ becomes: 'FAILED', because: 'DIALER_FAILED' },
  },
  {
    name: 'it is while there is time',
    ...{ from: 'QUEUED', deadlineMs: 30_000, reason: 'DIALER_FAILED', run: intendOne, becomes: 'SENDING' },
  },
  {
    name: 'a lead whose worker died is tried again up to its deadline',
    ...{ from: 'QUEUED', deadlineMs: 5_000, reason: 'DEADLINE_PASSED', run: intendOne, becomes: 'SENDING' },
  },
  {
    name: 'a lead that is known absent at its deadline fails: "pending" is for the unknown and the untried',
    ...{ from: 'QUEUED', ...late, reason: 'DIALER_THROTTLED', run: OUTCOMES.promise.run },
    ...{ becomes: 'FAILED', because: 'DIALER_THROTTLED' },
  },
  {
    name: 'a promise is kept when it is given again',
    ...{ from: 'QUEUED', ...late, ...promised, run: OUTCOMES.promise.run, becomes: 'QUEUED' },
  },
  {
    name: 'a caller that waits has its lead tried again while that fits',
    ...{ from: 'UNKNOWN', deadlineMs: 30_000, run: releaseIn(5_000, 15_000), becomes: 'QUEUED' },
  },
  {
    name: 'a next attempt that would begin too late is not promised to a waiting caller',
    ...{ from: 'UNKNOWN', deadlineMs: 5_000, run: releaseIn(4_500, 0), becomes: 'FAILED' },
  },
  {
    name: 'nor one that would be settled too late',
    ...{ from: 'UNKNOWN', deadlineMs: 30_000, run: releaseIn(5_000, 25_000), becomes: 'FAILED' },
  },
  {
    name: 'a promised lead is tried again after its deadline',
    ...{ from: 'UNKNOWN', ...late, ...promised, run: releaseIn(5_000, 15_000), becomes: 'QUEUED' },
  },
  {
    name: 'but not past its maximum age',
    ...{ from: 'UNKNOWN', deadlineMs: -MINUTE_MS, expiresMs: 1_000, ...promised },
    ...{ run: releaseIn(5_000, 0), becomes: 'EXPIRED' },
  },
  {
    name: 'a promised lead that no retry will help needs a person',
    ...{ from: 'SENDING', ...promised, run: OUTCOMES.block.run, becomes: 'PARKED' },
  },
];

describe('the clock of the database and the promise decide', () => {
  test.each(timed)('$name', async ({ from, run, becomes, because, deadlineMs, expiresMs, ...standing }) => {
    const lead = newLead({
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      ...(expiresMs === undefined ? {} : { expiresMs }),
    });
    const { promised: isPromised = false, reason } = standing;
    await put(lead, from, { promised: isPromised, ...(reason === undefined ? {} : { reason }) });
    await run(lead);
    const row = await read(lead);
    expect(row?.state ?? 'none').toBe(becomes);
    if (because !== undefined) expect(row?.reason).toBe(because);
  });
});

const RACERS = 60;

async function rowsOf(leads: readonly LeadJob[]) {
  const rows = await findLeads(
    database,
    leads.map(({ leadId }) => leadId),
  );
  return new Map(rows.map((row) => [row.id, row]));
}

async function racers(state: From, standing: Standing = {}): Promise<LeadJob[]> {
  const leads = Array.from({ length: RACERS }, () => newLead());
  await Promise.all(leads.map((lead) => put(lead, state, standing)));
  return leads;
}

describe('of two who change a lead at once, one wins and the other can see it', () => {
  test.each(['none', 'QUEUED'] as const)('a lead from %s is sent by one of two workers', async (from) => {
    const leads = await racers(from, { attempt: 0, ...promised });
    const [here, there] = await Promise.all([begin(leads), begin(leads.toReversed())]);
    expect(new Set([...here, ...there].map(({ id }) => id)).size).toBe(RACERS);
    expect(here.length + there.length).toBe(RACERS);
    for (const row of (await rowsOf(leads)).values())
      expect(row).toMatchObject({ state: 'SENDING', attempt: 1 });
  });

  test('a promise and an intent: a caller that gets OUTCOME_PENDING has a lead that goes on', async () => {
    const leads = await racers('none');
    const [begun, ...promises] = await Promise.all([
      begin(leads),
      ...leads.map((lead) => promiseOne(database, lead)),
    ]);
    const sent = new Set(begun.map(({ id }) => id));
    expect(promises.map(({ promised: isPromised }) => isPromised)).not.toContain(false);
    for (const [id, row] of await rowsOf(leads)) {
      expect(row).toMatchObject({ promised: true, state: sent.has(id) ? 'SENDING' : 'QUEUED' });
    }
  });

  test('an intent and a lead given back: what was given back is not sent', async () => {
    const leads = await racers('none');
    const [begun, ...given] = await Promise.all([
      begin(leads),
      ...leads.map((lead) => abandon(database, lead)),
    ]);
    const back = given.filter(({ state }) => state === 'ABANDONED').map(({ id }) => id);
    expect([...begun.map(({ id }) => id), ...back].toSorted()).toEqual(
      leads.map(({ leadId }) => leadId).toSorted(),
    );
  });

  test('an intent and a lead that its company takes back: what was taken back is not sent', async () => {
    const leads = await racers('QUEUED', { promised: true });
    const [begun, ...taken] = await Promise.all([
      begin(leads),
      ...leads.map(({ leadId, companyId }) =>
        takeBack(database, { companyId, campaigns: undefined }, leadId),
      ),
    ]);
    const back = leads.filter((_, place) => taken[place] !== undefined).map(({ leadId }) => leadId);
    expect([...begun.map(({ id }) => id), ...back].toSorted()).toEqual(
      leads.map(({ leadId }) => leadId).toSorted(),
    );
    const rows = await rowsOf(leads);
    for (const id of back) expect(rows.get(id)?.state).toBe('ABANDONED');
  });

  test('an answer and a read-back that says "absent": one of them counts', async () => {
    const leads = await racers('SENDING');
    const [accepted, released] = await Promise.all([
      settle(
        database,
        leads.map((lead) => settlement(lead, 'accept')),
      ),
      settle(
        database,
        leads.toReversed().map((lead) => settlement(lead, 'release')),
      ),
    ]);
    expect(accepted.length + released.length).toBe(RACERS);
    const rows = await rowsOf(leads);
    for (const { id } of accepted) expect(rows.get(id)?.state).toBe('ACCEPTED');
    for (const { id } of released) expect(rows.get(id)?.state).toBe('QUEUED');
  });

  test('an outcome and a promise: a caller is answered, or its promise is on the row that decides', async () => {
    const leads = await racers('SENDING');
    const [released, ...promises] = await Promise.all([
      settle(
        database,
        leads.map((lead) => settlement(lead, 'block')),
      ),
      ...leads.map((lead) => promiseOne(database, lead)),
    ]);
    expect(released).toHaveLength(RACERS);
    const rows = await rowsOf(leads);
    for (const told of promises) {
      const state = told.state === 'FAILED' ? 'FAILED' : 'PARKED';
      expect(rows.get(told.id)).toMatchObject({ state, promised: state === 'PARKED' });
    }
  });
});

describe('a company takes back what it was promised and what waits', () => {
  const back = (lead: LeadJob, { companyId = lead.companyId, campaigns }: Partial<LeadScope> = {}) =>
    takeBack(database, { companyId, campaigns }, lead.leadId);

  test.each(FROM)('%s', async (state) => {
    const lead = newLead();
    await put(lead, state, { promised: true });
    expect(await back(lead)).toEqual(state === 'QUEUED' ? { dialerId: lead.dialerId } : undefined);
    expect((await read(lead))?.state).toBe(
      state === 'QUEUED' ? 'ABANDONED' : state === 'none' ? undefined : state,
    );
  });

  test('not what its caller still waits for, and not another company’s or campaign’s', async () => {
    const [waited, kept] = [newLead(), newLead()];
    await put(waited, 'QUEUED');
    await put(kept, 'QUEUED', { promised: true });
    expect(await back(waited)).toBeUndefined();
    expect(await back(kept, { companyId: newId() })).toBeUndefined();
    expect(await back(kept, { campaigns: ['another'] })).toBeUndefined();
    expect([await read(waited), await read(kept)]).toMatchObject([{ state: 'QUEUED' }, { state: 'QUEUED' }]);
    expect(await back(kept, { campaigns: ['another', kept.campaignId] })).toBeDefined();
  });
});

test('a lead that is promised to somebody who joined it goes on being tried', async () => {
  const lead = newLead();
  await put(lead, 'QUEUED', { reason: 'DIALER_FAILED' });
  expect(await promiseOne(database, lead, 'stays')).toMatchObject({ state: 'QUEUED', promised: true });
  expect(await promiseOne(database, lead)).toMatchObject({ state: 'QUEUED', promised: true });
});

describe('a person has parked leads go on, or says what became of them', () => {
  test.each(['DIALER_TOKEN_REFUSED', 'LEAD_UNUSABLE'])(
    'one that is known not to have been taken is sent: %s',
    async (reason) => {
      const lead = newLead();
      await put(lead, 'PARKED', { promised: true, reason });
      expect(await retryParked(database, [seen(lead)], 60_000)).toMatchObject([{ state: 'QUEUED' }]);
    },
  );

  test.each(['OUTCOME_UNVERIFIABLE', 'DIALER_ACCEPTED'])(
    'one that may be there is verified first: %s',
    async (reason) => {
      const lead = newLead();
      await put(lead, 'PARKED', { promised: true, reason });
      expect(await retryParked(database, [seen(lead)], 60_000)).toMatchObject([{ state: 'UNKNOWN' }]);
    },
  );

  test('one that is over its maximum age is tried for a while all the same, and promised from then on', async () => {
    const lead = newLead(tooOld);
    await put(lead, 'PARKED', { reason: 'DIALER_TOKEN_REFUSED' });
    await retryParked(database, [seen(lead)], 60 * MINUTE_MS);
    expect(await read(lead)).toMatchObject({ promised: true, finishedAt: null });
    expect(await begin([lead])).toMatchObject([{ state: 'SENDING', attempt: ATTEMPT + 1 }]);
  });

  test.each(['ACCEPTED', 'REJECTED', 'FAILED'] as const)('%s, once, by a person', async (state) => {
    const lead = newLead();
    await put(lead, 'PARKED', { promised: true, reason: 'OUTCOME_UNVERIFIABLE' });
    const resolution = { state, dialerResponse: 'told' };
    const [here, there] = await Promise.all([
      resolveParked(database, seen(lead), resolution),
      resolveParked(database, seen(lead), resolution),
    ]);
    expect([here, there].filter((row) => row !== undefined)).toHaveLength(1);
    expect(await read(lead)).toMatchObject({
      ...{ state, reason: `DIALER_${state}`, outcomeSource: 'person', dialerResponse: 'told' },
      finishedAt: expect.any(Date),
    });
  });

  test('what has gone on since the person looked is left alone', async () => {
    const lead = newLead();
    await put(lead, 'PARKED', { promised: true });
    const earlier = seen(lead, ATTEMPT - 1);
    expect(await retryParked(database, [earlier], 60_000)).toEqual([]);
    expect(await resolveParked(database, earlier, { state: 'FAILED', dialerResponse: null })).toBeUndefined();
    expect((await read(lead))?.state).toBe('PARKED');
  });
});
