import { normalisePhone } from '@live-feed/core/lead/phone';
import { importAnis } from '@live-feed/database/caller-ids/ani-import';
import { describe, expect, test } from 'vitest';
import { callIngress, EXAMPLE, post, uploadOf } from '../../kit/http/client.ts';
import { addCompany } from '../../kit/system/company.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { READ, REFUSED } from './phone-table.ts';

/** One reading of phones: for leads, for searches and for ANIs. */

let system: System;

useSystem({}, (started) => {
  ({ system } = started);
});

test('the table has at least 150 rows, each once', () => {
  const inputs = [...READ, ...REFUSED].map(([, input]) => input);
  expect(inputs.length).toBeGreaterThanOrEqual(150);
  expect(new Set(inputs).size).toBe(inputs.length);
});

test.each(READ)('%s: %j is %s', (_from, input, phone) => {
  expect(normalisePhone(input)).toEqual({ ok: true, phone });
});

test.each(REFUSED)('%s: %j is refused', (_what, input, named) => {
  expect(normalisePhone(input)).toEqual({ ok: false, reason: expect.stringMatching(named) });
});

describe('over HTTP', () => {
  const withPhone = (leadPhone: string) => ({ ...EXAMPLE, lead: { ...EXAMPLE.lead, leadPhone } });

  test.each(READ.filter((_row, at) => at % 8 === 0))(
    '%s: %j reaches the dialer',
    async (_from, input, phone) => {
      const answer = await post(system, withPhone(input));
      expect(answer.status).toBe(200);
      const { uploadLeads } = await uploadOf(system, answer.headers.get('x-lead-id'));
      expect(uploadLeads[0].leadPhone).toBe(phone);
    },
  );

  test('nothing that is refused becomes a lead, and the caller is told why', async () => {
    for (const [what, input, named] of REFUSED) {
      const { status, body, headers } = await post(system, withPhone(input));
      expect([what, status, body.code, body.message, body.issues]).toEqual([
        ...[what, 400, 'PHONE_INVALID', expect.stringMatching(named)],
        [{ path: 'lead.leadPhone', message: body.message }],
      ]);
      expect(headers.has('x-lead-id')).toBe(false);
    }
  });

  test('a search reads them alike', async () => {
    const company = await addCompany(system);
    const search = (phone: string) =>
      callIngress(system.ingresses[0]?.url ?? '', `/live-feed/leads?${new URLSearchParams({ phone })}`, {
        headers: { authorization: `Bearer ${company.key}` },
      });
    for (const [from, input] of READ) expect([from, (await search(input)).status]).toEqual([from, 200]);
    for (const [what, input, named] of REFUSED) {
      const { status, body } = await search(input);
      expect([what, status, body.code, body.message]).toEqual([
        ...[what, 400, 'PHONE_INVALID', expect.stringMatching(named)],
      ]);
    }
  });
});

test('an import of ANIs reads them alike', async () => {
  const { id: companyId } = await addCompany(system);
  const numbers = new Set(READ.map(([, , phone]) => phone));
  const rows = [...READ, ...REFUSED].map(([, phone], at) => ({ line: at + 1, phone }));
  const { added, errors } = await importAnis(system.database, companyId, rows);
  expect(added).toBe(numbers.size);
  const refused = errors.filter(({ problem }) => !problem.includes('already'));
  expect(refused.map(({ line }) => line)).toEqual(REFUSED.map((_row, at) => READ.length + at + 1));
});
