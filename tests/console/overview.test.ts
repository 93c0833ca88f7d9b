import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { PLACES, routeOf } from '@live-feed/console/pages/overview/places';
import { newId } from '@live-feed/core/ids';
import { pauseCampaign } from '@live-feed/database/pauses/campaign-pauses';
import { endSession } from '@live-feed/database/people/sessions';
import { addWebhook, switchOffWebhook } from '@live-feed/database/webhooks/webhooks';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import { beforeAll, describe, expect, test } from 'vitest';
import { useConsole } from '../kit/console/use-console.ts';
import { waitFor } from '../kit/wait-for.ts';

const testConsole = useConsole();
let address: string;

beforeAll(async () => {
  address = await testConsole.app.listen({ host: '127.0.0.1', port: 0 });
});

async function addDialer(companyName: string) {
  const companyId = newId();
  const dialer = {
    ...{ id: newId(), companyId, family: 'ringcx', baseUrl: 'http://127.0.0.1:9', accountId: companyId },
  };
  await testConsole.database.company.create({ data: { id: companyId, name: `${companyName} ${companyId}` } });
  await testConsole.database.dialer.create({ data: dialer });
  return { ...dialer, companyName: `${companyName} ${companyId}` };
}

async function countLeads(companyId: string, state: string, leads: number): Promise<void> {
  await testConsole.database.$executeRaw`
    INSERT INTO lead_changes (id, company_id, received_at, campaign_id, source, state, reason, within_ms, leads)
    VALUES (${newId()}::uuid, ${companyId}::uuid, date_trunc('minute', now()), '7 & <b>', '', ${state}::lead_state, 'DIALER_REJECTED', 400, ${leads}::int)`;
}

async function overview(headers: { cookie: string }, query = ''): Promise<string> {
  const { body, statusCode } = await testConsole.app.inject({ url: `/${query}`, headers });
  expect(statusCode).toBe(200);
  return body;
}

/** The text of the first part of the page that is between two words. */
function textOf(page: string, from: string, to: string): string {
  const start = page.indexOf(from);
  return page
    .slice(start, page.indexOf(to, start))
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

test('says first what needs a person, by company, then how leads fare, dialers and campaigns', async () => {
  const held = await addDialer('Is Held <b>');
  await createDialerHealth(testConsole.redis).hold(dialerAddress(held), 600_000, 'they move house');
  await countLeads(held.companyId, 'ACCEPTED', 3);
  await countLeads(held.companyId, 'REJECTED', 1);
  const page = await overview(await testConsole.as('viewer'), `?company=${held.companyId}`);
  const name = held.companyName.replace('<b>', '&lt;b>');
  expect(textOf(page, '<ul class="attention">', '</ul>')).toMatch(
    `soon ${name} The dialer is held: by a person; they move house.`,
  );
  expect(textOf(page, '<dl class="tiles">', '</dl>')).toContain(
    'Leads in the last hour 4 today 4 Acceptance 75.0 %',
  );
  const dialers = page.slice(page.indexOf('<caption>Dialers'));
  expect(textOf(dialers, `${name}</a>`, '</tr>')).toMatch(
    / ringcx held \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+ by a person; they move house 0$/,
  );
  const campaigns = page.slice(page.indexOf('<caption>Campaigns'));
  expect(textOf(campaigns, `<th scope="row">${name}`, '</tr>')).toContain(
    '7 &amp; &lt;b> 4 4 0 75.0 % 75.0 % – – DIALER_REJECTED 1',
  );
  expect(page).not.toContain('<b>');
});

describe('what an operation mends by itself', () => {
  const addWithTroubles = async () => {
    const dialer = await addDialer('In Trouble');
    const { companyId } = dialer;
    const { database, redis } = testConsole;
    await database.campaign.create({ data: { id: newId(), companyId, campaignId: '7', name: 'Roofs' } });
    await pauseCampaign(database, companyId, '7', { kind: 'refuse', forMs: null, because: null });
    await createDialerHealth(redis).hold(dialerAddress(dialer), 600_000, 'they move house');
    const settings = { url: 'https://hooks.example/leads', events: [], maxEvents: 1, headers: null };
    const webhookId = (await addWebhook(database, companyId, settings, 'sealed')) ?? '';
    await switchOffWebhook(database, webhookId, 'FAILING');
    return { ...dialer, webhookId };
  };
  const troubles = (page: string) => textOf(page, '<ul class="attention">', '</ul>');

  test('has a button, for those who may; a link leads to the very thing; each button ends its trouble', async () => {
    const { companyId, webhookId } = await addWithTroubles();
    const query = `?company=${companyId}`;
    const viewer = await overview(await testConsole.as('viewer'), query);
    expect(viewer).not.toContain('action="overview/mend"');
    expect(viewer).toContain(`href="companies/${companyId}/webhooks/${webhookId}"`);
    const operator = troubles(await overview(await testConsole.as('operator'), query));
    expect(operator).toContain('Release it');
    expect(operator).toContain('Resume it');
    expect(operator).not.toContain('Switch it on');

    const headers = await testConsole.as('admin');
    let page = await overview(headers, query);
    for (const text of ['Release it', 'Resume it', 'Switch it on']) {
      const form = formsOf(page).find((each) => each.text === text);
      expect([text, form?.action]).toEqual([text, 'overview/mend']);
      const { statusCode, headers: answered } = await testConsole.app.inject({
        ...{ method: 'POST', url: '/overview/mend' },
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams(form?.hidden).toString(),
      });
      expect([statusCode, answered.location]).toEqual([303, `/${query}`]);
      page = await overview(headers, query);
      expect(troubles(page)).not.toContain(text);
    }
    expect(page).toContain('Nothing. Leads are called as they come.');
  });

  test('is refused to whom the operation is: another company’s, or beyond the role', async () => {
    const { companyId, webhookId } = await addWithTroubles();
    const own = await addDialer('Own');
    const post = async (person: { cookie: string }, fields: Record<string, string>) => {
      const { statusCode } = await testConsole.app.inject({
        ...{ method: 'POST', url: '/overview/mend' },
        headers: { ...person, 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams({ company: companyId, ...fields }).toString(),
      });
      return statusCode;
    };
    await post(await testConsole.as('admin', own.companyId), { operation: 'dialer.release' });
    await post(await testConsole.as('operator'), { operation: 'webhook.set', thing: webhookId });
    await post(await testConsole.as('admin'), { operation: 'company.remove' });
    const left = troubles(await overview(await testConsole.as('admin'), `?company=${companyId}`));
    for (const text of ['Release it', 'Resume it', 'Switch it on']) expect(left).toContain(text);
  });

  test('each link is a page of the console', () => {
    const routes = [...testConsole.app.accessTable.keys()];
    for (const place of Object.values(PLACES)) {
      if (place !== null) expect(routes).toContain(`GET ${routeOf(place)}`);
    }
  });
});

/** The forms of a page that have a button alone. */
function formsOf(page: string) {
  return [...page.matchAll(/<form method="post" action="([^"]*)" class="inline">(.*?)<\/form>/gs)].map(
    ([, action, inner = '']) => ({
      action,
      text: inner.replaceAll(/<[^>]*>/g, '').trim(),
      hidden: Object.fromEntries(
        [...inner.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
          name,
          value,
        ]),
      ) as Record<string, string>,
    }),
  );
}

