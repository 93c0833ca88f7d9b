import { digestApiKey } from '@live-feed/core/crypto/api-key';
import { listAuditEntries } from '@live-feed/database/audit/audit-log';
import { addCompany } from '@live-feed/database/directory/companies';
import { findKey } from '@live-feed/database/directory/lookups';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { browserOf, textOf } from '../kit/console/forms.ts';
import { useConsole } from '../kit/console/use-console.ts';
import { answerWith, startReceiver } from '../kit/webhooks/receiver.ts';

const testConsole = useConsole();
let admin: { readonly cookie: string };
let acme: { readonly id: string; readonly name: string };
const browser = browserOf(
  () => testConsole.app,
  () => admin,
);

beforeAll(async () => {
  admin = await testConsole.as('admin');
  acme = (await addCompany(testConsole.database, 'Acme Solar')).company;
});

describe('companies', () => {
  test('are added, listed, opened and renamed', async () => {
    const page = textOf(await browser.submit('companies', [['name', 'Bright <Roofs>']]));
    expect(page).toContain('Added "Bright <Roofs>". It needs a dialer, campaigns and a key.');
    const list = await browser.get('companies');
    const [, id = ''] = /companies\/([0-9a-f-]{36})">Bright &lt;Roofs/.exec(list) ?? [];
    const renamed = await browser.submit(`companies/${id}/rename`, [['name', 'Bright Roofs']]);
    expect(textOf(renamed)).toContain('"Bright <Roofs>" is "Bright Roofs" now.');
  });

  test('a name that is taken is refused on the page that the form was on', async () => {
    const page = textOf(await browser.submit('companies', [['name', 'ACME solar']]));
    expect(page).toContain('There is already a company "Acme Solar".');
    expect(page).toContain('Add a company');
  });

  test('one is removed once its name is typed', async () => {
    const { company } = await addCompany(testConsole.database, 'Gone Solar');
    const remove = (name: string) =>
      browser.submit(`companies/${company.id}/remove`, [['confirm', name]], `companies/${company.id}`);
    expect(textOf(await remove('Acme Solar'))).toContain('Type "Gone Solar" to remove it for good.');
    expect(textOf(await remove('gone solar'))).toContain('Removed "Gone Solar".');
    expect(await testConsole.database.company.findUnique({ where: { id: company.id } })).toBeNull();
  });

  const settings = (changes: Record<string, string> = {}) =>
    Object.entries({
      ...{ timeZone: 'America/Chicago', aniDailyCap: '50', whenNoAni: 'reject', duplicates: 'refuse' },
      ...{ window: '7d', scope: 'campaign', formPosts: 'true', checkUrl: '', timeout: '2s', cache: '1d' },
      ...{ unanswered: 'send', headers: '', ...changes },
    });

  test('settings are said in plain words, and changed by one form', async () => {
    const before = textOf(await browser.get(`companies/${acme.id}`));
    expect(before).toContain('Its days begin at midnight in America/New_York');
    expect(before).toContain('Duplicates not looked for');
    const after = textOf(await browser.submit(`companies/${acme.id}`, settings()));
    expect(after).toContain('Changed. It counts within 5 seconds.');
    expect(after).toContain('Its days begin at midnight in America/Chicago');
    expect(after).toContain('If no caller ID is left the lead is refused');
    expect(after).toContain('Duplicates within 7d in the same campaign: refused');
    expect(after).toContain('Leads may come as form posts yes');
    const [entry] = await listAuditEntries(testConsole.database, { limit: 1 });
    expect(entry).toMatchObject({
      ...{ operation: 'company.set', via: 'console', company: acme.name },
      end: { before: { timeZone: 'America/New_York' }, after: { timeZone: 'America/Chicago' } },
    });
  });

  test('a check of phones is set, tried, keeps its headers, and goes when its address is removed', async () => {
    const receiver = await startReceiver((response) => response.end('{"allow":false,"reason":"litigator"}'));
    onTestFinished(() => receiver.stop());
    const checked = settings({ checkUrl: receiver.url, headers: 'Authorization: Bearer of-the-company' });
    const page = await browser.submit(`companies/${acme.id}`, checked);
    expect(textOf(page)).toContain('without an answer the lead is sent unchecked');
    expect(page).not.toContain('of-the-company');
    const tried = await browser.submit(`companies/${acme.id}/check`, [['phone', '555 123 4567']]);
    expect(textOf(tried)).toContain('It refuses the phone: litigator.');
    await browser.submit(`companies/${acme.id}`, settings({ checkUrl: receiver.url }));
    await browser.submit(`companies/${acme.id}/check`, [['phone', '']]);
    expect(receiver.requests.at(-1)?.headers).toMatchObject({ authorization: 'Bearer of-the-company' });
    expect(textOf(await browser.submit(`companies/${acme.id}`, settings()))).toContain(
      'Check of phones none',
    );
  });

  test.each([
    [{ timeZone: 'Mars/Olympus' }, 'Expected an IANA name'],
    [{ window: 'soon' }, 'Expected a duration from 1m to 90d'],
    [{ checkUrl: 'gopher://check.example.com/' }, 'must begin with'],
    [{ headers: 'no colon', checkUrl: 'https://check.example.com/' }, 'is not of the form "Name: value"'],
  ])('%j is refused, and says why', async (wrong, message) => {
    const page = textOf(await browser.submit(`companies/${acme.id}`, settings(wrong)));
    expect(page).toContain(message);
    expect(page).not.toContain('Changed.');
  });
});

