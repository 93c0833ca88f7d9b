import { describe, expect, test } from 'vitest';
import { type Answer, leadNumber, post } from '../support/client.ts';
import { addCompany, type Company } from '../support/company.ts';
import { leadIdOf } from '../support/lead-effects.ts';
import type { Queues } from '../support/queues.ts';
import type { System } from '../support/system.ts';
import { useSystem } from '../support/use-system.ts';

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
const codesOf = (answers: readonly Pick<Answer, 'body'>[]) => new Set(answers.map(({ body }) => body.code));

function promisedLeads(system: System, company: Company): Promise<number> {
  return system.database.lead.count({ where: { companyId: company.id, promised: true } });
}

describe('with time for all of them', () => {
  let system: System;
  useSystem({}, (started) => {
    ({ system } = started);
  });

  test.each([
    { what: 'without keys', keyed: false },
    { what: 'with keys', keyed: true },
  ])(
    '600 at once $what: none is a fault',
    async ({ keyed }) => {
      const company = await addCompany(system);
      const answers = await burst(system, 600, { company, keyed, ingresses: 1 });
      const refused = answers.filter(({ status }) => status !== 202);
      expect(refused.filter(({ status }) => status !== 429 && status !== 503)).toEqual([]);
      expect(await promisedLeads(system, company)).toBe(taken(answers).length);
    },
    180_000,
  );
});

describe('with nobody who serves the dialer', () => {
  const MAX_BACKLOG = 100;
  /** Ingresses do not know of one another's last few. */
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
      const sent = { company, keyed, ingresses: 2 };
      const answers = [
        ...(await burst(system, 400, sent)),
        ...(await burst(system, 100, { ...sent, from: 1_000 })),
      ];
      const refused = answers.filter(({ status }) => status !== 202);
      // A busy machine may not get to all of them.
      expect(codesOf([...refused, { body: { code: 'OVERLOADED' } }])).toEqual(
        new Set(['DIALER_BACKLOG', 'OVERLOADED']),
      );
      for (const { status, headers } of refused) {
        expect([status, headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^[1-9][0-9]*$/)]);
      }
      const kept = taken(answers);
      expect(kept.length).toBeGreaterThanOrEqual(MAX_BACKLOG - UNKNOWN);
      expect(kept.length).toBeLessThanOrEqual(MAX_BACKLOG + UNKNOWN);
      expect(new Set(kept.map(leadIdOf)).size).toBe(kept.length);
      expect(await promisedLeads(system, company)).toBe(kept.length);

      // A waiting caller is told so as well, and there is room again once leads have left.
      const waits = () => post(system, leadNumber(5_000, company.campaignId), { key: company.key });
      expect((await waits()).body.code).toBe('DIALER_BACKLOG');
      await (await queues.of(company)).drain(true);
      expect(taken(await burst(system, 10, { ...sent, from: 6_000 })).length).toBeGreaterThan(0);
    },
    180_000,
  );
});
