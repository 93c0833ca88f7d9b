import { newId } from '@live-feed/core/ids';
import { SEALED } from '@live-feed/core/lead/lead-job';
import type { LeadState } from '@live-feed/core/lead/lead-state';
import { beginAuditEntry, listAuditEntries } from '@live-feed/database/audit/audit-log';
import { beginProgress, endCutShort, noteProgress } from '@live-feed/database/audit/change-progress';
import { operationsVariables } from '@live-feed/operations/environment';
import { leadCancel } from '@live-feed/operations/lead/lead-changes';
import { perform } from '@live-feed/operations/perform';
import { closeRedis, connectRedis } from '@live-feed/queue/redis/redis';
import { readEnvironment } from '@live-feed/runtime/configuration/environment';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { testResources } from '../kit/console/resources.ts';
import { useConsole } from '../kit/console/use-console.ts';
import { waitFor } from '../kit/wait-for.ts';

const environment = {
  SEAL_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  PHONE_DIGEST_SECRET: 'a secret of at least thirty-two characters',
};
const { SEAL_KEYS: keyring, PHONE_DIGEST_SECRET: digests } = readEnvironment(
  z.object({
    SEAL_KEYS: operationsVariables.SEAL_KEYS,
    PHONE_DIGEST_SECRET: operationsVariables.PHONE_DIGEST_SECRET,
  }),
  environment,
);
const testConsole = useConsole({ environment });
const acme = { id: newId(), name: 'Acme Solar' };
const other = { id: newId(), name: 'Other Roofs' };
const PHONE = '5551234567';
/** 10:32 in New York. */
const RECEIVED = new Date('2026-11-30T15:32:00Z');

beforeAll(async () => {
  await testConsole.database.company.createMany({ data: [acme, other] });
});

interface Lead {
  readonly state?: LeadState;
  readonly reason?: string;
  readonly phone?: string;
  readonly company?: { readonly id: string };
  readonly receivedAt?: Date;
  readonly source?: string;
}

async function lead(given: Lead = {}): Promise<string> {
  const { state = 'REJECTED', reason = 'DIALER_REJECTED', phone = PHONE, company = acme, source } = given;
  const { receivedAt = RECEIVED } = given;
  const id = newId(receivedAt.getTime());
  const uploadId = newId(receivedAt.getTime() + 400);
  const companyId = company.id;
  const payload = JSON.stringify({ phone, fields: { firstName: 'Jane' }, options: {} });
  const response = JSON.stringify({ message: 'Refused', leads: [{ leadPhone: phone }] });
  await testConsole.database.upload.create({
    data: {
      ...{ id: uploadId, dialerId: newId(), campaignId: '7001', size: 1, httpStatus: 200, latencyMs: 120 },
      ...{ startedAt: new Date(receivedAt.getTime() + 400), result: 'answered' },
    },
  });
  await testConsole.database.lead.create({
    data: {
      ...{ id, companyId, dialerId: newId(), campaignId: '7001', state, reason, source: source ?? null },
      ...{
        phoneDigest: digests.phone(companyId, phone),
        phoneLast2: phone.slice(-2),
        attempt: 1,
        promised: true,
      },
      payload: keyring.seal(payload, { companyId, column: SEALED.payload }),
      dialerResponse: keyring.seal(response, { companyId, column: SEALED.dialerResponse }),
      ...{ callerId: '2065550100', aniTier: 'nearby', aniDistanceKm: 42, uploadIds: [uploadId] },
      ...{ receivedAt, deadline: receivedAt, dueAt: receivedAt, expiresAt: receivedAt },
      finishedAt: new Date(receivedAt.getTime() + 520),
    },
  });
  return id;
}

type Person = { readonly cookie: string };

async function get(url: string, person: Person) {
  const { statusCode, body, headers } = await testConsole.app.inject({
    url,
    headers: { ...person, accept: 'text/html' },
  });
  return { status: statusCode, body, location: headers.location, headers };
}