describe('keys', () => {
  const empty = { label: '', rate: '', daily: '', campaigns: '', defaultCampaign: '' };
  const fields = (changes: Record<string, string>) => Object.entries({ ...empty, ...changes });
  const keyOn = (page: string) => /<pre id="secret">(oiq_\w+)<\/pre>/.exec(page)?.[1] ?? '';

  test('a key is shown once, then known by its last characters; its limits are changed and removed', async () => {
    const base = `companies/${acme.id}/keys`;
    const made = await browser.submit(
      base,
      fields({ type: 'universal', label: 'Vendor A', rate: '600/min', expiresIn: '30d' }),
    );
    const key = keyOn(made);
    expect(await findKey(testConsole.database, digestApiKey(key))).toMatchObject({ type: 'universal' });
    const list = await browser.get(base);
    expect(list).not.toContain(key);
    expect(textOf(list)).toMatch(new RegExp(`Vendor A …${key.slice(-2)} active universal 600/min`));
    const [, id = ''] = /keys\/([0-9a-f-]{36})">Vendor A/.exec(list) ?? [];
    const changed = await browser.submit(`${base}/${id}`, fields({ label: 'Vendor B', daily: '7' }));
    expect(textOf(changed)).toContain('Limits 7 a day');

    const rotated = await browser.submit(`${base}/${id}/rotate`, [
      ['overlap', '48h'],
      ['expiresIn', ''],
    ]);
    expect(keyOn(rotated)).not.toBe(key);
    expect(textOf(rotated)).toContain(`The old key …${key.slice(-2)} works until`);
    const revoked = await browser.submit(`${base}/${id}/revoke`, []);
    expect(textOf(revoked)).toContain('Revoked the key');
    expect(await findKey(testConsole.database, digestApiKey(key))).toMatchObject({ active: false });
    expect(JSON.stringify(await listAuditEntries(testConsole.database, { limit: 50 }))).not.toContain(key);
  });

  test('a wrong limit is refused on the form, and no key is made', async () => {
    const page = await browser.submit(
      `companies/${acme.id}/keys`,
      fields({ type: 'universal', rate: 'many' }),
    );
    expect(textOf(page)).toContain('Expected leads in a time of at most an hour');
    expect(keyOn(page)).toBe('');
  });

  test('are those of the company in the address', async () => {
    const { company: other } = await addCompany(testConsole.database, 'Other Roofs');
    await browser.submit(`companies/${other.id}/keys`, fields({ type: 'test', label: 'Of Other' }));
    const [, id] =
      /keys\/([0-9a-f-]{36})">Of Other/.exec(await browser.get(`companies/${other.id}/keys`)) ?? [];
    expect(await browser.get(`companies/${acme.id}/keys`)).not.toContain('Of Other');
    await expect(browser.get(`companies/${acme.id}/keys/${id}`)).rejects.toThrow('404');
  });
});

describe('webhooks', () => {
  test('are added, tried, switched off and on, rotated and removed', async () => {
    const receiver = await startReceiver();
    onTestFinished(() => receiver.stop());
    const base = `companies/${acme.id}/webhooks`;
    const form: readonly (readonly [string, string])[] = [
      ...([
        ['url', receiver.url],
        ['maxEvents', '1'],
        ['headers', ''],
      ] as const),
      ...([
        ['events', 'lead.accepted'],
        ['events', 'lead.rejected'],
      ] as const),
    ];
    const added = await browser.submit(base, form);
    expect(added).toMatch(/<pre id="secret">whsec_/);
    const [, id = ''] = /webhooks\/([0-9a-f-]{36})">Try/.exec(added) ?? [];
    const page = `${base}/${id}`;
    expect(textOf(await browser.get(base))).toContain(
      'works none yet – 0 0 lead.accepted, lead.rejected'.replace('– ', ''),
    );
    expect(textOf(await browser.submit(`${page}/test`, [], page))).toMatch(/Taken: HTTP 2\d\d in \d+ ms\./);
    receiver.answer = answerWith(500);
    expect(textOf(await browser.submit(`${page}/test`, [], page))).toMatch(/Not taken: HTTP 500/);
    const off = textOf(await browser.submit(`${page}/switch`, [['to', 'off']], page));
    expect(off).toMatch(/State off since .* : by hand/);
    const on = textOf(await browser.submit(`${page}/redeliver`, [['since', '']], page));
    expect(on).toContain('State works');
    const rotated = await browser.submit(`${page}/rotate`, [['overlap', '24h']], page);
    expect(rotated).toMatch(/<pre id="secret">whsec_/);
    const again = textOf(await browser.submit(`${page}/rotate`, [['overlap', '24h']], page));
    expect(again).toContain('the secret before the present one signs as well');
    expect(textOf(await browser.submit(`${page}/remove`, [], page))).toContain('Removed the webhook');
    await expect(browser.get(page)).rejects.toThrow('404');
  });

  test('one that failed for a day says so in red, and what waits for it is listed', async () => {
    const { company } = await addCompany(testConsole.database, 'Failing Roofs');
    const base = `companies/${company.id}/webhooks`;
    await browser.submit(base, [
      ...([
        ['url', 'https://hooks.example.com/leads'],
        ['maxEvents', '1'],
        ['headers', ''],
      ] as const),
    ]);
    const [, id = ''] = /webhooks\/([0-9a-f-]{36})">https/.exec(await browser.get(base)) ?? [];
    await testConsole.database.webhook.update({
      where: { id },
      data: { disabledAt: new Date(), disabledWhy: 'FAILING', lastResult: 'HTTP 503' },
    });
    await testConsole.database.webhookEvent.create({
      data: { id: company.id, webhookId: id, type: 'dialer.held', attempt: 4, dueAt: null },
    });
    const page = await browser.get(`${base}/${id}`);
    expect(page).toContain('<span class="badge bad">off</span>');
    expect(textOf(page)).toMatch(/: it failed for a day .*HTTP 503 .*dialer.held .* 4 given up/);
  });
});
