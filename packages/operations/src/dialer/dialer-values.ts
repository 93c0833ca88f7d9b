import { isIP } from 'node:net';
import {
  jwtCredentialSchema,
  leadSettingsSchema,
  PHONE_FORMATS,
  rateWindowsSchema,
} from '@live-feed/core/directory/dialer-settings';
import { uploadDefaultsSchema } from '@live-feed/core/lead/lead-fields';
import { FAMILIES } from '@live-feed/dialers/families';
import { z } from 'zod';
import { changesMoreThan, companyInput } from '../inputs/inputs.ts';
import { secret } from '../inputs/masked-input.ts';
import { shortText } from '../inputs/written.ts';

/** The values that a dialer is set up with. */

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

export const family = z.enum(FAMILIES.map(({ name }) => name));

/** It is sent in a header: visible ASCII. */
export const token = z
  .string()
  .regex(
    /^[\x21-\x7e]{8,512}$/,
    'This is not an API token: expected 8 to 512 visible ASCII characters without spaces.',
  );

/** Null or an empty text removes it. */
const uploadDefaults = uploadDefaultsSchema.partial();

/** Null removes it. */
const map = z.record(
  leadSettingsSchema.shape.map.unwrap().keyType,
  leadSettingsSchema.shape.map.unwrap().valueType.nullable(),
);

/** A setting that is not given does not change. */
export const dialerSettingsInput = z
  .object({
    company: companyInput,
    family: family.optional().describe('the dialing system'),
    baseUrl: baseUrl.optional().describe('of the voice API: https://ringcx.ringcentral.com/voice/api'),
    accountId: accountId.optional().describe("the sub-account's id"),
    token: secret(token).optional().describe('the API token; it replaces a JWT credential'),
    jwt: secret(jwtCredentialSchema)
      .optional()
      .describe('instead of a token: what RingCentral is signed in to with'),
    uploadDefaults: uploadDefaults
      .optional()
      .describe('upload options for callers that give none; null removes one'),
    forward: leadSettingsSchema.shape.forward
      .unwrap()
      .optional()
      .describe('further fields that are sent on: all of them'),
    map: map
      .optional()
      .describe(
        'what is sent for a value that callers send: {"dialPriority.FIRST_PASS": "IMMEDIATE"}; null removes it',
      ),
    phoneFormat: z.enum(PHONE_FORMATS).optional().describe('whether leads have their number as E.164 too'),
    maxInFlight: z.int().min(1).max(64).optional().describe('maximum number of uploads at once'),
    maxLeadsPerUpload: z.int().min(1).max(1_000).optional().describe('maximum number of leads per upload'),
    uploadWindows: rateWindowsSchema
      .nullable()
      .optional()
      .describe('limits of the account; null: those documented for the family; none: no limit'),
    onUnverifiable: z
      .enum(['park', 'resend'])
      .optional()
      .describe('if the dialing system cannot be asked about a lead'),
    force: z
      .boolean()
      .default(false)
      .describe('change the account or address although leads may be on the old one'),
  })
  .refine(...changesMoreThan('company', 'force'))
  .refine(({ token, jwt }) => token === undefined || jwt === undefined, {
    path: ['jwt'],
    message: 'A dialer has a token or a JWT credential, not both.',
  });

export type DialerSettingsInput = z.output<typeof dialerSettingsInput>;
