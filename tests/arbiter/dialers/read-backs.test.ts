import { afterEach, expect, test } from 'vitest';
import { misbehave, simulator } from '../../kit/http/client.ts';
import { leadIdOf, storedLeadIds, submit, untilState } from '../../kit/leads/lead-effects.ts';
import { addCompany } from '../../kit/system/company.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

let system: System;
useSystem({}, (started) => {
  ({ system } = started);
});
afterEach(() => misbehave(system, {}));

/** The ids that each search of that campaign asked for. */
async function searches(campaignId: string): Promise<string[][]> {
  const { requests } = await simulator(system, '/requests?limit=1000');
  return requests.flatMap(({ body }: { body: { campaignIds?: number[]; externIds: string[] } | null }) =>
    body?.campaignIds?.map(String).includes(campaignId) ? [body.externIds] : [],
  );
}

test('all leads of a campaign are asked about at once, whatever uploads they were in', async () => {
  const company = await addCompany(system, { maxLeadsPerUpload: 1 });
  const match = { campaignId: company.campaignId };
  const lost = { on: 'upload', match, fault: { kind: 'hang', when: 'afterStoring' } };
  await misbehave(system, {
    rules: [lost, { on: 'readBack', match, fault: { kind: 'status', status: 500 } }],
  });
  const answering = Promise.all([1, 2, 3, 4].map((n) => submit(system, company, n)));
  const unknown = { companyId: company.id, state: 'UNKNOWN' } as const;
  await waitFor(async () => (await system.database.lead.count({ where: unknown })) === 4);
  await misbehave(system, { rules: [lost] });
  const ids = (await answering).map(leadIdOf).toSorted();
  for (const id of ids) await untilState(system, id, 'ACCEPTED');
  expect((await storedLeadIds(system, company)).toSorted()).toEqual(ids);
  expect((await searches(company.campaignId)).map((asked) => asked.toSorted())).toContainEqual(ids);
});
