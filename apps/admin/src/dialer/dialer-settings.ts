import { isIP } from 'node:net';
import {
  type JwtCredential,
  jwtCredentialSchema,
  type LeadSettings,
  leadSettingsSchema,
} from '@live-feed/core/directory/dialer-settings';
import { FORWARDABLE_FIELDS, uploadDefaultsSchema, WORDED_OPTIONS } from '@live-feed/core/lead/lead-fields';
import type { UploadOptions } from '@live-feed/core/lead/lead-request';
import { validationMessage } from '@live-feed/core/validation-message';
import { shortText } from '@live-feed/operations/inputs/written';
import { z } from 'zod';
import { Refusal } from '../terminal/refusal.ts';

/** Checks of a dialer's settings. */

/** Of the voice API, without a trailing slash. HTTPS, because a token must not cross a network unencrypted. */
export const baseUrl = z.string().transform((text, context) => {
  const problem = problemOf(text);
  if (problem === undefined) return text.replace(/\/+$/, '');
  context.addIssue({ code: 'custom', message: problem });
  return z.NEVER;
});

function problemOf(text: string): string | undefined {
  if (!URL.canParse(text)) return 'Expected a URL such as https://ringcx.ringcentral.com/voice/api.';
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '') return 'It must not contain a user or password.';
  if (search !== '' || hash !== '') return 'It must end with its path: no "?" and no "#".';
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return undefined;
  return 'It must begin with https:// (http:// is for this machine only): the token is sent there.';
}

function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname === '[::1]') return true;
  return isIP(hostname) === 4 && hostname.startsWith('127.');
}

/** One segment of the voice API's paths. */
export const accountId = shortText().regex(
  /^(?!\.+$)[^\s,;/\\?#%\p{Cf}]+$/u,
  'An account id has no spaces, commas, slashes or invisible characters.',
);

/** It is sent in a header: visible ASCII. */
export function checkToken(token: string): string {
  if (/^[\x21-\x7e]{8,512}$/.test(token)) return token;
  throw new Refusal(
    'This is not an API token: expected 8 to 512 visible ASCII characters without spaces. Nothing was changed.',
  );
}

/** What is wrong is said without what was read: it is secret. */
export function readCredential(text: string): JwtCredential {
  const reading = jwtCredentialSchema.safeParse(parse(text), { error: validationMessage });
  if (reading.success) return reading.data;
  const [issue] = reading.error.issues;
  const where = issue?.path.join('.') ?? '';
  const missing = where === '' ? 'it is not JSON' : `${where} is missing`;
  const problem = issue?.code === 'invalid_type' ? missing : issue?.message;
  throw new Refusal(
    `This is not a JWT credential (${problem}): expected JSON such as {"clientId": "…", "clientSecret": "…", "jwt": "xxx.yyy.zzz"}, and no other members. Nothing was changed.`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `dialPriority=IMMEDIATE`; without a value the default is removed. */
export const uploadDefault = z.string().transform((text, context): UploadOptions => {
  const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(text) ?? [];
  const known = uploadDefaultsSchema.keyof().options;
  if (!known.some((option) => option === name)) {
    context.addIssue({
      code: 'custom',
      message: `Expected one of ${known.join(', ')}, then "=" and a value.`,
    });
    return z.NEVER;
  }
  const reading = uploadDefaultsSchema.safeParse(value === '' ? {} : { [name]: value }, {
    error: validationMessage,
  });
  if (reading.success) return { [name]: value };
  context.addIssue({ code: 'custom', message: `${name}: ${reading.error.issues[0]?.message}.` });
  return z.NEVER;
});

/** `leadPriority,maxPasses`, or `none`. */
export const forwardedFields = z.string().transform((text, context): LeadSettings['forward'] => {
  if (text === 'none') return [];
  const reading = leadSettingsSchema.shape.forward.safeParse(text.split(',').map((name) => name.trim()));
  if (reading.success) return [...new Set(reading.data)];
  context.addIssue({
    code: 'custom',
    message: `Expected "none", or some of ${FORWARDABLE_FIELDS.join(', ')}.`,
  });
  return z.NEVER;
});

/** Without a word the mapping is removed. */
export type Mapping = Readonly<Record<string, string | null>>;

/** `dialPriority.FIRST_PASS=IMMEDIATE`; `dialPriority.FIRST_PASS=` removes it. */
export const mapping = z.string().transform((text, context): Mapping => {
  const [, name = '', word = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  const reading = leadSettingsSchema.shape.map.safeParse({ [name]: word === '' ? 'NONE' : word });
  if (reading.success) return { [name]: word === '' ? null : word };
  const values = Object.entries(WORDED_OPTIONS).map(([option, words]) => `${option}.${words.join('|')}`);
  const message = `Expected one of ${values.join(', ')}, then "=" and a word of the dialing system in capitals.`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});
