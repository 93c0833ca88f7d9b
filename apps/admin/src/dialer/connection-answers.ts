import type { DialerRecord } from '@live-feed/database/directory/lookups';
import { hasCredential } from '@live-feed/dialers/credential';
import { FAMILIES, findFamily } from '@live-feed/dialers/families';
import type { DialerFamily } from '@live-feed/dialers/family';
import type { Credential } from '@live-feed/dialers/lead-loader';
import type { Session } from '../session.ts';
import { as } from '../terminal/arguments.ts';
import { ask } from '../terminal/question.ts';
import { Refusal, UsageError } from '../terminal/refusal.ts';
import { readSecret } from '../terminal/secret-input.ts';
import { type DialerOptions, refuseCredential } from './dialer-set.ts';
import { accountId, baseUrl, checkToken, readCredential } from './dialer-settings.ts';

/** What a connection needs, as far as options say it. */
export interface ConnectionAnswers {
  readonly family?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly account?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly jwtFile?: string | undefined;
}

/**
 * Asks for what neither options nor the dialer say. Everything is known before anything is stored.
 *
 * @returns undefined if nothing is to change
 */
export async function gatherAnswers(
  session: Session,
  existing: DialerRecord | null,
  options: ConnectionAnswers,
): Promise<DialerOptions | undefined> {
  const { terminal } = session;
  if (options.tokenFile !== undefined && options.jwtFile !== undefined) {
    throw new UsageError('A dialer has a token or a JWT credential: name --token-file or --jwt-file.');
  }
  if (!terminal.stdin.isTTY) requireOptions(existing, options);
  const family = servedFamily(
    options.family ??
      existing?.family ??
      (await ask(terminal, {
        text: `Dialing system (${FAMILIES.map(({ name }) => name).join(', ')})`,
        ...{ option: '--family', initial: 'ringcx', parse: (name) => servedFamily(name).name },
      })),
  );
  const url =
    options.baseUrl ??
    existing?.baseUrl ??
    (await ask(terminal, {
      text: 'Base URL of its voice API',
      ...{ option: '--base-url', initial: baseUrlOf(session, family), parse: as(baseUrl) },
    }));
  const secret = await secretFor(session, existing, family, options);
  refuseCredential(session, existing, { family: family.name, baseUrl: url }, { ...secret?.option });
  const account =
    options.account ?? existing?.accountId ?? (await chooseAccount(session, family, url, secret?.credential));
  const changes =
    secret !== undefined ||
    existing === null ||
    [options.family, options.baseUrl, options.account].some((option) => option !== undefined);
  return changes ? { family: family.name, baseUrl: url, account, ...secret?.option } : undefined;
}

/**
 * Where nobody can be asked, all that is missing is named at once. The account may follow from the credentials.
 *
 * @throws UsageError
 */
function requireOptions(existing: DialerRecord | null, options: ConnectionAnswers): void {
  const { tokenFile, jwtFile } = options;
  const name = options.family ?? existing?.family;
  const family = name === undefined ? undefined : servedFamily(name);
  const isSecretKnown =
    (tokenFile ?? jwtFile) !== undefined ||
    (existing !== null && family !== undefined && hasCredential(family, existing));
  const missing = [
    ...(family === undefined ? ['--family'] : []),
    ...((options.baseUrl ?? existing?.baseUrl) === undefined ? ['--base-url'] : []),
    ...(isSecretKnown ? [] : ['--token-file or --jwt-file']),
  ];
  if (missing.length === 0) return;
  throw new UsageError(`There is no terminal to ask on: name ${missing.join(', ')}.`);
}

/** Of RingCX; the others publish none. */
function baseUrlOf({ ringcxUrl }: Session, family: DialerFamily): string | undefined {
  return family.name === 'ringcx' ? `${ringcxUrl}/voice/api` : undefined;
}

function servedFamily(name: string): DialerFamily {
  const family = findFamily(name);
  if (family === undefined)
    throw new Refusal(`The live feed does not serve dialers of the family "${name}".`);
  return family;
}

interface Secret {
  readonly credential: Credential;
  /** Already read: standard input can be read once. */
  readonly option: Pick<DialerOptions, 'secret'>;
}

/** @returns undefined if the dialer has one, and no other is given */
async function secretFor(
  { terminal }: Session,
  existing: DialerRecord | null,
  family: DialerFamily,
  { tokenFile, jwtFile }: ConnectionAnswers,
): Promise<Secret | undefined> {
  const isGiven = tokenFile !== undefined || jwtFile !== undefined;
  if (!isGiven && existing !== null && hasCredential(family, existing)) return undefined;
  if (jwtFile !== undefined) {
    const jwt = readCredential(await readSecret(terminal, jwtFile, 'JWT credential'));
    return {
      credential: { kind: 'jwt', jwt },
      option: { secret: { kind: 'jwt', text: JSON.stringify(jwt) } },
    };
  }
  const token = checkToken(await readSecret(terminal, tokenFile ?? '-', 'API token'));
  return { credential: { kind: 'token', token }, option: { secret: { kind: 'token', text: token } } };
}

/** The only account of the credentials, or the one that a person chooses. */
async function chooseAccount(
  session: Session,
  family: DialerFamily,
  url: string,
  credential: Credential | undefined,
): Promise<string> {
  const accounts = credential === undefined ? [] : await accountsOf(session, family, url, credential);
  const [only] = accounts;
  if (only !== undefined && accounts.length === 1) return only.accountId;
  const shown = accounts
    .slice(0, 20)
    .map(({ accountId, name }) => `${accountId}${name === '' ? '' : ` (${name})`}`);
  const text = `Sub-account${shown.length === 0 ? '' : `, one of ${shown.join(', ')}`}`;
  return ask(session.terminal, { text, option: '--account', parse: as(accountId) });
}

/** None where the dialing system cannot be asked, or does not answer: the test that follows says why. */
async function accountsOf(session: Session, family: DialerFamily, url: string, credential: Credential) {
  const source = (await session.loaders()).campaignsFor(family);
  const listing = await source?.listAccounts({ baseUrl: url, accountId: '', credential });
  return listing?.kind === 'listed' ? listing.accounts : [];
}
