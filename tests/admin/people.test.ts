import { Secret, TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import { type Admin, adminOf } from '../kit/processes/admin.ts';
import { connectDatabase, useDatabase } from '../kit/services/database.ts';

const server = useDatabase();

const admin: Admin = (argv, input) =>
  adminOf(() => ({
    DATABASE_URL: server.url,
    // Not needed for people.
    REDIS_URL: 'redis://127.0.0.1:1',
    SEAL_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    PHONE_DIGEST_SECRET: 'a secret of at least thirty-two characters',
  }))(argv, input);

const PASSWORD = 'correct horse battery';

test('the first admin can be added without a console, and not lost', async () => {
  expect((await admin(['person', 'list'])).out).toContain('There is nobody yet.');
  const added = await admin(['person', 'add', 'Ops', '--role', 'admin'], { stdin: `${PASSWORD}\n` });
  expect([added.code, added.out.trim()]).toEqual([0, 'Added. ops is admin for all companies.']);
  const disabled = await admin(['person', 'disable', 'ops']);
  expect(disabled.code).toBe(1);
  expect(disabled.err).toContain('"ops" is the last admin of all companies');
  expect(disabled.err).toContain('admin person set');
});

test('people are changed, disabled, enabled and removed', async () => {
  await admin(['company', 'add', 'Acme Solar']);
  const add = ['person', 'add', 'jo@example.com', '--role', 'viewer', '--company', 'Acme Solar'];
  expect((await admin([...add, '--no-password'])).out).toContain(
    'jo@example.com is viewer for "Acme Solar" only.',
  );
  const set = await admin(['person', 'set', 'JO@example.com', '--role', 'operator', '--company', 'all']);
  expect(set.out).toContain('jo@example.com is operator for all companies.');
  expect((await admin(['person', 'disable', 'jo@example.com'])).code).toBe(0);
  const { data } = await admin(['person', 'list', '--json']);
  expect(data.find(({ name }: { name: string }) => name === 'jo@example.com')).toMatchObject({
    ...{ hasPassword: false, company: null, disabledAt: expect.any(String) },
  });
  expect((await admin(['person', 'enable', 'jo@example.com'])).code).toBe(0);
  expect((await admin(['person', 'remove', 'jo@example.com'])).out).toContain('jo@example.com was removed.');
  expect((await admin(['person', 'sessions', 'jo@example.com'])).err).toContain('There is nobody named');
});

test('a weak password is refused in words, and not repeated', async () => {
  const { code, err } = await admin(['person', 'add', 'weak', '--role', 'viewer'], { stdin: 'Password2026' });
  expect(code).not.toBe(0);
  expect(err).toContain('must not contain "password"');
  expect(err).not.toContain('Password2026');
});

test('a new password ends sessions, which can be listed and ended', async () => {
  await admin(['person', 'add', 'many', '--role', 'viewer'], { stdin: PASSWORD });
  const database = connectDatabase(server.url);
  const { id } = await database.person.findUniqueOrThrow({ where: { name: 'many' } });
  const sessionIds = ['019a3f6e-7c1b-7d20-9a57-1f0c8e2b4d61', '019a3f6e-7c1b-7d20-9a57-1f0c8e2b4d62'];
  for (const [n, sessionId] of sessionIds.entries()) {
    const where = {
      address: '192.0.2.1',
      browser: 'Firefox on Linux',
      endsAt: new Date(Date.now() + 60_000),
    };
    await database.session.create({
      data: { id: sessionId, personId: id, digest: String(n).padStart(64, '0'), ...where },
    });
  }
  await database.$disconnect();
  expect((await admin(['person', 'sessions', 'many'])).out).toContain('Firefox on Linux');
  const end = ['person', 'end-sessions', 'many', '--session', sessionIds[0] ?? ''];
  expect((await admin(end)).out).toContain('Ended 1 session of many.');
  expect((await admin(['person', 'set-password', 'many'], { stdin: 'another horse battery' })).code).toBe(0);
  expect((await admin(['person', 'sessions', 'many'])).out).toContain('many is signed in nowhere.');
});

test('one-time codes are switched on with a code of the app, and off', async () => {
  await admin(['person', 'add', 'codes', '--role', 'viewer'], { stdin: PASSWORD });
  const noTerminal = await admin(['person', 'totp-on', 'codes']);
  const secret = /key +([A-Z2-7]{32})/.exec(noTerminal.err)?.[1];
  expect(secret).toBeDefined();
  expect(noTerminal.err).toContain(`secret=${secret}`);
  expect(noTerminal.code).toBe(2);
  expect(new TOTP({ secret: Secret.fromBase32(secret ?? '') }).generate()).toMatch(/^\d{6}$/);
  const wrong = await admin(['person', 'totp-on', 'codes'], {
    typed: [['Code that the app shows', 'abcdef\n']],
  });
  expect([wrong.code, wrong.err]).toEqual([expect.any(Number), expect.stringContaining('The code is wrong')]);
  expect((await admin(['person', 'totp-off', 'codes'])).code).toBe(0);
});
