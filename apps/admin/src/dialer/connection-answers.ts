import { FAMILIES } from '@live-feed/dialers/families';
import type { DialerFamily } from '@live-feed/dialers/family';
import { refuseCredential } from '@live-feed/operations/dialer/dialer-set';
import { dialerAccounts } from '@live-feed/operations/dialer/dialer-test';
import { accountId, baseUrl } from '@live-feed/operations/dialer/dialer-values';
import type { ShownDialer } from '@live-feed/operations/dialer/shown-dialer';
import { servedFamily } from '@live-feed/operations/dialer/the-dialer';
import type { Session } from '../session.ts';
import { as } from '../terminal/arguments.ts';
import { ask } from '../terminal/question.ts';
import { UsageError } from '../terminal/refusal.ts';
import { readSecretOf, type Secret } from './dialer-set.ts';

/** What a connection needs, as far as options say it. */
export interface ConnectionAnswers {
  readonly family?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly account?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly jwtFile?: string | undefined;
}

/** All that a dialer is set up with. */
export interface Connection extends Secret {
  readonly family: string;
  readonly baseUrl: string;
  readonly accountId: string;
}

/**
 * Asks for what neither options nor the dialer say. Everything is known before anything is stored.
 *
 * @returns undefined if nothing is to change
 */
export async function gatherAnswers(
  session: Session,
  existing: ShownDialer | null,
  options: ConnectionAnswers,
): Promise<Connection | undefined> {
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
  refuseCredential(session, existing, { family: family.name, baseUrl: url }, secret);
  const account =
    options.account ?? existing?.accountId ?? (await chooseAccount(session, family, url, secret));
  const changes =
    hasSecret(secret) ||
    existing === null ||
    [options.family, options.baseUrl, options.account].some((option) => option !== undefined);
  return changes ? { family: family.name, baseUrl: url, accountId: account, ...secret } : undefined;
}

/**
 * Where nobody can be asked, all that is missing is named at once. The account may follow from the credentials.
 *
 * @throws UsageError
 */
function requireOptions(existing: ShownDialer | null, options: ConnectionAnswers): void {
  const { tokenFile, jwtFile } = options;
  const name = options.family ?? existing?.family;
  const family = name === undefined ? undefined : servedFamily(name);
  const isSecretKnown =
    (tokenFile ?? jwtFile) !== undefined || (family !== undefined && hasCredential(family, existing));
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

/** Whether the dialer has what this family authenticates with. */
function hasCredential(family: DialerFamily, existing: ShownDialer | null): boolean {
  if (existing === null) return false;
  return existing.hasToken || (family.signIn !== undefined && existing.hasJwtCredential);
}

/** Already read: standard input can be read once. @returns nothing if the dialer has one, and no other is given */
async function secretFor(
  session: Session,
  existing: ShownDialer | null,
  family: DialerFamily,
  { tokenFile, jwtFile }: ConnectionAnswers,
): Promise<Secret> {
  const isGiven = tokenFile !== undefined || jwtFile !== undefined;
  if (!isGiven && hasCredential(family, existing)) return {};
  return readSecretOf(session, isGiven ? { tokenFile, jwtFile } : { tokenFile: '-' });
}

function hasSecret({ token, jwt }: Secret): boolean {
  return token !== undefined || jwt !== undefined;
}

/** The only account of the credentials, or the one that a person chooses. */
async function chooseAccount(
  session: Session,
  family: DialerFamily,
  url: string,
  secret: Secret,
): Promise<string> {
  const { accounts } = hasSecret(secret)
    ? await session.perform(dialerAccounts, { family: family.name, baseUrl: url, ...secret })
    : { accounts: [] };
  const [only] = accounts;
  if (only !== undefined && accounts.length === 1) return only.accountId;
  const shown = accounts
    .slice(0, 20)
    .map(({ accountId, name }) => `${accountId}${name === '' ? '' : ` (${name})`}`);
  const text = `Sub-account${shown.length === 0 ? '' : `, one of ${shown.join(', ')}`}`;
  return ask(session.terminal, { text, option: '--account', parse: as(accountId) });
}
