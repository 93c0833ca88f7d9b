import type { RateWindow } from '@live-feed/core/dialer-settings';
import { SEALED } from '@live-feed/core/lead-job';
import type { UploadOptions } from '@live-feed/core/lead-request';
import type { CompanyRecord } from '@live-feed/database/companies';
import { addDialer, changeDialer, countUnfinished, type DialerSettings } from '@live-feed/database/dialers';
import { type DialerRecord, findDialerOf } from '@live-feed/database/lookups';
import { checkToken } from './dialer-settings.ts';
import { describeSettings } from './dialer-show.ts';
import { Refusal, UsageError } from './refusal.ts';
import type { Report } from './report.ts';
import { readSecret } from './secret-input.ts';
import type { Session } from './session.ts';
import { theCompany } from './the-company.ts';

/** What was given on the command line; the rest stays as it is. */
export interface DialerOptions {
  readonly family?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly account?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly uploadDefault?: UploadOptions | undefined;
  readonly maxInFlight?: number | undefined;
  readonly maxLeads?: number | undefined;
  readonly windows?: readonly RateWindow[] | 'documented' | undefined;
  readonly onUnverifiable?: 'park' | 'resend' | undefined;
  readonly force?: true | undefined;
}

/** Gives a company its dialer, or changes what is given of it. Workers go by it within a second, ingresses within five. */
export async function setDialer(
  session: Session,
  companyName: string,
  options: DialerOptions,
): Promise<Report> {
  const { database } = session;
  const company = await theCompany(session, companyName);
  const existing = await findDialerOf(database, company.id);
  const settings = await settingsFrom(session, company, existing, options);
  if (existing === null) await add(session, company, settings);
  else await change(session, existing, settings, options.force === true);
  const dialer = await findDialerOf(database, company.id);
  if (dialer === null) throw new Refusal('The dialer was removed by somebody else at this moment.');
  const { text, data } = describeSettings(company, dialer);
  const said = existing === null ? 'Added the dialer' : 'Changed the dialer';
  return { text: `${said} of "${company.name}".\n\n${text}\n\nTry it with: dialer test`, data };
}

async function settingsFrom(
  session: Session,
  company: CompanyRecord,
  existing: DialerRecord | null,
  options: DialerOptions,
): Promise<DialerSettings> {
  const family = options.family ?? existing?.family;
  const column = family === 'ringcx' ? 'permanentToken' : 'apiAuthToken';
  const token =
    options.tokenFile === undefined
      ? undefined
      : checkToken(await readSecret(session.terminal, options.tokenFile, 'API token'));
  const sealed =
    token === undefined
      ? {}
      : { [column]: session.keyring.seal(token, { companyId: company.id, column: SEALED[column] }) };
  return {
    family: options.family,
    baseUrl: options.baseUrl,
    accountId: options.account,
    ...sealed,
    uploadDefaults: mergedDefaults(existing, options.uploadDefault),
    maxInFlight: options.maxInFlight,
    maxLeadsPerUpload: options.maxLeads,
    uploadWindows: options.windows === 'documented' ? null : options.windows,
    onUnverifiable: options.onUnverifiable,
  };
}

function mergedDefaults(
  existing: DialerRecord | null,
  given: UploadOptions | undefined,
): UploadOptions | undefined {
  if (given === undefined) return undefined;
  const merged = Object.entries({ ...existing?.uploadDefaults, ...given });
  return Object.fromEntries(merged.filter(([, value]) => value !== ''));
}

async function add({ database }: Session, company: CompanyRecord, settings: DialerSettings): Promise<void> {
  const { family, baseUrl, accountId } = settings;
  if (family === undefined || baseUrl === undefined || accountId === undefined) {
    throw new UsageError(
      `"${company.name}" has no dialer yet: a new one needs --family, --base-url and --account.`,
    );
  }
  await addDialer(database, company.id, { ...settings, family, baseUrl, accountId });
}

/**
 * Leads that are under way are verified on the account that they were sent to: asked of another one, they would be absent there, and
 * be sent again.
 */
async function change(
  { database }: Session,
  existing: DialerRecord,
  settings: DialerSettings,
  force: boolean,
): Promise<void> {
  const moved = (['family', 'baseUrl', 'accountId'] as const).some(
    (setting) => settings[setting] !== undefined && settings[setting] !== existing[setting],
  );
  if (moved && !force) {
    const { SENDING = 0, UNKNOWN = 0 } = await countUnfinished(database, existing.companyId, existing.id);
    if (SENDING + UNKNOWN > 0) {
      throw new Refusal(
        `${SENDING + UNKNOWN} leads are being sent to this account or verified there; on another one they would not be found, and be sent again. ` +
          'Drain the dialer first (dialer drain), or say --force if it is the same account under another address.',
      );
    }
  }
  await changeDialer(database, existing.id, settings);
}
