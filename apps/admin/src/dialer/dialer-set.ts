import { accountName } from '@live-feed/core/directory/account-name';
import { type LeadSettings, PLAIN_LEADS, type RateWindow } from '@live-feed/core/directory/dialer-settings';
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
import { findFamily } from '@live-feed/dialers/families';
import type { DialerFamily } from '@live-feed/dialers/family';
import { theCompany, theDialer } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal, UsageError } from '../terminal/refusal.ts';
import { count, type Report } from '../terminal/report.ts';
import { readSecret } from '../terminal/secret-input.ts';
import { checkToken, type Mapping, readCredential } from './dialer-settings.ts';
import { describeSettings } from './dialer-show.ts';

/** The options of the command line. A setting without an option does not change. */
export interface DialerOptions {
  readonly family?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly account?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly jwtFile?: string | undefined;
  readonly uploadDefault?: UploadOptions | undefined;
  readonly forward?: LeadSettings['forward'] | undefined;
  readonly map?: Mapping | undefined;
  readonly phoneFormat?: LeadSettings['phoneFormat'] | undefined;
  readonly maxInFlight?: number | undefined;
  readonly maxLeads?: number | undefined;
  readonly windows?: readonly RateWindow[] | 'documented' | undefined;
  readonly onUnverifiable?: 'park' | 'resend' | undefined;
  readonly force?: true | undefined;
  /** Instead of a file, as it was read and checked. No option of the command line. */
  readonly secret?: { readonly kind: 'token' | 'jwt'; readonly text: string } | undefined;
}

const NOT_SETTINGS: ReadonlySet<string> = new Set(['force', 'json']);

/** Adds a company's dialer, or changes some of its settings. Workers apply a change within a second, ingresses within five. */
export async function setDialer(
  session: Session,
  companyName: string,
  options: DialerOptions,
): Promise<Report> {
  if (Object.entries(options).every(([name, value]) => NOT_SETTINGS.has(name) || value === undefined)) {
    throw new UsageError(`Name a setting. See: ${hint`dialer set --help`}`);
  }
  if (options.tokenFile !== undefined && options.jwtFile !== undefined) {
    throw new UsageError('A dialer has a token or a JWT credential: name --token-file or --jwt-file.');
  }
  const { database } = session;
  const company = await theCompany(session, companyName);
  const existing = await findDialerOf(database, company.id);
  const place = placeOf(company, existing, options);
  refuseCredential(session, existing, place, options);
  const moves = existing !== null && accountName(existing) !== accountName(place);
  if (moves && options.force !== true) await refuseToMove(session, existing);
  const settings = await settingsFrom(session, company, existing, place.family, options);
  if (existing === null) await addDialer(database, company.id, place, settings);
  else
    await changeDialer(
      database,
      existing.id,
      place,
      settings,
      moves ? existing : undefined,
      isSameAccount(existing, place),
    );
  const { dialer } = await theDialer(session, company.id);
  const { text, data } = describeSettings(company, dialer);
  const said = existing === null ? 'Added the dialer' : 'Changed the dialer';
  return {
    text: `${said} of "${company.name}".\n\n${text}\n\nTry it with: ${hint`dialer test ${company.name}`}`,
    data,
  };
}

function placeOf(company: CompanyRecord, existing: DialerRecord | null, options: DialerOptions): DialerPlace {
  const {
    family = existing?.family,
    baseUrl = existing?.baseUrl,
    account: accountId = existing?.accountId,
  } = options;
  if (family !== undefined && baseUrl !== undefined && accountId !== undefined) {
    return { family, baseUrl, accountId };
  }
  throw new UsageError(
    `"${company.name}" has no dialer yet: a new one needs --family, --base-url and --account.`,
  );
}

/**
 * @throws Refusal for a JWT credential that the family does not take, or whose access tokens workers would not send to this host: it is the one
 * that they are got from
 */
export function refuseCredential(
  { ringcxUrl }: Session,
  existing: DialerRecord | null,
  { family, baseUrl }: Pick<DialerPlace, 'family' | 'baseUrl'>,
  { jwtFile, tokenFile, secret }: Pick<DialerOptions, 'jwtFile' | 'tokenFile' | 'secret'>,
): void {
  const given = jwtFile !== undefined ? 'jwt' : tokenFile !== undefined ? 'token' : secret?.kind;
  if (given === 'jwt' && servedFamily(family).signIn === undefined) {
    throw new Refusal(
      `${servedFamily(family).title} takes no JWT credential: use --token-file. Nothing was changed.`,
    );
  }
  const signsIn = given === 'jwt' || (given === undefined && existing?.jwtCredential);
  if (!signsIn || new URL(baseUrl).origin === ringcxUrl) return;
  throw new Refusal(
    `With a JWT credential the base URL must be at ${ringcxUrl} (WORKER_RINGCX_URL): access tokens are sent nowhere else. Nothing was changed.`,
  );
}