async function send(url: string, person: Person, fields: Readonly<Record<string, string>>, referer = '') {
  const response = await testConsole.app.inject({
    ...{ method: 'POST', url, payload: new URLSearchParams(fields).toString() },
    headers: {
      ...{ ...person, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
      ...(referer === '' ? {} : { referer }),
    },
  });
  const flash = response.cookies.find(({ name }) => name === 'live-feed-flash')?.value;
  const told = flash === undefined ? undefined : JSON.parse(Buffer.from(flash, 'base64url').toString());
  return { status: response.statusCode, location: response.headers.location, told, body: response.body };
}

/** The page of a change, once it has ended. */
async function ended(url: string, person: Person): Promise<string> {
  let page = '';
  await waitFor(async () => {
    page = (await get(url, person)).body;
    return !page.includes('class="badge wait"');
  });
  return page;
}

/** Of the forms of a page. */
function hiddenFields(page: string): Readonly<Record<string, string>> {
  const fields = page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g);
  return Object.fromEntries([...fields].map(([, name, value]) => [name, value]));
}

describe('the lead that never rang', () => {
  test('is found by its whole phone in the one box, whichever company it is of, and by its id', async () => {
    const id = await lead();
    const viewer = await testConsole.as('viewer');
    const found = await get('/leads?q=(555)%20123-4567', viewer);
    expect(found.status).toBe(200);
    expect(found.body).toContain(`href="leads/${id}"`);
    expect(found.body).toMatch(/class="badge bad">REJECTED/);
    expect(found.body).not.toContain(PHONE);
    expect(await get(`/leads?q=${id}`, viewer)).toMatchObject({ status: 303, location: `/leads/${id}` });
    const client = await testConsole.as('viewer', other.id);
    expect((await get(`/leads?q=${PHONE}`, client)).body).not.toContain(id);
    expect((await get(`/leads/${id}`, client)).status).toBe(404);
  });

  test('its page says what happened, in the company’s zone, what was answered, and why that caller ID', async () => {
    const id = await lead();
    const page = await get(`/leads/${id}`, await testConsole.as('operator'));
    expect(page.body).toContain(`<h1>Lead of ${PHONE}</h1>`);
    expect(page.body).toContain('2026-11-30 10:32:00 ');
    expect(page.body).toContain('120 ms');
    expect(page.body).toMatch(/120 ms later.*REJECTED: DIALER_REJECTED/s);
    expect(page.body).toContain('The dialing system refused it; what it said is below.');
    expect(page.body).toContain('42 km away');
    expect(page.body).toContain('leadPhone');
    expect(page.body).toContain(`action="leads/${id}/resend"`);
    const masked = await get(`/leads/${id}`, await testConsole.as('viewer'));
    expect(masked.body).toContain('<h1>Lead of ********67</h1>');
    expect(masked.body).not.toContain(PHONE);
    expect(masked.body).not.toContain('/resend');
  });

  test('is found by the minute on the company’s clock', async () => {
    const [id, later] = [await lead(), await lead({ receivedAt: new Date(RECEIVED.getTime() + 120_000) })];
    const url = `/leads?company=${acme.id}&since=2026-11-30T10:32&until=2026-11-30T10:33`;
    const { body } = await get(url, await testConsole.as('viewer'));
    expect(body).toContain(id);
    expect(body).not.toContain(later);
    expect(body).toContain('From (America/New_York)');
  });
});

test('what is wrong with a search is said beside its form', async () => {
  const viewer = await testConsole.as('viewer');
  for (const query of ['q=12', 'since=yesterday', 'callerId=x']) {
    const { status, body } = await get(`/leads?${query}`, viewer);
    expect([status, body]).toEqual([200, expect.stringContaining('role="alert"')]);
    expect(body).toContain('role="search"');
  }
});

