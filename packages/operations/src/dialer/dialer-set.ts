import { accountName } from '@live-feed/core/directory/account-name';
import { type LeadSettings, PLAIN_LEADS } from '@live-feed/core/directory/dialer-settings';
import { SEALED } from '@live-feed/core/lead/lead-job';
import type { UploadOptions } from '@live-feed/core/lead/lead-request';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import {
  addDialer,
  changeDialer,
  countInDoubt,
  type DialerPlace,
  type DialerSettings,
} from '@live-feed/database/directory/dialers';
import { type DialerRecord, findDialerOf } from '@live-feed/database/directory/lookups';
import type { Actor } from '../actor.ts';
import { type Context, ofCompany } from '../operation.ts';
import { InputError, Refusal } from '../refusal.ts';
import type { Resources } from '../resources.ts';
import { type DialerSettingsInput, dialerSettingsInput } from './dialer-values.ts';
import { type ShownDialer, shownDialer } from './shown-dialer.ts';
import { servedFamily, theDialer } from './the-dialer.ts';

/** Workers apply a change within a second, ingresses within five. */
export const dialerSet = ofCompany({
  name: 'dialer.set',
  summary: 'gives a company its dialer, or changes some of its settings',
  role: 'admin',
  route: 'PUT /companies/:company/dialer',
  input: dialerSettingsInput,
  async run(context, input, company) {
    const { database, record } = context;
    const existing = await findDialerOf(database, company.id);
    const before = existing === null ? null : shownDialer(existing);
    const place = placeOf(company, existing, input);
    refusePlaceOfOne(context.actor, existing, place);
    refuseCredential(context, before, place, input);
    const moves = existing !== null && accountName(existing) !== accountName(place);
    if (moves && !input.force) await refuseToMove(context, existing);
    const settings = settingsFrom(context, company, existing, place.family, input);
    if (existing === null) await addDialer(database, company.id, place, settings);
    else {
      const from = moves ? existing : undefined;
      await changeDialer(database, existing.id, place, settings, from, isSameAccount(existing, place));
    }
    const dialer = shownDialer(await theDialer(database, company));
    record({ target: `dialer ${dialer.id}`, before, after: dialer });
    return { company, added: existing === null, dialer };
  },
});

/**
 * Leads and the token go where the dialer is, and workers reach hosts that nobody outside does: whoever reaches one company only changes
 * neither, nor shares another's account.
 */
function refusePlaceOfOne(
  { companyId }: Actor,
  existing: DialerPlace | null,
  { family, baseUrl, accountId }: DialerPlace,
): void {
  const stays =
    existing?.family === family && existing.baseUrl === baseUrl && existing.accountId === accountId;
  if (companyId === null || stays) return;
  throw new Refusal(
    'You reach one company only; who changes the family, base URL or account of a dialer must reach all.',
    { kind: 'forbidden' },
  );
}

function placeOf(
  company: CompanyRecord,
  existing: DialerRecord | null,
  input: Pick<DialerSettingsInput, 'family' | 'baseUrl' | 'accountId'>,
): DialerPlace {
  const { family = existing?.family, baseUrl = existing?.baseUrl, accountId = existing?.accountId } = input;
  if (family !== undefined && baseUrl !== undefined && accountId !== undefined) {
    return { family, baseUrl, accountId };
  }
  const message = `"${company.name}" has no dialer yet: a new one needs its family, base URL and account.`;
  throw new InputError([{ member: '', message }]);
}

/**
 * @throws Refusal for a JWT credential that the family does not take, or whose access tokens workers would not send to this host: it is the one
 * that they are got from
 */
