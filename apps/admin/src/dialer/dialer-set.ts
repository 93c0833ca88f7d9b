import type { LeadSettings, RateWindow } from '@live-feed/core/directory/dialer-settings';
import { dialerSet } from '@live-feed/operations/dialer/dialer-set';
import type { DialerSettingsInput } from '@live-feed/operations/dialer/dialer-values';
import type { Defaults, Mapping } from '@live-feed/operations/dialer/written-settings';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { UsageError } from '../terminal/refusal.ts';
import type { Report } from '../terminal/report.ts';
import { readSecret } from '../terminal/secret-input.ts';
import { checkToken, readCredential } from './dialer-settings.ts';
import { settingsFacts } from './dialer-show.ts';

/** The options of the command line. A setting without an option does not change. */
export interface DialerOptions {
  readonly family?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly account?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly jwtFile?: string | undefined;
  readonly uploadDefault?: Defaults | undefined;
  readonly forward?: LeadSettings['forward'] | undefined;
  readonly map?: Mapping | undefined;
  readonly phoneFormat?: LeadSettings['phoneFormat'] | undefined;
  readonly maxInFlight?: number | undefined;
  readonly maxLeads?: number | undefined;
  readonly windows?: readonly RateWindow[] | 'documented' | undefined;
  readonly onUnverifiable?: 'park' | 'resend' | undefined;
  readonly force?: true | undefined;
}

/** What a dialer authenticates with. */
export type Secret = Pick<DialerSettingsInput, 'token' | 'jwt'>;

const NOT_SETTINGS: ReadonlySet<string> = new Set(['force', 'json']);

/** Adds a company's dialer, or changes some of its settings. */
export async function setDialer(session: Session, company: string, options: DialerOptions): Promise<Report> {
  if (Object.entries(options).every(([name, value]) => NOT_SETTINGS.has(name) || value === undefined)) {
    throw new UsageError(`Name a setting. See: ${hint`dialer set --help`}`);
  }
  const { account: accountId, uploadDefault: uploadDefaults, maxLeads: maxLeadsPerUpload, windows } = options;
  const { family, baseUrl, forward, map, phoneFormat, maxInFlight, onUnverifiable } = options;
  const { added, ...data } = await session.perform(dialerSet, {
    ...{ company, family, baseUrl, accountId, uploadDefaults, map, phoneFormat },
    ...{ maxInFlight, maxLeadsPerUpload, onUnverifiable, force: options.force },
    ...(await readSecretOf(session, options)),
    forward: forward && [...forward],
    uploadWindows: windows === 'documented' ? null : windows && [...windows],
  });
  return {
    text: `${added ? 'Added the dialer' : 'Changed the dialer'} of "${data.company.name}".\n\n${settingsFacts(data.company, data.dialer)}\n\nTry it with: ${hint`dialer test ${data.company.name}`}`,
    data,
  };
}

/** @throws UsageError where both are named */
export async function readSecretOf(
  { terminal }: Session,
  { tokenFile, jwtFile }: Pick<DialerOptions, 'tokenFile' | 'jwtFile'>,
): Promise<Secret> {
  if (tokenFile !== undefined && jwtFile !== undefined) {
    throw new UsageError('A dialer has a token or a JWT credential: name --token-file or --jwt-file.');
  }
  if (jwtFile !== undefined)
    return { jwt: readCredential(await readSecret(terminal, jwtFile, 'JWT credential')) };
  if (tokenFile === undefined) return {};
  return { token: checkToken(await readSecret(terminal, tokenFile, 'API token')) };
}
