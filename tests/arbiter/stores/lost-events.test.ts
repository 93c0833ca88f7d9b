import { describe, expect, test } from 'vitest';
import { misbehave, simulator } from '../../kit/http/client.ts';
import { submit } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** 500 callers wait, and what their ingress reads its news from is taken away. */

const CALLERS = 500;

let system: System;
let queues: Queues;
let company: Company;

useSystem({ environment: { INGRESS_DEADLINE_MS: '28000' } }, async (started) => {
  ({ system, queues } = started);
  company = await addCompany(system, { maxInFlight: 50 });
  await misbehave(system, { rules: [{ on: 'upload', fault: { kind: 'delay', ms: 100, jitterMs: 200 } }] });
  // From its first event on the stream is there to be taken away.
  expect((await submit(system, company, 0)).status).toBe(200);
});

interface Loss {
  readonly loss: string;
  readonly lose: (stream: string) => Promise<unknown>;
}

const losses: readonly Loss[] = [
  { loss: 'deleted again and again', lose: (stream) => queues.redis.del(stream) },
  {
    loss: 'replaced by something that takes no event',
    lose: (stream) => queues.redis.set(stream, 'not a stream'),
  },
];

describe('callers are answered when their completion events are lost', () => {
  test.each(losses)('the event stream is $loss', async ({ lose }) => {
    let waiting = CALLERS;
    const answers = Promise.all(
      Array.from({ length: CALLERS }, async (_, n) => {
        const answer = await submit(system, company, n);
        waiting -= 1;
        return answer;
      }),
    );
    await waitFor(
      async () => {
        const streams = await queues.redis.keys('lf:completions:*');
        await Promise.all(streams.map(lose));
        return waiting === 0;
      },
      { everyMs: 2, what: 'an answer for everybody' },
    );
    const statuses = (await answers).map(({ status }) => status);
    expect(statuses).toEqual(Array.from({ length: CALLERS }, () => 200));
    const { duplicateExternIds } = await simulator(system, '/stats');
    expect(duplicateExternIds.total).toBe(0);
  });
});
