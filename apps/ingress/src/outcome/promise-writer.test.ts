import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { LeadRow } from '@live-feed/database/leads/lead-rows';
import type { LeadPromise } from '@live-feed/database/leads/promise';
import { describe, expect, it } from 'vitest';
import { createPromiseWriter, Unwritten } from './promise-writer.ts';

const LONG_MS = 20_000;

function lead(leadId: string): LeadJob {
  return {
    ...{ v: 1, leadId, companyId: 'company', dialerId: 'dialer', campaignId: '1', payload: '' },
    ...{ phoneDigest: '', phoneLast2: '', replyTo: '', receivedAtMs: 0, deadlineMs: 0, expiresAtMs: 0 },
  };
}

const rowOf = (id: string) => ({ id, state: 'QUEUED', promised: true }) as LeadRow;

/** As Prisma wraps what PostgreSQL reports. */
function reported(originalCode: string): Error {
  return Object.assign(new Error('reported'), { meta: { driverAdapterError: { cause: { originalCode } } } });
}
const READ_ONLY = reported('25006');
const OUT_OF_RANGE = reported('22003');
const LOST = new Error('Connection terminated unexpectedly');

/** Statements that end when the test says so. */
function heldStatements(statements = 1) {
  const begun: { promises: readonly LeadPromise[]; end: (error?: Error) => void }[] = [];
  const writer = createPromiseWriter({
    statements,
    onError: () => undefined,
    write: (promises) =>
      new Promise((resolve, reject) => {
        const end = (error?: Error) =>
          error === undefined
            ? resolve(promises.map(({ lead: { leadId } }) => rowOf(leadId)))
            : reject(error);
        begun.push({ promises, end });
      }),
  });
  async function statement(n: number) {
    while (begun.length <= n) await new Promise<void>((resolve) => setTimeout(resolve, 5));
    return begun[n] as (typeof begun)[number];
  }
  return { writer, begun, statement };
}

const idsOf = (promises: readonly LeadPromise[]) => promises.map(({ lead: { leadId } }) => leadId);

describe('a promise writer', () => {
  it('writes those that come meanwhile with the next statement, each lead once', async () => {
    const { writer, statement } = heldStatements();
    const first = writer.promise(lead('a'));
    const begun = await statement(0);
    const later = ['b', 'c', 'b'].map((id) => writer.promise(lead(id)));
    begun.end();
    expect(await first.within(LONG_MS)).toEqual(rowOf('a'));
    const next = await statement(1);
    expect(idsOf(next.promises)).toEqual(['b', 'c']);
    next.end();
    const known = await Promise.all(later.map((pending) => pending.within(LONG_MS)));
    expect(known).toEqual(['b', 'c', 'b'].map(rowOf));
    await writer.close();
  });

  it('keeps to the connections it has', async () => {
    const { writer, begun, statement } = heldStatements(2);
    for (let n = 0; n < 340; n += 1) writer.promise(lead(String(n)));
    await statement(1);
    expect(begun.map(({ promises }) => promises.length)).toEqual([100, 100]);
    for (let n = 0; n < 4; n += 1) (await statement(n)).end();
    await writer.close();
    expect(begun.map(({ promises }) => promises.length)).toEqual([100, 100, 100, 40]);
  });

  it('writes a lead that PostgreSQL refuses apart from all others', async () => {
    const writer = createPromiseWriter({
      statements: 1,
      onError: () => undefined,
      async write(promises) {
        if (idsOf(promises).includes('bad')) throw OUT_OF_RANGE;
        return promises.map(({ lead: { leadId } }) => rowOf(leadId));
      },
    });
    const bad = writer.promise(lead('bad'));
    const others = ['a', 'b', 'c', 'd', 'e'].map((id) => writer.promise(lead(id)));
    for (const other of others) expect(await other.within(LONG_MS)).toMatchObject({ promised: true });
    bad.giveUp();
    expect(await bad.within(LONG_MS)).toEqual(new Unwritten(OUT_OF_RANGE));
    await writer.close();
  });

  it('says that nothing was written only after a statement that is known to have done nothing', async () => {
    const { writer, statement } = heldStatements();
    const pending = writer.promise(lead('a'));
    const begun = await statement(0);
    pending.giveUp();
    expect(await pending.within(0)).toBeUndefined();
    begun.end(READ_ONLY);
    expect(await pending.within(LONG_MS)).toEqual(new Unwritten(READ_ONLY));
    expect(writer.size).toBe(0);
  });

  it('goes on after a statement of unknown effect, even if all callers give up', async () => {
    const { writer, statement } = heldStatements();
    const pending = writer.promise(lead('a'));
    (await statement(0)).end(LOST);
    pending.giveUp();
    (await statement(1)).end(READ_ONLY);
    expect(await pending.within(0)).toBeUndefined();
    (await statement(2)).end();
    expect(await pending.within(LONG_MS)).toEqual(rowOf('a'));
    await writer.close();
  });

  it('goes on for the one who has not given up, and lets an open promise stay', async () => {
    const { writer, statement } = heldStatements();
    const blocking = writer.promise(lead('other'));
    const begun = await statement(0);
    const own = writer.promise(lead('a'), 'fails');
    const joined = writer.promise(lead('a'), 'stays');
    own.giveUp();
    begun.end();
    const next = await statement(1);
    expect(next.promises).toMatchObject([{ lead: { leadId: 'a' }, tried: 'stays' }]);
    next.end();
    expect(await joined.within(LONG_MS)).toEqual(rowOf('a'));
    expect(await own.within(LONG_MS)).toEqual(rowOf('a'));
    expect(await blocking.within(LONG_MS)).toEqual(rowOf('other'));
  });
});
