import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { TEST_CERTIFICATE, TEST_KEY } from '@live-feed/dialers/testing/certificate';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and text, as they came. */
  readonly raw: string;
}

/** A mail server that takes mail for everybody but `refused`. */
export interface MailServer {
  /** With user and password. */
  readonly url: string;
  readonly mails: readonly ReceivedMail[];
  /** From now on it answers every mail with this status, which is not one of success. */
  failWith(status: number | undefined): void;
  stop(): Promise<void>;
}

export const MAIL_USER = 'live-feed';
/** With characters that a URL has to escape. */
export const MAIL_PASSWORD = 'p@ss:/w?rd#';

interface MailServerOptions {
  readonly tls?: 'smtps' | 'starttls' | 'none';
  readonly refused?: string;
}

export async function startMailServer({
  tls = 'none',
  refused,
}: MailServerOptions = {}): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  let status: number | undefined;
  const server = new SMTPServer({
    secure: tls === 'smtps',
    ...(tls === 'none' ? {} : { key: TEST_KEY, cert: TEST_CERTIFICATE }),
    disabledCommands: tls === 'none' ? ['STARTTLS'] : [],
    allowInsecureAuth: tls === 'none',
    onAuth({ username, password }, _session, done) {
      if (username === MAIL_USER && password === MAIL_PASSWORD) done(null, { user: username });
      else done(new Error('Who is that?'));
    },
    onRcptTo({ address }, _session, done) {
      done(
        address === refused ? Object.assign(new Error('Nobody of that name.'), { responseCode: 550 }) : null,
      );
    },
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (status !== undefined) return done(Object.assign(new Error('Not now.'), { responseCode: status }));
        const { mailFrom, rcptTo } = envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString('utf8'),
        });
        done(null);
      });
    },
  });
  // A client that hangs up, or does not trust the certificate, is its own affair.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `${tls === 'smtps' ? 'smtps' : 'smtp'}://${MAIL_USER}:${encodeURIComponent(MAIL_PASSWORD)}@127.0.0.1:${port}`,
    mails,
    failWith(next) {
      status = next;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
