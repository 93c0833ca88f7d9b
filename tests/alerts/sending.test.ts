import { newId } from '@live-feed/core/ids';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { scrape, series } from '../kit/http/scrape.ts';
import { type MailServer, startMailServer } from '../kit/mail/mail-server.ts';
import { type Admin, adminOf } from '../kit/processes/admin.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { addCompany, type Company } from '../kit/system/company.ts';
import type { System } from '../kit/system/system.ts';
import { startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';
import { answerWith, type Receiver, startReceiver, verified } from '../kit/webhooks/receiver.ts';

/** Two workers, a mail server, and servers of chats and programs; people use the command line. */

const server = useDatabase();
const redis = useRedis();
const lines: string[] = [];
let mail: MailServer;
let system: System;
const admin: Admin = (argv, input) => adminOf(() => system.environment)(argv, input);

beforeAll(async () => {
  mail = await startMailServer();
  system = await startSystem({
    databaseUrl: server.url,
    redisUrl: redis.url,
    workers: 2,
    environment: {
      WEBHOOK_ALLOW_PRIVATE: 'true',
      WORKER_SMTP_URL: mail.url,
      WORKER_SMTP_FROM: 'Live Feed <live-feed@example.com>',
      CONSOLE_PUBLIC_URL: 'https://console.example.com/feed',
    },
    onLog: (line) => void lines.push(line),
  });
});
afterAll(async () => {
  await system?.stop();
  await mail?.stop();
});

async function receiver(): Promise<Receiver> {
  const started = await startReceiver();
  onTestFinished(() => started.stop());
  return started;
}

async function done(...argv: string[]) {
  const answer = await admin([...argv, '--json']);
  expect([argv, answer.code, answer.err]).toEqual([argv, 0, '']);
  return answer.data;
}

/** @returns its name, and the secret of a webhook */
async function channel(kind: 'slack' | 'webhook', { url }: Receiver, ...more: string[]) {
  const name = `${kind} ${newId()}`;
  const argv = ['alert-channel', 'add', name, kind, '--url-file', '-', ...more, '--json'];
  const { code, data } = await admin(argv, { stdin: url });
  expect(code).toBe(0);
  onTestFinished(async () => void (await admin(['alert-channel', 'remove', name])));
  return { name, secret: String(data.secret) };
}

async function park({ id, dialerId, campaignId }: Company): Promise<void> {
  const at = new Date();
  await system.database.lead.create({
    data: {
      ...{ id: newId(), companyId: id, dialerId, campaignId, state: 'PARKED', payload: 'sealed' },
      ...{ phoneDigest: '0'.repeat(64), phoneLast2: '67' },
      ...{ receivedAt: at, deadline: at, dueAt: at, expiresAt: at },
    },
  });
}

/** So much passes at once. */
const passes = (ms: number) =>
  system.database.$executeRaw`UPDATE steady_clock SET elapsed_ms = elapsed_ms + ${ms}::bigint`;

const channelNamed = async (name: string) =>
  (await done('alert-channel', 'list')).find((each: { name: string }) => each.name === name);

test('an alert arrives by e-mail, in a chat and at a program, once when it begins and once when it ends', async () => {
  const [chat, program] = [await receiver(), await receiver()];
  const { name: toChat } = await channel('slack', chat);
  const { name: toProgram, secret } = await channel('webhook', program);
  await done(
    'alert-channel',
    'add',
    'duty',
    'email',
    '--to',
    'duty@example.com',
    '--to',
    'second@example.com',
  );
  onTestFinished(async () => void (await admin(['alert-channel', 'remove', 'duty'])));
  const company = await addCompany(system);
  await system.database.company.update({ where: { id: company.id }, data: { name: 'Acme <Solar> & Sons' } });
  await system.database.campaign.updateMany({ where: { companyId: company.id }, data: { name: 'Summer' } });
  await park(company);
  const told = [toChat, toProgram, 'duty'].flatMap((each) => ['--channel', each]);
  await done('alert', 'add', 'parked', '--above', '0', '--company', company.id, '--per-campaign', ...told);

  await waitFor(() => chat.requests.length + program.requests.length + mail.mails.length === 3);
  const headline = `Acme <Solar> & Sons, campaign Summer (${company.campaignId}): more than 0 parked leads`;
  const [posted] = program.requests;
  if (posted === undefined) throw new Error('Nothing arrived.');
  expect(verified(posted, secret)).toMatchObject({
    id: posted.headers['webhook-id'],
    type: 'alert',
    data: {
      alerts: [
        {
          event: 'begun',
          headline: `Begun: ${headline}`,
          company: { id: company.id, name: 'Acme <Solar> & Sons' },
          campaign: { id: company.campaignId, name: 'Summer' },
          known: '1 lead waits for a person.',
        },
      ],
      more: 0,
      url: 'https://console.example.com/feed/alerts',
    },
  });
  const text = JSON.parse(chat.requests[0]?.body ?? '').text;
  expect(text).toMatch(/^Begun: Acme &lt;Solar&gt; &amp; Sons, campaign Summer/);
  expect(text).toMatch(/\n1 lead waits for a person\.\nSince 20\d\d-\d\d-\d\d \d\d:\d\d UTC\n\nhttps:\/\//);
  expect(mail.mails).toMatchObject([{ to: ['duty@example.com', 'second@example.com'] }]);
  expect(mail.mails[0]?.raw).toMatch(/^Subject: \[Live Feed\] Begun: Acme/m);

  await system.database.lead.deleteMany({ where: { companyId: company.id } });
  await passes(60_000);
  await waitFor(
    async () => (await system.database.alertState.count({ where: { clearMs: { not: null } } })) === 1,
  );
  await passes(600_000);
  await waitFor(() => chat.requests.length + program.requests.length + mail.mails.length === 6);
  expect(chat.requests.map(({ body }) => JSON.parse(body).text.split(':')[0])).toEqual(['Begun', 'Over']);
  expect(mail.mails[1]?.raw).toMatch(/^Subject: \[Live Feed\] Over: Acme/m);
  const { messages, burning } = await done('alert', 'status');
  expect(burning).toEqual([]);
  expect(messages).toHaveLength(6);
  expect(lines.join('\n')).not.toMatch(/duty@example\.com|whsec_|p%40ss|p@ss/);
});

test('what cannot be sent is tried again under the same id, and the channel is shown to fail', async () => {
  const program = await receiver();
  const { name, secret } = await channel('webhook', program);
  program.answer = answerWith(503);
  const { id } = await system.database.alertChannel.findUniqueOrThrow({ where: { name } });
  const tested = await admin(['alert-channel', 'test', name]);
  expect([tested.code, tested.out]).toEqual([1, 'Not sent: HTTP 503.\n']);
  expect(await channelNamed(name)).toMatchObject({ state: 'fails', lastResult: 'HTTP 503', waiting: 1 });
  await waitFor(async () => {
    const scraped = await Promise.all(system.workers.map(({ metricsUrl }) => scrape(metricsUrl)));
    return scraped.some((each) => each.get('live_feed_alert_channels_failing') === 1);
  });
  program.answer = answerWith(200);
  await passes(600_000);
  await waitFor(() =>
    system.database.alertMessage.count({ where: { channelId: id, sentAt: { not: null } } }),
  );
  const ids = program.requests.map((request) => verified(request, secret).id);
  expect(ids.length).toBeGreaterThan(1);
  expect(new Set(ids).size).toBe(1);
  expect(await channelNamed(name)).toMatchObject({ state: 'works', failingSince: null, waiting: 0 });
  const sent = await Promise.all(system.workers.map(({ metricsUrl }) => scrape(metricsUrl)));
  const delivered = series('live_feed_alert_deliveries_total', { by: 'webhook', result: 'sent' });
  expect(sent.reduce((sum, each) => sum + (each.get(delivered) ?? 0), 0)).toBeGreaterThan(0);
});

test('beyond the messages of an hour what comes waits, and goes as one that tells ten and how many more', async () => {
  const chat = await receiver();
  const { name } = await channel('slack', chat, '--per-hour', '1');
  expect((await admin(['alert-channel', 'test', name])).code).toBe(0);
  for (let n = 0; n < 12; n += 1) await park(await addCompany(system));
  const rule = await done('alert', 'add', 'parked', '--above', '0', '--channel', name);
  onTestFinished(async () => void (await admin(['alert', 'remove', rule.id])));
  await waitFor(async () => (await channelNamed(name)).waiting === 12);
  expect(chat.requests).toHaveLength(1);
  await system.database.alertMessage.updateMany({
    where: { sentAt: { not: null }, channel: { name } },
    data: { sentAt: new Date(Date.now() - 3_700_000) },
  });
  await waitFor(() => chat.requests.length === 2);
  const { text } = JSON.parse(chat.requests[1]?.body ?? '');
  expect(text.match(/^Begun: /gm)).toHaveLength(10);
  expect(text).toContain('\n\n… and 2 more.\n\nhttps://console.example.com/');
});

describe('the command line', () => {
  test('adds, shows, changes and removes rules', async () => {
    const company = await addCompany(system);
    const rule = await done(
      'alert',
      'add',
      'acceptance',
      '--below',
      '60%',
      '--for',
      '15m',
      '--company',
      company.id,
    );
    const added = await admin(['alert', 'list']);
    expect(added.out).toContain('acceptance below 60% over 15 minutes, of at least 20 leads');
    await done('alert', 'set', rule.id, '--kind', 'held', '--for', '10m', '--end-after', '2m', '--off');
    expect(await done('alert', 'list')).toContainEqual(
      expect.objectContaining({ text: 'dialer held for more than 10 minutes', endAfterMs: 120_000 }),
    );
    const removed = await admin(['alert', 'remove', rule.id]);
    expect(removed.out).toMatch(/^Removed the rule .*: dialer held for more than 10 minutes, of "Company /);
    const log = await done('audit', 'list', '--operation', 'alert.');
    expect(log.slice(0, 3).map((entry: { operation: string }) => entry.operation)).toEqual([
      'alert.remove',
      'alert.set',
      'alert.add',
    ]);
  });

  test.each([
    [['add', 'held'], 2, '--for: This kind of rule needs it.'],
    [['add', 'held', '--for', '10m', '--below', '60%'], 2, '--below: This kind of rule has no such value.'],
    [['add', 'parked', '--above', '1', '--campaign', '77'], 1, 'name the company as well'],
    [['add', 'held', '--for', '10m', '--per-campaign'], 1, 'cannot be about campaigns'],
    [['add', 'backlog'], 2, 'Expected a number of leads, an age, or both.'],
    [['add', 'webhook_off', '--channel', 'nobody'], 1, 'There is no channel "nobody"'],
    [['add', 'webhook_off', '--company', 'nobody'], 1, 'There is no company "nobody"'],
    [['remove', newId()], 1, 'There is no rule with that id'],
  ])('%j is refused', async (argv, code, err) => {
    const refused = await admin(['alert', ...argv]);
    expect([refused.code, refused.err]).toEqual([code, expect.stringContaining(err)]);
  });

  test('keeps addresses sealed, shows the host of a URL alone, and says what is missing', async () => {
    const chat = await receiver();
    const { name } = await channel('slack', { ...chat, url: `${chat.url}/a-secret` });
    const row = await system.database.alertChannel.findUniqueOrThrow({ where: { name } });
    expect(row.target).toMatch(/^v1\.k1\./);
    const shown = await admin(['alert-channel', 'list', '--json']);
    expect(shown.out).toContain('127.0.0.1');
    expect(shown.out).not.toContain('a-secret');
    const log = await admin(['audit', 'list', '--operation', 'alert-channel.', '--json']);
    expect(log.out).not.toMatch(/a-secret|duty@example\.com|whsec_/);
    const again = await admin(['alert-channel', 'add', name, 'email', '--to', 'x@example.com']);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('already')]);
    expect((await admin(['alert-channel', 'add', 'x', 'email'])).code).toBe(2);
  });
});
