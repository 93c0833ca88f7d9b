import { TEST_CERTIFICATE } from '@live-feed/dialers/testing/certificate';
import { createMailer } from '@live-feed/outbound/mail/mailer';
import { expect, onTestFinished, test } from 'vitest';
import { type MailServer, startMailServer } from '../kit/mail/mail-server.ts';

/** E-mail through real servers. */

const FROM = 'Live Feed <live-feed@example.com>';
const MAIL = {
  id: '019a3f6e-7c1b',
  to: ['duty@example.com'],
  subject: 'Begun: Ümläut',
  text: 'What is known.',
};

async function server(...options: Parameters<typeof startMailServer>): Promise<MailServer> {
  const started = await startMailServer(...options);
  onTestFinished(() => started.stop());
  return started;
}

test.each(['none', 'starttls', 'smtps'] as const)('with a password, encrypted: %s', async (tls) => {
  const { url, mails } = await server({ tls });
  const mailer = createMailer({ url, from: FROM }, TEST_CERTIFICATE);
  expect(await mailer.send(MAIL)).toEqual({ kind: 'sent', refused: 0 });
  expect(mails).toMatchObject([{ from: 'live-feed@example.com', to: ['duty@example.com'] }]);
  expect(mails[0]?.raw).toMatch(/^Message-ID: <019a3f6e-7c1b@example\.com>\r$/m);
  expect(mails[0]?.raw).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(mails[0]?.raw).toContain('What is known.');
});

test.each(['starttls', 'smtps'] as const)(
  'nothing goes to a server that nobody vouches for: %s',
  async (tls) => {
    const { url, mails } = await server({ tls });
    const failed = await createMailer({ url, from: FROM }).send(MAIL);
    expect(failed).toEqual({ kind: 'failed', why: expect.stringMatching(/mail server/) });
    expect(mails).toEqual([]);
  },
);

test('a password is not sent in the clear to another machine', async () => {
  const { url, mails } = await server();
  // Another name of this machine, which the mailer does not know as such.
  const elsewhere = url.replace('127.0.0.1', '[::ffff:127.0.0.1]');
  const failed = await createMailer({ url: elsewhere, from: FROM }).send(MAIL);
  expect(failed.kind).toBe('failed');
  expect(mails).toEqual([]);
});

test('what goes wrong is said without addresses and passwords', async () => {
  const up = await server({ refused: 'nobody@example.com' });
  const to = (url: string) => createMailer({ url, from: FROM });
  const wrongPassword = up.url.replace(/:[^:@]+@/, ':wrong@');
  expect(await to(wrongPassword).send(MAIL)).toEqual({
    kind: 'failed',
    why: 'the mail server refused user and password (535)',
  });
  expect(await to(up.url).send({ ...MAIL, to: ['nobody@example.com'] })).toEqual({
    kind: 'failed',
    why: 'the mail server refused the addresses (550)',
  });
  expect(await to(up.url).send({ ...MAIL, to: ['nobody@example.com', 'duty@example.com'] })).toEqual({
    kind: 'sent',
    refused: 1,
  });
  up.failWith(451);
  expect(await to(up.url).send(MAIL)).toEqual({
    kind: 'failed',
    why: 'the mail server refused the message (451)',
  });
  expect(await to('smtp://127.0.0.1:1').send(MAIL)).toEqual({
    kind: 'failed',
    why: 'the mail server cannot be reached',
  });
});
