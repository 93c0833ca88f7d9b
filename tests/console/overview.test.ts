import { newId } from '@live-feed/core/ids';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import { expect, test } from 'vitest';
import { useConsole } from '../kit/console/use-console.ts';
import { waitFor } from '../kit/wait-for.ts';

const testConsole = useConsole();

async function addDialer(companyName: string) {
  const companyId = newId();
  const dialer = {
    id: newId(),
    companyId,
    family: 'ringcx',
    baseUrl: 'http://127.0.0.1:9',
    accountId: '15300001',
  };
  await testConsole.database.company.create({ data: { id: companyId, name: companyName } });
  await testConsole.database.dialer.create({ data: dialer });
  return dialer;
}

async function overview(headers: { cookie: string }): Promise<string> {
  return (await testConsole.app.inject({ url: '/', headers })).body;
}

/** A row of the table, as text. */
function rowOf(page: string, companyName: string): string {
  const row = page.split('<tr>').find((part) => part.includes(`<th scope="row">${companyName}</th>`)) ?? '';
  return row
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

test('names the dialers by company and says how each stands: who is held, until when, and why', async () => {
  await addDialer('Serves');
  const held = await addDialer('Is Held <b>');
  const health = createDialerHealth(testConsole.redis);
  await health.failed(dialerAddress(held), 'token_refused');
  await health.throttled(dialerAddress(held), 60_000);
  const viewer = await testConsole.as('viewer');
  const page = await waitFor(
    async () => {
      const body = await overview(viewer);
      return body.includes('Serves') && body.includes('Is Held') ? body : undefined;
    },
    { what: 'both dialers' },
  );
  expect(rowOf(page, 'Serves')).toBe('Serves ringcx 15300001 serving');
  expect(rowOf(page, 'Is Held &lt;b>')).toMatch(
    /^Is Held &lt;b> ringcx 15300001 held \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC the dialing system /,
  );
});

test('shows people of one company nothing of another', async () => {
  const own = await addDialer('Own');
  await addDialer('Of Another');
  const all = await testConsole.as('viewer');
  await waitFor(async () => (await overview(all)).includes('Of Another'), { what: 'the other dialer' });
  const page = await overview(await testConsole.as('admin', own.companyId));
  expect(page).toContain('Own');
  expect(page).not.toContain('Of Another');
  expect(page).not.toContain('href="queues/"');
});
