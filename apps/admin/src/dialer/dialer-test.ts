import { setTimeout as pause } from 'node:timers/promises';
import { SealError } from '@live-feed/core/crypto/sealing';
import type { RateWindow } from '@live-feed/core/directory/dialer-settings';
import { bucketFor } from '@live-feed/core/limits/rate-windows';
import { listCampaigns } from '@live-feed/database/directory/campaigns';
import type { DialerRecord } from '@live-feed/database/directory/lookups';
import { openCredential } from '@live-feed/dialers/credential';
import { findFamily } from '@live-feed/dialers/families';
import type { DialerFamily } from '@live-feed/dialers/family';
import type { CheckResult, Credential, DialerAccount } from '@live-feed/dialers/lead-loader';
import { dialerAddress, type Operation } from '@live-feed/queue/limits/dialer-address';
import { createPermits } from '@live-feed/queue/limits/permits';
import { theDialer } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal } from '../terminal/refusal.ts';
import type { Report } from '../terminal/report.ts';

/** For a company without campaigns: a search in an unknown campaign is not an error. */
const NO_CAMPAIGN = '0';

/** Makes one authenticated request that changes nothing, and reports the result. */
export async function testDialer(session: Session, companyName: string): Promise<Report> {
  const { company, dialer } = await theDialer(session, companyName);
  const family = findFamily(dialer.family);
  if (family === undefined) {
    throw new Refusal(`The live feed does not serve dialers of the family "${dialer.family}".`);
  }
  const account = accountOf(session, dialer, family);
  const loader = (await session.loaders()).loaderFor(family);
  const [campaign] = await listCampaigns(session.database, company.id);
  await waitForPermit(session, dialer, 'read-back', family.windows.readBack);
  const result = await loader.check(account, campaign?.campaignId ?? NO_CAMPAIGN);
  const { host } = dialerAddress(dialer);
  return {
    text: `${host}, account ${dialer.accountId}: ${explain(result, account.credential.kind)}`,
    data: { company, dialerId: dialer.id, host, accountId: dialer.accountId, ...result },
    failed: result.kind !== 'works',
  };
}

export function accountOf(session: Session, dialer: DialerRecord, family: DialerFamily): DialerAccount {
  const { baseUrl, accountId } = dialer;
  const what = family.signIn === undefined ? 'API token' : 'API token and no JWT credential';
  try {
    const credential = openCredential(family, dialer, session.keyring);
    if (credential === undefined)
      throw new Refusal(`The dialer has no ${what}. Set one: ${hint`dialer set --help`}`);
    return { baseUrl, accountId, credential };
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw new Refusal(
      `The dialer's API token or JWT credential cannot be decrypted (${error.code}): SEAL_KEYS lacks its key, or it was changed. Set it again: ${hint`dialer set --help`}`,
      { cause: error },
    );
  }
}

const PERMIT_LIMIT_MS = 15_000;

/** The request counts against the account's rate limits like any other, so that workers are not throttled because of it. */
export async function waitForPermit(
  session: Session,
  dialer: DialerRecord,
  operation: Operation,
  windows: readonly RateWindow[],
): Promise<void> {
  const permits = createPermits(await session.redis(), operation);
  const bucket = bucketFor(windows);
  const giveUpAt = performance.now() + PERMIT_LIMIT_MS;
  for (;;) {
    const answer = await permits.take(dialerAddress(dialer), bucket);
    if (answer.kind === 'granted') return;
    if (performance.now() + answer.waitMs > giveUpAt) {
      throw new Refusal('There was no permit: the rate limit of this account is used up. Try again.');
    }
    await pause(answer.waitMs);
  }
}

export function explain(result: CheckResult, how: Credential['kind']): string {
  switch (result.kind) {
    case 'works':
      return how === 'jwt'
        ? 'works. It let this credential sign in, and answered a search.'
        : 'works. It answered a search with this token.';
    case 'token_refused':
      return `the ${how === 'jwt' ? 'credential' : 'token'} was refused (${result.reason}). Have it renewed there, then set it: ${hint`dialer set --help`}`;
    case 'not_found':
      return `there is no such account, or no such API at the base URL (${result.reason}). Check --account and --base-url.`;
    case 'throttled':
      return `${
        how === 'jwt'
          ? 'it asked to slow down, or has been signed in to five times within a minute. The credential'
          : 'it asked to slow down (HTTP 429). The token'
      } may be right; try again in ${Math.ceil((result.retryAfterMs ?? 30_000) / 1_000)} s.`;
    case 'unreachable':
      return `it cannot be reached: ${result.reason}. Nothing was sent. Check --base-url, DNS and the firewall.`;
    case 'failed':
      return `it responds, but not like a dialing system: ${result.reason}. Check --base-url, or wait for it to recover.`;
  }
}
