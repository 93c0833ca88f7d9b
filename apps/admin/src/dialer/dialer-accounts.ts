import { dialerAccounts } from '@live-feed/operations/dialer/dialer-test';
import type { Session } from '../session.ts';
import { type Report, table } from '../terminal/report.ts';
import { type DialerOptions, readSecretOf } from './dialer-set.ts';

/** Lists the accounts that credentials may use. */
export async function listAccounts(
  session: Session,
  options: Pick<DialerOptions, 'tokenFile' | 'jwtFile'> & {
    readonly family: string;
    readonly baseUrl: string;
  },
): Promise<Report> {
  const { family, baseUrl } = options;
  const secret = await readSecretOf(session, options);
  const data = await session.perform(dialerAccounts, { family, baseUrl, ...secret });
  const rows = data.accounts.map(({ accountId, name }) => [accountId, name]);
  return { text: table(['account', 'name'], rows, 'The dialing system lists no account.'), data };
}