test('shows people of one company nothing of another', async () => {
  const own = await addDialer('Own');
  const other = await addDialer('Of Another');
  const headers = await testConsole.as('admin', own.companyId);
  const page = await overview(headers);
  expect(page).toContain(own.companyName);
  expect(page).not.toContain('Of Another');
  expect(page).not.toContain('href="queues/"');
  for (const url of [`/?company=${other.companyId}`, `/overview/stream?company=${other.companyId}`]) {
    const { statusCode } = await testConsole.app.inject({
      url,
      headers: { ...headers, accept: 'text/html' },
    });
    expect(statusCode).toBe(404);
  }
  // A refusal is an answer, not a failure of the console.
  expect(testConsole.lines.join('')).not.toContain('a page failed');
});

async function openStream({ cookie }: { readonly cookie: string }, query = '') {
  const request = get(`${address}/overview/stream${query}`, { headers: { cookie } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  // Whoever leaves does not wait for the rest.
  for (const each of [request, response]) each.on('error', () => undefined);
  const ended = new Promise((resolve) => response.once('close', resolve));
  return { status: response.statusCode, ended, text: () => text, leave: () => request.destroy() };
}

test('a stream tells of what changes, until its session ends', async () => {
  const company = await addDialer('Streams');
  const headers = await testConsole.as('viewer', company.companyId);
  const stream = await openStream(headers);
  expect(stream.status).toBe(200);
  await countLeads(company.companyId, 'PARKED', 77);
  await waitFor(() => stream.text().includes('>77</td>'), { what: 'the new figures' });
  expect(stream.text()).toContain('data: <div id="overview-top" hx-swap-oob="innerMorph">');

  const other = await openStream(await testConsole.as('viewer', company.companyId));
  const session = await testConsole.database.session.findFirstOrThrow({
    where: { person: { companyId: company.companyId } },
    orderBy: { createdAt: 'asc' },
  });
  await endSession(testConsole.database, session.id);
  await stream.ended;
  expect(stream.text()).toMatch(/event: ended\ndata: \n\n$/);
  // The first may have been read while the session ended.
  for (const _ of [1, 2, 3]) {
    const before = other.text().length;
    await waitFor(() => other.text().length > before, { what: 'the stream of the other session to go on' });
  }
  other.leave();
  await other.ended;
});

test('a session has a few streams at once, and one that is left makes room', async () => {
  const headers = await testConsole.as('viewer');
  const streams = await Promise.all(Array.from({ length: 6 }, () => openStream(headers)));
  expect(streams.map(({ status }) => status)).toEqual(Array(6).fill(200));
  expect((await openStream(headers)).status).toBe(204);
  streams[0]?.leave();
  const again = await waitFor(
    async () => {
      const stream = await openStream(headers);
      return stream.status === 200 ? stream : undefined;
    },
    { what: 'room for a stream' },
  );
  for (const stream of [...streams, again]) stream.leave();
});

test('the stream is nothing that could be asked for without its body: such an answer would never end', async () => {
  const response = await testConsole.app.inject({
    ...{ method: 'HEAD', url: '/overview/stream', headers: await testConsole.as('viewer') },
  });
  expect(response.statusCode).toBe(404);
});
