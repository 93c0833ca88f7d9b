import { isIP } from 'node:net';
import { type UploadOptions, uploadOptionsSchema } from '@live-feed/core/lead/lead-request';
import { z } from 'zod';
import { shortText } from '../terminal/arguments.ts';
import { Refusal } from '../terminal/refusal.ts';

/** What may be said of a dialer. */

/** Where its voice API is; a token must not cross a network readably. Without a trailing slash. */
export const baseUrl = z.string().transform((text, context) => {
  const problem = problemOf(text);
  if (problem === undefined) return text.replace(/\/+$/, '');
  context.addIssue({ code: 'custom', message: problem });
  return z.NEVER;
});

function problemOf(text: string): string | undefined {
  if (!URL.canParse(text)) return 'Expected is a URL such as https://ringcx.ringcentral.com/voice/api.';
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '') return 'It must not contain a user or password.';
  if (search !== '' || hash !== '') return 'It must end with its path: no "?" and no "#".';
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return undefined;
  return 'It must begin with https:// (http:// is for this machine only): the token goes there.';
}

function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname === '[::1]') return true;
  return isIP(hostname) === 4 && hostname.startsWith('127.');
}

/** It is one part of a path in the voice API. */
export const accountId = shortText().regex(
  /^(?!\.+$)[^\s,;/\\?#%\p{Cf}]+$/u,
  'An account id has no spaces, commas, slashes or invisible characters in it.',
);

/** As it stands in a header: visible ASCII. */
export function checkToken(token: string): string {
  if (/^[\x21-\x7e]{8,512}$/.test(token)) return token;
  throw new Refusal(
    'This cannot be an API token: 8 to 512 visible ASCII characters without spaces are expected. Nothing was changed.',
  );
}

/** `dialPriority=IMMEDIATE`; with nothing after the `=`, that default is given up. */
export const uploadDefault = z.string().transform((text, context): UploadOptions => {
  const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(text) ?? [];
  const known = uploadOptionsSchema.keyof().options;
  if (!known.some((option) => option === name)) {
    context.addIssue({
      code: 'custom',
      message: `Expected is one of ${known.join(', ')}, then "=" and a value.`,
    });
    return z.NEVER;
  }
  const reading = uploadOptionsSchema.safeParse(value === '' ? {} : { [name]: value });
  if (reading.success) return { [name]: value };
  context.addIssue({ code: 'custom', message: `${name}: ${reading.error.issues[0]?.message}.` });
  return z.NEVER;
});
