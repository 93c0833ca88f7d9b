import { Secret, TOTP } from 'otpauth';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { addTestPerson, signIn, signInForm, type TestPerson } from '../kit/console/people.ts';
import { useConsole } from '../kit/console/use-console.ts';

const testConsole = useConsole();
const PASSWORD = 'correct horse battery';
let added = 0;

async function somebody(role: 'viewer' | 'admin' = 'viewer'): Promise<TestPerson & { readonly id: string }> {
  added += 1;
  const person = { name: `person-${added}@example.com`, password: PASSWORD };
  return { ...person, id: await addTestPerson(testConsole.database, person, role) };
}

interface Session {
  readonly cookie: string;
}

async function get(path: string, { cookie }: Session): Promise<string> {
  const response = await testConsole.app.inject({ url: path, headers: { cookie, accept: 'text/html' } });
  expect(response.statusCode).toBe(200);
  return response.body;
}

/** Sends a form. @returns where the browser goes, and what it is told there */
async function post(path: string, form: Readonly<Record<string, string>>, { cookie }: Session) {
  const response = await testConsole.app.inject({
    method: 'POST',
    url: path,
    headers: { cookie, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(form).toString(),
  });
  const flash = response.cookies.find(({ name }) => name === 'live-feed-flash')?.value ?? '';
  const told = flash === '' ? undefined : JSON.parse(Buffer.from(flash, 'base64url').toString('utf8'));
  return { status: response.statusCode, location: response.headers.location, told, body: response.body };
}

const isSignedIn = async ({ cookie }: Session) =>
  (await testConsole.app.inject({ url: '/', headers: { cookie } })).statusCode === 200;

describe('an admin', () => {
  test('adds somebody, who can sign in, and sees what they may do', async () => {
    const admin = await testConsole.as('admin');
    const form = { name: 'Jo@example.com', role: 'operator', company: '', password: PASSWORD };
    const { status, location, told } = await post('/people', form, admin);
    expect([status, told]).toEqual([303, { kind: 'done', text: '"jo@example.com" was added.' }]);
    const page = await get(String(location), admin);
    expect(page).toContain('<h1>jo@example.com</h1>');
    expect(page).toContain('<option value="operator" selected>');
    expect(await get('/people', admin)).toContain('jo@example.com');
    await signIn(testConsole.app, { name: 'jo@example.com', password: PASSWORD });
  });

  test('is told why somebody was not added', async () => {
    const admin = await testConsole.as('admin');
    const { told } = await post('/people', { name: 'weak', role: 'viewer', password: 'password' }, admin);
    expect(told).toMatchObject({ kind: 'refused', text: expect.stringContaining('at least 12 characters') });
  });

  test('changes roles, disables and enables: each counts at the next request', async () => {
    const admin = await testConsole.as('admin');
    const person = await somebody();
    const session = await signIn(testConsole.app, person);
    await post(`/people/${person.id}`, { role: 'admin', company: '' }, admin);
    expect(await get('/people', session)).toContain(person.name);
    await post(`/people/${person.id}/disable`, {}, admin);
    expect(await isSignedIn(session)).toBe(false);
    await post(`/people/${person.id}/enable`, {}, admin);
    await signIn(testConsole.app, person);
  });

  test('cannot be the last one to go', async () => {
    const admin = await testConsole.as('admin');
    const people = await testConsole.database.person.findMany({ where: { role: 'admin' } });
    const own = people.at(-1)?.id ?? '';
    for (const { id } of people) if (id !== own) await post(`/people/${id}/remove`, {}, admin);
    const { told } = await post(`/people/${own}/remove`, {}, admin);
    expect(told).toMatchObject({ kind: 'refused', text: expect.stringContaining('is the last admin') });
    expect(await isSignedIn(admin)).toBe(true);
  });
});

describe('my account', () => {
  test('shows where one is signed in, and ends the other sessions', async () => {
    const person = await somebody();
    const [here, there] = [await signIn(testConsole.app, person), await signIn(testConsole.app, person)];
    expect(await get('/account', here)).toContain('(this one)');
    const { told } = await post('/account/sessions/end', {}, here);
    expect(told).toEqual({ kind: 'done', text: 'Sessions ended: 1.' });
    expect(await Promise.all([here, there].map(isSignedIn))).toEqual([true, false]);
  });

  test('changes the password, which ends the other sessions', async () => {
    const person = await somebody();
    const [here, there] = [await signIn(testConsole.app, person), await signIn(testConsole.app, person)];
    const fresh = { password: 'another horse battery', again: 'another horse battery' };
    const wrong = await post('/account/password', { ...fresh, current: 'not the present one' }, here);
    expect(wrong.told).toEqual({ kind: 'refused', text: 'Your present password is another one.' });
    const typo = await post('/account/password', { ...fresh, again: 'another', current: PASSWORD }, here);
    expect(typo.told).toMatchObject({ kind: 'refused' });
    const { told } = await post('/account/password', { ...fresh, current: PASSWORD }, here);
    expect(told).toMatchObject({ kind: 'done' });
    expect(await Promise.all([here, there].map(isSignedIn))).toEqual([true, false]);
    await signIn(testConsole.app, { ...person, password: 'another horse battery' });
  });

  test('does not let a session that somebody else uses guess the password without end', async () => {
    const person = await somebody();
    const session = await signIn(testConsole.app, person, { 'x-forwarded-for': '192.0.2.1' });
    const texts = [];
    for (let n = 0; n < 11; n += 1) {
      const form = { current: `guess ${n}`, password: PASSWORD, again: PASSWORD };
      texts.push((await post('/account/password', form, session)).told.text);
    }
    expect(new Set(texts.slice(0, 10))).toEqual(new Set(['Your present password is another one.']));
    expect(texts[10]).toContain('Too many wrong passwords');
  });
});

describe('one-time codes', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Adds them in the way of a browser. @returns the app's secret */
  async function withCodes(person: TestPerson): Promise<Secret> {
    const session = await signIn(testConsole.app, person);
    const page = await get('/account/codes', session);
    expect(page).toContain('<svg class="qr"');
    const secret = /name="secret" value="([A-Z2-7]+)"/.exec(page)?.[1] ?? '';
    const codeNow = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    const form = { secret, code: codeNow, current: person.password };
    expect((await post('/account/codes', form, session)).told).toMatchObject({ kind: 'done' });
    return Secret.fromBase32(secret);
  }

  /** The first step. @returns the cookie of the second */
  async function withPassword(person: TestPerson): Promise<Session> {
    const form = signInForm(person, 'people');
    const response = await testConsole.app.inject({ method: 'POST', url: '/sign-in', ...form });
    expect(response.headers.location).toBe('/sign-in/code');
    const cookies = response.cookies.map(({ name, value }) => `${name}=${value}`);
    expect(cookies.join()).not.toContain('session');
    return { cookie: cookies.join('; ') };
  }

  /** A code of so many periods from now: apps and servers differ by one at most. */
  const codeOf = (secret: Secret, periods: number) =>
    new TOTP({ secret }).generate({ timestamp: Date.now() + periods * 30_000 });

  test('are asked for after the password, lead where one wanted to go, and are used once', async () => {
    const person = await somebody('admin');
    const secret = await withCodes(person);
    const step = await withPassword(person);
    expect(await isSignedIn(step)).toBe(false);
    const page = await get('/sign-in/code', step);
    expect(page).toContain('autocomplete="one-time-code"');
    const code = codeOf(secret, 1);
    const { status, location } = await post('/sign-in/code', { code }, step);
    expect([status, location]).toEqual([303, '/people']);
    const again = await post('/sign-in/code', { code }, await withPassword(person));
    expect(again.status).toBe(401);
    expect(again.body).toContain('wrong, or was used already');
  });

  test('are not guessed: ten are judged, whatever passwords are given between', async () => {
    const person = await somebody();
    const secret = await withCodes(person);
    const statuses = [];
    for (let n = 0; n < 10; n += 1)
      statuses.push((await post('/sign-in/code', { code: '000000' }, await withPassword(person))).status);
    expect(statuses).toEqual(Array(10).fill(401));
    const form = signInForm(person);
    expect((await testConsole.app.inject({ method: 'POST', url: '/sign-in', ...form })).statusCode).toBe(429);
    expect(codeOf(secret, 1)).toMatch(/^\d{6}$/);
  });

  test('are of no use without the password, or after it was changed', async () => {
    const person = await somebody();
    const secret = await withCodes(person);
    const none = await post('/sign-in/code', { code: codeOf(secret, 1) }, { cookie: '' });
    expect(none.location).toBe('/sign-in');
    const forged = await post(
      '/sign-in/code',
      { code: codeOf(secret, 1) },
      { cookie: 'live-feed-code=v1.k1.a.b.c' },
    );
    expect(forged.location).toBe('/sign-in');
    const step = await withPassword(person);
    await post(
      `/people/${person.id}/password`,
      { password: 'another horse battery' },
      await testConsole.as('admin'),
    );
    expect((await post('/sign-in/code', { code: codeOf(secret, 1) }, step)).location).toBe('/sign-in');
  });

  test('of a password that was given too long ago are not asked for any more', async () => {
    const person = await somebody();
    const secret = await withCodes(person);
    const step = await withPassword(person);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11 * 60_000 });
    const late = await post('/sign-in/code', { code: codeOf(secret, 0) }, step);
    expect([late.location, late.told?.text]).toEqual(['/sign-in', expect.stringContaining('too long')]);
  });

  test('are taken away by oneself with the password, and by an admin when a phone is lost', async () => {
    const [one, other] = [await somebody(), await somebody()];
    const secret = await withCodes(one);
    await withCodes(other);
    const step = await withPassword(one);
    const response = await testConsole.app.inject({
      method: 'POST',
      url: '/sign-in/code',
      headers: { ...step, 'content-type': 'application/x-www-form-urlencoded' },
      payload: `code=${codeOf(secret, 1)}`,
    });
    const session = response.cookies.find(({ name }) => name === 'live-feed-session');
    const cookie = `live-feed-session=${session?.value}`;
    expect((await post('/account/codes/off', { current: 'wrong' }, { cookie })).told.kind).toBe('refused');
    expect((await post('/account/codes/off', { current: PASSWORD }, { cookie })).told.kind).toBe('done');
    await post(`/people/${other.id}/totp/off`, {}, await testConsole.as('admin'));
    for (const person of [one, other]) await signIn(testConsole.app, person);
  });
});