test.each(['state=GONE', 'state=REJECTED&state=GONE', 'reason=BECAUSE'])(
  'a search for what there is not finds nothing, and changes nothing: %s',
  async (query) => {
    const operator = await testConsole.as('operator', acme.id);
    for (const page of ['leads', 'leads/export', 'leads/bulk']) {
      expect((await get(`/${page}?${query}&action=cancel`, operator)).status).toBe(400);
    }
  },
);

test('pages keep the search in their addresses', async () => {
  const source = `many ${newId()}`;
  for (let n = 0; n < 51; n += 1) await lead({ source });
  const query = new URLSearchParams({ company: acme.id, source, state: 'REJECTED' });
  const viewer = await testConsole.as('viewer');
  const first = await get(`/leads?${query}`, viewer);
  const older = /href="(leads\?[^"]*)" rel="next"/.exec(first.body)?.[1]?.replaceAll('&amp;', '&');
  expect(older).toContain('state=REJECTED');
  const second = await get(`/${older}`, viewer);
  expect(second.body.match(/href="leads\/[0-9a-f-]{36}"/g)).toHaveLength(1);
  expect(second.body).toContain('rel="prev"');
});

describe('changes', () => {
  test('of one lead: a parked one is recorded as accepted, by that person', async () => {
    const id = await lead({ state: 'PARKED', reason: 'OUTCOME_UNVERIFIABLE' });
    const operator = await testConsole.as('operator');
    const page = await get(`/leads/${id}`, operator);
    expect(page.body).toContain('class="badge bad">PARKED');
    expect(await send(`/leads/${id}/resolve`, operator, { as: 'accepted' })).toMatchObject({
      ...{ status: 303, location: `/leads/${id}`, told: { kind: 'done' } },
    });
    expect(await testConsole.database.lead.findUnique({ where: { id } })).toMatchObject({
      ...{ state: 'ACCEPTED', outcomeSource: 'person' },
    });
    const again = await send(`/leads/${id}/retry`, operator, {}, `http://localhost/leads/${id}`);
    expect(again).toMatchObject({ status: 303, told: { kind: 'refused' } });
  });

  test('of one lead, while Redis is away: what was done is not told to have failed', async () => {
    const { database } = testConsole;
    const id = await lead({ state: 'QUEUED' });
    const nowhere = connectRedis('redis://127.0.0.1:1', 'requests', () => {});
    onTestFinished(() => closeRedis(nowhere));
    const actor = {
      id: null,
      name: 'olga',
      via: 'console',
      from: '',
      role: 'operator',
      companyId: null,
    } as const;
    const resources = testResources(database, nowhere, environment);
    expect(await perform({ actor, resources }, leadCancel, { lead: id })).toMatchObject({
      state: 'ABANDONED',
    });
    const [entry] = await listAuditEntries(database, { operation: 'lead.cancel', actor: 'olga', limit: 1 });
    expect(entry?.end).toMatchObject({ outcome: 'done', after: { state: 'ABANDONED' } });
  });

  test('of all that a search finds: counted, then confirmed', async () => {
    const source = `all ${newId()}`;
    const ids = [await lead({ state: 'QUEUED', source }), await lead({ state: 'QUEUED', source })];
    const elsewhere = await lead({ state: 'QUEUED', source, company: other });
    const query = new URLSearchParams({ company: acme.id, source, action: 'cancel' });
    const operator = await testConsole.as('operator');
    const counted = await get(`/leads/bulk?${query}`, operator);
    expect(counted.body).toContain('Yes, all 2');
    const later = await lead({ state: 'QUEUED', source, receivedAt: new Date() });
    const begun = await send('/leads/bulk', operator, hiddenFields(counted.body));
    expect(begun).toMatchObject({
      ...{
        status: 303,
        location: expect.stringMatching(/^\/leads\/changes\/[0-9a-f-]{36}\?.*action=cancel/),
      },
    });
    const page = await ended(String(begun.location), operator);
    expect(page).toMatch(/Take back<\/strong> of Acme Solar/);
    expect(page).toMatch(/class="badge good">done<\/span> Gave back 2 leads\./);
    expect(page).toContain('2 of 2');
    expect(page).not.toContain('hx-trigger');
    const all = [...ids, elsewhere, later];
    const states = await testConsole.database.lead.findMany({ where: { id: { in: all } } });
    expect(new Map(states.map(({ id, state }) => [id, state]))).toEqual(
      new Map([...ids.map((id) => [id, 'ABANDONED'] as const), [elsewhere, 'QUEUED'], [later, 'QUEUED']]),
    );
    const entries = await listAuditEntries(testConsole.database, { operation: 'lead.cancel-all', limit: 9 });
    expect(entries).toMatchObject([{ end: { after: { found: 2, givenBack: 2 } } }]);
    expect(await get(`/leads/bulk?company=${acme.id}&action=none`, operator)).toMatchObject({ status: 400 });
    const viewer = await get(`/leads?company=${acme.id}`, await testConsole.as('viewer'));
    expect(viewer.body).not.toContain('leads/bulk');
  });
});

