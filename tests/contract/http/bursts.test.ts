import { describe, expect, test } from 'vitest';
import { type Answer, leadNumber, post } from '../../kit/http/client.ts';
import { leadIdOf } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** Many requests at once whose callers do not wait: each is taken, or refused with the reason. */

interface Sent {
  readonly company: Company;
  readonly from?: number;
  readonly keyed?: boolean;
  readonly ingresses: number;
}

function burst(system: System, count: number, { company, from = 0, keyed = false, ingresses }: Sent) {
  return Promise.all(
    Array.from({ length: count }, (_, n) =>
      post(system, leadNumber(from + n, company.campaignId), {
        key: company.key,
        ingress: n % ingresses,
        headers: { prefer: 'respond-async', ...(keyed ? { 'idempotency-key': `lead ${from + n}` } : {}) },
      }),
    ),
  );
}

const taken = (answers: readonly Answer[]) => answers.filter(({ status }) => status === 202);

/** 408: it had not even arrived, since clients and servers share a processor here. */
const isNoRefusalForLoad = ({ status }: Answer) => ![408, 429, 503].includes(status);

function promisedLeads(system: System, company: Company): Promise<number> {
  return system.database.lead.count({ where: { companyId: company.id, promised: true } });
}

describe('with time for all of them', () => {
  let system: System;
  useSystem({}, (started) => {
    ({ system } = started);
  });

  test.each([
    { count: 600, what: 'without keys', keyed: false },
    { count: 300, what: 'with keys', keyed: true },
  ])(
    '$count at once $what: none is a fault',
    async ({ count, keyed }) => {
      const company = await addCompany(system);
      const answers = await burst(system, count, { company, keyed, ingresses: 1 });
      const refused = answers.filter(({ status }) => status !== 202);
      expect(refused.filter(isNoRefusalForLoad)).toEqual([]);
      expect(await promisedLeads(system, company)).toBe(taken(answers).length);
    },
    180_000,
  );
});

describe('with nobody who serves the dialer', () => {
  const MAX_BACKLOG = 100;
  /** Leads that are counted twice, or not yet, while a queue is counted. */
  const UNKNOWN = 0.2 * MAX_BACKLOG;

  let system: System;
  let queues: Queues;
  useSystem(
    { ingresses: 2, workers: 0, environment: { INGRESS_MAX_BACKLOG: String(MAX_BACKLOG) } },
    (started) => {
      ({ system, queues } = started);
    },
  );

  test.each([
    { what: 'without keys', keyed: false },
    { what: 'with keys', keyed: true },
  ])(
    'as many wait as may, $what, and the others are told of the backlog',
    async ({ keyed }) => {
      const company = await addCompany(system);
      const sent = { company, keyed, ingresses: 1 };
      const answers = await burst(system, 200, sent);
      // The other ingress knows of them from the queue.
      answers.push(...(await burst(system, 50, { ...sent, from: 1_000, ingresses: 2 })));
      const refused = answers.filter(({ status }) => status !== 202);
      const told = refused.filter(({ body }) => body.code === 'DIALER_BACKLOG');
      expect(told.length).toBeGreaterThan(0);
      for (const { status, headers } of told) {
        expect([status, headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^[1-9][0-9]*$/)]);
      }
      // A busy machine may not get to all of them.
      const others = refused.filter((answer) => !told.includes(answer));
      expect(others.filter(isNoRefusalForLoad)).toEqual([]);
      const kept = taken(answers);
      expect(kept.length).toBeLessThanOrEqual(MAX_BACKLOG + UNKNOWN);
      expect(new Set(kept.map(leadIdOf)).size).toBe(kept.length);
      expect(await promisedLeads(system, company)).toBe(kept.length);

      // A waiting caller is told so as well, and there is room again once leads have left.
      const waits = () => post(system, leadNumber(5_000, company.campaignId), { key: company.key });
      await waitFor(async () => (await waits()).body.code === 'DIALER_BACKLOG', { what: 'a refusal' });
      await (await queues.of(company)).drain(true);
      await waitFor(async () => taken(await burst(system, 1, { ...sent, from: 6_000 })).length > 0, {
        what: 'room for a lead',
      });
    },
    180_000,
  );
});
