import { newId } from '@live-feed/core/ids';
import { beforeAll, describe, expect, test } from 'vitest';
import { useConsole } from '../kit/console/use-console.ts';

const acme = { id: newId(), name: 'Acme Solar' };

describe.each([
  ['at its own address', '/'],
  ['below a path of a proxy', '/ops/'],
])('a refused form, with the console %s', (_, basePath) => {
  const testConsole = useConsole(basePath === '/' ? {} : { publicUrl: `http://console.test${basePath}` });
  let admin: { readonly cookie: string };

  beforeAll(async () => {
    await testConsole.database.company.create({ data: acme });
    admin = await testConsole.as('admin');
  });

  /** @param on the page that the form is on; undefined: the browser does not say */
  async function send(path: string, fields: Readonly<Record<string, string>>, on?: string) {
    const response = await testConsole.app.inject({
      ...{ method: 'POST', url: `${basePath}${path}`, payload: new URLSearchParams(fields).toString() },
      headers: {
        ...{ ...admin, accept: 'text/html', host: 'console.test' },
        'content-type': 'application/x-www-form-urlencoded',
        ...(on === undefined ? {} : { referer: `http://console.test${basePath}${on}` }),
      },
    });
    return { status: response.statusCode, body: response.body, location: response.headers.location };
  }

  test('keeps what was typed, and says beside the field what is wrong, again and again', async () => {
    const path = `companies/${acme.id}/keys`;
    const fields = { label: 'Vendor <B>', rate: 'very fast', type: 'test' };
    const first = await send(path, fields, path);
    // From the page that was answered, whose address may be none.
    const second = await send(path, { ...fields, daily: '0', 'form-page': path });
    for (const { status, body } of [first, second]) {
      expect(status).toBe(422);
      expect(body).toContain('value="Vendor &lt;B>"');
      expect(body).toMatch(
        /<input id="rate"[^>]*value="very fast"[^>]*aria-describedby="[^"]*rate-error" aria-invalid="true"/,
      );
      expect(body).toMatch(/<small id="rate-error" class="error">Expected leads in a time/);
      expect(body).toMatch(/class="notice refused" role="alert"/);
      expect(body).toContain(`name="form-page" value="${path}"`);
    }
    expect(second.body).toContain('id="daily-error"');
    expect(await testConsole.database.apiKey.count()).toBe(0);
  });

  test('that says it is on a file, or on what never ends, is refused as others are', async () => {
    const person = { name: 'x', role: 'viewer', company: 'nobody', password: '' };
    for (const page of ['overview/stream', `leads/export?company=${acme.id}`]) {
      expect(await send('people', { ...person, 'form-page': page })).toMatchObject({ status: 303 });
    }
  });

  test('keeps no password, and has the status of the refusal', async () => {
    const person = {
      name: 'olga@example.com',
      password: 'eleven brown horses',
      role: 'viewer',
      company: '',
    };
    expect((await send('people', person, 'people')).status).toBe(303);
    const again = await send('people', { ...person, role: 'operator' }, 'people');
    expect(again.status).toBe(409);
    expect(again.body).toContain('value="olga@example.com"');
    expect(again.body).toMatch(/<option value="operator" selected>/);
    expect(again.body).not.toContain(person.password);
  });

  test('without a page that it is on, or with a button alone, is told on the page that follows', async () => {
    expect(await send('companies', { name: '' })).toMatchObject({ status: 303, location: basePath });
    const webhook = `companies/${acme.id}/webhooks/${newId()}`;
    expect(await send(`${webhook}/test`, {}, 'companies')).toMatchObject({
      ...{ status: 303, location: `${basePath}companies` },
    });
    expect(await send('companies', { name: '' }, '../elsewhere')).toMatchObject({ status: 303 });
  });

  test('is not shown to who may not see its page any more', async () => {
    const path = `companies/${acme.id}/keys`;
    await testConsole.database.person.updateMany({ data: { role: 'viewer' } });
    const refused = await send(path, { label: 'x' }, path);
    expect([refused.status, refused.body]).toEqual([403, expect.not.stringContaining('value="x"')]);
  });
});
