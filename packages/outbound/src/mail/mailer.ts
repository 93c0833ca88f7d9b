import { isIP } from 'node:net';
import { within } from '@live-feed/core/within';
import { createTransport } from 'nodemailer';

/** Mails through the server of whoever runs Live Feed. */
export interface Mailer {
  /** Never throws. */
  send(mail: Mail): Promise<MailResult>;
}

export interface Mail {
  /** The same at each attempt: the `Message-ID`, by which mailboxes drop repetitions. */
  readonly id: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

export type MailResult =
  /** To one address at least. */
  | { readonly kind: 'sent'; readonly refused: number }
  /** It may have been sent. Neither addresses nor the server's words are in it. */
  | { readonly kind: 'failed'; readonly why: string };

export interface MailServer {
  /** `smtp://` (with STARTTLS where the server has it) or `smtps://`; user and password in it. */
  readonly url: string;
  readonly from: string;
}

const CONNECT_LIMIT_MS = 5_000;
const SILENCE_LIMIT_MS = 10_000;
/** Of everything: a server can be slow without being silent. */
const MAIL_LIMIT_MS = 20_000;

/** @param ca PEM certificates to trust instead of those that Node trusts, in tests */
export function createMailer({ url, from }: MailServer, ca?: string): Mailer {
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const secure = protocol === 'smtps:';
  const auth =
    username === '' ? undefined : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  const transport = createTransport({
    ...{ host, secure, port: port === '' ? (secure ? 465 : 587) : Number(port) },
    // A password is never sent in the clear over a network.
    ...(auth === undefined ? {} : { auth, requireTLS: !secure && !isOfThisMachine(host) }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    connectionTimeout: CONNECT_LIMIT_MS,
    dnsTimeout: CONNECT_LIMIT_MS,
    greetingTimeout: CONNECT_LIMIT_MS,
    socketTimeout: SILENCE_LIMIT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.replace(/^.*@|>$/g, '');
  return {
    async send({ id, to, subject, text }) {
      try {
        const sending = transport.sendMail({
          ...{ from, to: [...to], subject, text, messageId: `<${id}@${domain}>` },
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        const sent = await within(sending, MAIL_LIMIT_MS, () => undefined);
        return sent === undefined
          ? { kind: 'failed', why: `the mail was not taken within ${MAIL_LIMIT_MS / 1_000} s` }
          : { kind: 'sent', refused: sent.rejected.length };
      } catch (error) {
        return { kind: 'failed', why: describe(error) };
      }
    },
  };
}

function isOfThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Codes of nodemailer. */
const DESCRIPTIONS: ReadonlyMap<string, string> = new Map([
  ['EAUTH', 'the mail server refused user and password'],
  ['EDNS', 'the mail server’s name was not found'],
  ['ESOCKET', 'the mail server cannot be reached'],
  ['ECONNECTION', 'the mail server cannot be reached'],
  ['ETIMEDOUT', 'the mail server did not answer in time'],
  ['ETLS', 'no encrypted connection to the mail server'],
  ['EENVELOPE', 'the mail server refused the addresses'],
  ['EMESSAGE', 'the mail server refused the message'],
]);

function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  const { code, responseCode } = error as { code?: string; responseCode?: number };
  const known = DESCRIPTIONS.get(code ?? '') ?? `the mail was not sent (${code ?? error.name})`;
  return responseCode === undefined ? known : `${known} (${responseCode})`;
}