/** With --force another address is the same account; another account id or family never is. */
function isSameAccount(existing: DialerPlace, place: DialerPlace): boolean {
  return existing.family === place.family && existing.accountId === place.accountId;
}

/**
 * Leads under way and parked leads are verified on the account that they were sent to. Another account would not have them, and they
 * would be sent again.
 */
async function refuseToMove({ database }: Session, existing: DialerRecord): Promise<void> {
  const { open, parked } = await countInDoubt(database, existing.companyId, existing.id);
  if (open + parked === 0) return;
  throw new Refusal(
    [
      `${count(open + parked, 'lead')} may be on this account, and can only be verified there: ${open} under way, ${parked} parked.`,
      ...(open === 0
        ? []
        : [`Wait until no lead is under way, or drain the dialer: ${hint`dialer drain --help`}`]),
      ...(parked === 0
        ? []
        : [
            `Decide about the parked leads: ${hint`lead list --company ${existing.companyId} --state PARKED`}, then lead retry or lead resolve`,
          ]),
      'Or add --force: at another address of the same account they are verified there; on another account they are parked and never sent again.',
    ].join('\n'),
  );
}

async function settingsFrom(
  session: Session,
  company: CompanyRecord,
  existing: DialerRecord | null,
  family: string,
  options: DialerOptions,
): Promise<DialerSettings> {
  return {
    ...sealedSecret(session, company.id, family, options.secret ?? (await readSecretOf(session, options))),
    uploadDefaults: mergedDefaults(existing, options.uploadDefault),
    leadSettings: mergedLeadSettings(existing?.leadSettings ?? PLAIN_LEADS, options),
    maxInFlight: options.maxInFlight,
    maxLeadsPerUpload: options.maxLeads,
    uploadWindows: options.windows === 'documented' ? null : options.windows,
    onUnverifiable: options.onUnverifiable,
  };
}

async function readSecretOf(
  { terminal }: Session,
  { tokenFile, jwtFile }: DialerOptions,
): Promise<DialerOptions['secret']> {
  if (tokenFile !== undefined) {
    return { kind: 'token', text: checkToken(await readSecret(terminal, tokenFile, 'API token')) };
  }
  if (jwtFile === undefined) return undefined;
  const credential = readCredential(await readSecret(terminal, jwtFile, 'JWT credential'));
  return { kind: 'jwt', text: JSON.stringify(credential) };
}

/** A token replaces a JWT credential, as that one replaces a token. */
function sealedSecret(
  { keyring }: Session,
  companyId: string,
  familyName: string,
  secret: DialerOptions['secret'],
): DialerSettings {
  if (secret === undefined) return {};
  const { token } = servedFamily(familyName);
  const column = secret.kind === 'jwt' ? 'jwtCredential' : token;
  const sealed = keyring.seal(secret.text, { companyId, column: SEALED[column] });
  return { jwtCredential: null, [token]: null, [column]: sealed };
}

function servedFamily(name: string): DialerFamily {
  const family = findFamily(name);
  if (family === undefined)
    throw new Refusal(`The live feed does not serve dialers of the family "${name}".`);
  return family;
}

function mergedDefaults(
  existing: DialerRecord | null,
  given: UploadOptions | undefined,
): UploadOptions | undefined {
  if (given === undefined) return undefined;
  const merged = Object.entries({ ...existing?.uploadDefaults, ...given });
  return Object.fromEntries(merged.filter(([, value]) => value !== ''));
}

/** @returns undefined where none is given: what a later release has written stays as it is */
function mergedLeadSettings(
  existing: LeadSettings,
  { forward, map, phoneFormat }: DialerOptions,
): LeadSettings | undefined {
  if (forward === undefined && map === undefined && phoneFormat === undefined) return undefined;
  const mapped: Record<string, string> = {};
  for (const [value, word] of Object.entries({ ...existing.map, ...map }))
    if (word !== null) mapped[value] = word;
  return {
    forward: forward ?? existing.forward,
    map: mapped,
    phoneFormat: phoneFormat ?? existing.phoneFormat,
  };
}
