import {
  type JwtCredential,
  jwtCredentialSchema,
  type LeadSettings,
  leadSettingsSchema,
} from '@live-feed/core/directory/dialer-settings';
import { FORWARDABLE_FIELDS, uploadDefaultsSchema, WORDED_OPTIONS } from '@live-feed/core/lead/lead-fields';
import { validationMessage } from '@live-feed/core/validation-message';
import { token } from '@live-feed/operations/dialer/dialer-values';
import { z } from 'zod';
import { Refusal } from '../terminal/refusal.ts';

/** A dialer's settings as they are written in arguments and files. */

/** @throws Refusal with what is wrong, without what was read */
export function checkToken(text: string): string {
  const reading = token.safeParse(text);
  if (reading.success) return reading.data;
  throw new Refusal(`${reading.error.issues[0]?.message} Nothing was changed.`);
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

/** By option; null removes the default. */
export type Defaults = z.input<typeof uploadDefaultsSchema>;

/** `dialPriority=IMMEDIATE`; without a value the default is removed. */
export const uploadDefault = z.string().transform((text, context): Defaults => {
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
  if (reading.success) return { [name]: value === '' ? null : value };
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