describe('a change of many leads', () => {
  test('whose process has died is said to have been cut short, and another one does what is left', async () => {
    const { database } = testConsole;
    const entryId = await beginAuditEntry(database, {
      ...{ operation: 'lead.cancel-all', actorId: null, actor: 'olga', role: 'operator', via: 'console' },
      ...{ origin: '203.0.113.7', companyId: acme.id, company: acme.name, input: {} },
    });
    await beginProgress(database, entryId);
    expect(await noteProgress(database, entryId, { done: 200, of: 400 })).toBe(false);
    const operator = await testConsole.as('operator');
    const url = `/leads/changes/${entryId}?company=${acme.id}&action=cancel`;
    const underWay = await get(url, operator);
    expect(underWay.body).toContain('class="badge wait">under way');
    expect(underWay.body).toContain('hx-trigger="every 2s"');
    const stopping = await send(`/leads/changes/${entryId}/stop`, operator, {});
    expect(stopping).toMatchObject({ status: 303, told: { kind: 'done' } });
    expect((await get(url, operator)).body).toContain('class="badge wait">stopping');
    expect(await endCutShort(database)).toBe(0);
    await database.changeProgress.update({ where: { entryId }, data: { seenAt: new Date(0) } });
    expect(await endCutShort(database)).toBe(1);
    const page = (await get(url, operator)).body;
    expect(page).toContain('class="badge bad">failed</span> It was cut short: its process ended.');
    expect(page).toContain('200 of 400');
    expect(page).toMatch(/href="leads\/bulk\?[^"]*action=cancel">Go on with what is left/);
    // A process that was only slow learns that it was taken for dead.
    expect(await noteProgress(database, entryId, { done: 201, of: 400 })).toBe(true);
    expect((await get('/leads/changes', operator)).body).toContain(`href="leads/changes/${entryId}"`);
    const client = await testConsole.as('operator', other.id);
    expect((await get('/leads/changes', client)).body).not.toContain(entryId);
    expect((await get(`/leads/changes/${entryId}`, client)).status).toBe(404);
  });

  test('is stopped by a person after the leads that are under way', async () => {
    const { database } = testConsole;
    const source = `stopped ${newId()}`;
    for (let n = 0; n < 201; n += 1) await lead({ state: 'QUEUED', source });
    const operator = await testConsole.as('operator');
    const query = { company: acme.id, source, action: 'cancel' };
    // As if somebody stopped it while the first leads are changed.
    await database.$executeRawUnsafe(
      'CREATE FUNCTION stop_changes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE change_progress SET stop_at = now(); RETURN NULL; END $$',
    );
    await database.$executeRawUnsafe(
      'CREATE TRIGGER stops AFTER UPDATE ON leads FOR EACH STATEMENT EXECUTE FUNCTION stop_changes()',
    );
    const begun = await send('/leads/bulk', operator, query);
    const page = await ended(String(begun.location), operator);
    await database.$executeRawUnsafe('DROP FUNCTION stop_changes() CASCADE');
    expect(page).toContain('It was stopped. Gave back 200 leads.');
    expect(page).toContain('200 of 201');
    expect(await database.lead.count({ where: { source, state: 'QUEUED' } })).toBe(1);
    const stop = String(begun.location).replace('?', '/stop?');
    expect((await send(stop, operator, {}, 'http://localhost/leads/changes')).told).toMatchObject({
      text: 'The change has ended already.',
    });
  });

  test('stops when the person who began it is disabled', async () => {
    const { database } = testConsole;
    const source = `disabled ${newId()}`;
    for (let n = 0; n < 201; n += 1) await lead({ state: 'QUEUED', source });
    const [admin, operator] = [await testConsole.as('admin'), await testConsole.as('operator', acme.id)];
    // As if an admin did it while the first leads are changed.
    await database.$executeRawUnsafe(
      `CREATE FUNCTION disable() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE people SET disabled_at = now() WHERE company_id = '${acme.id}'; RETURN NULL; END $$`,
    );
    await database.$executeRawUnsafe(
      'CREATE TRIGGER disables AFTER UPDATE ON leads FOR EACH STATEMENT EXECUTE FUNCTION disable()',
    );
    const begun = await send('/leads/bulk', operator, { company: acme.id, source, action: 'cancel' });
    const page = await ended(String(begun.location), admin);
    await database.$executeRawUnsafe('DROP FUNCTION disable() CASCADE');
    expect(page).toContain('It was stopped. Gave back 200 leads.');
    expect(await database.lead.count({ where: { source, state: 'QUEUED' } })).toBe(1);
  });

  test('that is stopped while its leads are counted changes none of them', async () => {
    const { database } = testConsole;
    const source = `not begun ${newId()}`;
    await lead({ state: 'QUEUED', source });
    const operator = await testConsole.as('operator');
    await database.$executeRawUnsafe(
      'CREATE FUNCTION stop_at_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.stop_at = now(); RETURN NEW; END $$',
    );
    await database.$executeRawUnsafe(
      'CREATE TRIGGER stops BEFORE INSERT ON change_progress FOR EACH ROW EXECUTE FUNCTION stop_at_once()',
    );
    const begun = await send('/leads/bulk', operator, { company: acme.id, source, action: 'cancel' });
    const page = await ended(String(begun.location), operator);
    await database.$executeRawUnsafe('DROP FUNCTION stop_at_once() CASCADE');
    expect(page).toContain('It was stopped. Gave back 0 leads.');
    expect(page).toMatch(/href="leads\/bulk\?[^"]*action=cancel">Go on with what is left/);
    expect(await database.lead.count({ where: { source, state: 'QUEUED' } })).toBe(1);
  });

  test('that cannot be made says why', async () => {
    const operator = await testConsole.as('operator');
    const begun = await send('/leads/bulk', operator, { company: acme.id, action: 'resend' });
    expect(await ended(String(begun.location), operator)).toMatch(
      /class="badge bad">refused<\/span> .+dialer/,
    );
  });
});

test('a day as CSV, masked for a viewer', async () => {
  const source = `csv ${newId()}`;
  const id = await lead({ source });
  const query = new URLSearchParams({ company: acme.id, source, since: '2026-11-30T00:00' });
  const whole = await get(`/leads/export?${query}`, await testConsole.as('operator'));
  expect(whole.headers['content-disposition']).toMatch(/attachment; filename="leads-.+-2026-11-30.*\.csv"/);
  const [, line = ''] = whole.body.split('\r\n');
  expect(line.split(',').slice(0, 3)).toEqual([id, '2026-11-30 10:32:00', '2026-11-30 10:32:00']);
  expect(line).toContain(PHONE);
  const masked = await get(`/leads/export?${query}`, await testConsole.as('viewer', acme.id));
  expect(masked.body).toContain('********67');
  expect(masked.body).not.toContain(PHONE);
});