export function refuseCredential(
  { ringcxUrl }: Pick<Resources, 'ringcxUrl'>,
  existing: Pick<ShownDialer, 'hasJwtCredential'> | null,
  { family, baseUrl }: Pick<DialerPlace, 'family' | 'baseUrl'>,
  { jwt, token }: Pick<DialerSettingsInput, 'jwt' | 'token'>,
): void {
  if (jwt !== undefined && servedFamily(family).signIn === undefined) {
    throw new Refusal(
      `${servedFamily(family).title} takes no JWT credential: it needs a token. Nothing was changed.`,
    );
  }
  const signsIn = jwt !== undefined || (token === undefined && existing?.hasJwtCredential);
  if (!signsIn || new URL(baseUrl).origin === ringcxUrl) return;
  throw new Refusal(
    `With a JWT credential the base URL must be at ${ringcxUrl} (WORKER_RINGCX_URL): access tokens are sent nowhere else. Nothing was changed.`,
  );
}

/** Forced to another address it is the same account; another account id or family never is. */
function isSameAccount(existing: DialerPlace, place: DialerPlace): boolean {
  return existing.family === place.family && existing.accountId === place.accountId;
}

/**
 * Leads under way and parked leads are verified on the account that they were sent to. Another account would not have them, and they
 * would be sent again.
 */
async function refuseToMove({ database }: Context, existing: DialerRecord): Promise<void> {
  const { open, parked } = await countInDoubt(database, existing.companyId, existing.id);
  const all = open + parked;
  if (all === 0) return;
  throw new Refusal(
    [
      `${all === 1 ? '1 lead' : `${all} leads`} may be on this account, and can only be verified there: ${open} under way, ${parked} parked.`,
      ...(open === 0 ? [] : ['Wait until no lead is under way, or drain the dialer.']),
      ...(parked === 0 ? [] : ['Retry or resolve the parked leads.']),
      'Or change it by force: at another address of the same account they are verified there; on another account they are parked and never sent again.',
    ].join('\n'),
    { see: { operation: parked === 0 ? 'dialer.drain' : 'lead.list' } },
  );
}

function settingsFrom(
  context: Context,
  company: CompanyRecord,
  existing: DialerRecord | null,
  family: string,
  input: DialerSettingsInput,
): DialerSettings {
  const { maxInFlight, maxLeadsPerUpload, uploadWindows, onUnverifiable } = input;
  return {
    ...sealedSecret(context, company.id, family, input),
    uploadDefaults: mergedDefaults(existing, input.uploadDefaults),
    leadSettings: mergedLeadSettings(existing?.leadSettings ?? PLAIN_LEADS, input),
    ...{ maxInFlight, maxLeadsPerUpload, uploadWindows, onUnverifiable },
  };
}

/** A token replaces a JWT credential, as that one replaces a token. */
function sealedSecret(
  { keyring }: Context,
  companyId: string,
  familyName: string,
  { token, jwt }: Pick<DialerSettingsInput, 'token' | 'jwt'>,
): DialerSettings {
  const text = jwt === undefined ? token : JSON.stringify(jwt);
  if (text === undefined) return {};
  const { token: tokenColumn } = servedFamily(familyName);
  const column = jwt === undefined ? tokenColumn : 'jwtCredential';
  const sealed = keyring.seal(text, { companyId, column: SEALED[column] });
  return { jwtCredential: null, [tokenColumn]: null, [column]: sealed };
}

function mergedDefaults(
  existing: DialerRecord | null,
  given: DialerSettingsInput['uploadDefaults'],
): UploadOptions | undefined {
  if (given === undefined) return undefined;
  const merged = Object.entries({ ...existing?.uploadDefaults, ...given });
  return Object.fromEntries(merged.filter(([, value]) => value !== null && value !== undefined));
}

/** @returns undefined where none is given: what a later release has written stays as it is */
function mergedLeadSettings(
  existing: LeadSettings,
  { forward, map, phoneFormat }: Pick<DialerSettingsInput, 'forward' | 'map' | 'phoneFormat'>,
): LeadSettings | undefined {
  if (forward === undefined && map === undefined && phoneFormat === undefined) return undefined;
  const mapped: Record<string, string> = {};
  for (const [value, word] of Object.entries({ ...existing.map, ...map }))
    if (word !== null) mapped[value] = word;
  return {
    forward: forward === undefined ? existing.forward : [...new Set(forward)],
    map: mapped,
    phoneFormat: phoneFormat ?? existing.phoneFormat,
  };
}
