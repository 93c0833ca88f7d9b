import { expect, test } from 'vitest';
import { callIngress, EXAMPLE, post } from '../../kit/http/client.ts';
import { addCompany } from '../../kit/system/company.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';

let system: System;
useSystem({ workers: 0 }, (started) => {
  ({ system } = started);
});

test('a company that reads 32 lists at once is told to come back, and takes no connection from another one', async () => {
  const [reader, other] = [await addCompany(system), await addCompany(system)];
  const list = () =>
    callIngress(system.ingresses[0]?.url ?? '', '/live-feed/leads', {
      headers: { authorization: `Bearer ${reader.key}` },
    });
  expect((await list()).status).toBe(200);
  // The lists that are read do not end meanwhile.
  const { lists, answer } = await system.database.$transaction(
    async (transaction) => {
      await transaction.$executeRaw`LOCK TABLE leads IN ACCESS EXCLUSIVE MODE`;
      const reading = Promise.all(Array.from({ length: 32 }, list));
      // Its key and its campaign are looked up.
      const submitted = await post(system, { ...EXAMPLE, campaignId: 'none' }, { key: other.key });
      return { lists: await reading, answer: submitted };
    },
    { timeout: 30_000 },
  );
  expect(answer).toMatchObject({ status: 404, body: { code: 'CAMPAIGN_NOT_FOUND' } });
  const refused = lists.filter(({ status }) => status === 429);
  // Those that are read end at the limit of their statements, after which others may be.
  expect(refused.length).toBeGreaterThan(16);
  for (const { body, headers } of refused) {
    expect(body).toMatchObject({ code: 'TOO_MANY_LISTS', retryable: true });
    expect(headers.get('retry-after')).toBe('1');
  }
  expect((await list()).status).toBe(200);
});
