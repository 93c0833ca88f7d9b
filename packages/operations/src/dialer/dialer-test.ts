import { jwtCredentialSchema } from '@live-feed/core/directory/dialer-settings';
import { listCampaigns } from '@live-feed/database/directory/campaigns';
import type { CheckResult, Credential } from '@live-feed/dialers/lead-loader';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { z } from 'zod';
import { companyInput } from '../inputs/inputs.ts';
import { secret } from '../inputs/masked-input.ts';
import { ofCompany, ofInstallation } from '../operation.ts';
import type { See } from '../refusal.ts';
import { accountOf, waitForPermit } from './dialer-account.ts';
import { baseUrl, family, token } from './dialer-values.ts';
import { servedFamily, theDialer } from './the-dialer.ts';

/** For a company without campaigns: a search in an unknown campaign is not an error. */
const NO_CAMPAIGN = '0';

export const dialerTest = ofCompany({
  name: 'dialer.test',
  summary: 'makes one harmless authenticated request to the dialing system, and reports what is wrong',
  role: 'operator',
  route: 'POST /companies/:company/dialer/test',
  input: z.object({ company: companyInput }),
  async run(context, _input, company) {
    const dialer = await theDialer(context.database, company);
    const served = servedFamily(dialer.family);
    const account = accountOf(context.keyring, dialer, served);
    const loader = (await context.loaders()).loaderFor(served);
    const [campaign] = await listCampaigns(context.database, company.id);
    await waitForPermit(context, dialer, 'read-back', served.windows.readBack);
    const result = await loader.check(account, campaign?.campaignId ?? NO_CAMPAIGN);
    const { host } = dialerAddress(dialer);
    const signsInWith = account.credential.kind;
    context.record({ after: { result: result.kind } });
    return { company, dialerId: dialer.id, host, accountId: dialer.accountId, signsInWith, ...result };
  },
});

export const dialerAccounts = ofInstallation({
  name: 'dialer.accounts',
  summary: 'lists the accounts that credentials may use, before a dialer is set up with them',
  role: 'admin',
  route: 'POST /dialer-accounts',
  input: z
    .object({
      family: family.describe('the dialing system'),
      baseUrl: baseUrl.describe('of the voice API'),
      token: secret(token).optional().describe('the API token'),
      jwt: secret(jwtCredentialSchema).optional().describe('instead of a token'),
    })
    .refine(
      ({ token, jwt }) => (token === undefined) !== (jwt === undefined),
      'Expected a token or a JWT credential.',
    ),
  async run({ loaders, record }, { family, baseUrl, token, jwt }) {
    const credential: Credential =
      jwt === undefined ? { kind: 'token', token: token ?? '' } : { kind: 'jwt', jwt };
    const source = (await loaders()).campaignsFor(servedFamily(family));
    const listing = await source?.listAccounts({ baseUrl, accountId: '', credential });
    record({ after: { result: listing?.kind ?? 'none' } });
    // Where it cannot be asked, or does not answer, a person has to know the account.
    return { accounts: listing?.kind === 'listed' ? listing.accounts : [] };
  },
});

/** What a dialing system's answer to a test means, for people. */
export interface Explained {
  readonly text: string;
  readonly see?: See;
}

const SET = 'dialer.set';

export function explainCheck(result: CheckResult, how: Credential['kind']): Explained {
  const what = how === 'jwt' ? 'credential' : 'token';
  switch (result.kind) {
    case 'works':
      return {
        text:
          how === 'jwt'
            ? 'works. It let this credential sign in, and answered a search.'
            : 'works. It answered a search with this token.',
      };
    case 'token_refused':
      return {
        text: `the ${what} was refused (${result.reason}).`,
        see: { operation: SET, to: 'Have it renewed there, then set it' },
      };
    case 'not_found':
      return {
        text: `there is no such account, or no such API at the base URL (${result.reason}). Check the account and the base URL.`,
      };
    case 'throttled':
      return {
        text: `it asked to slow down (HTTP 429)${how === 'jwt' ? ', or has been signed in to five times within a minute' : ''}. The ${what} may be right; try again in ${Math.ceil((result.retryAfterMs ?? 30_000) / 1_000)} s.`,
      };
    case 'unreachable':
      return {
        text: `it cannot be reached: ${result.reason}. Nothing was sent. Check the base URL, DNS and the firewall.`,
      };
    case 'failed':
      return {
        text: `it responds, but not like a dialing system: ${result.reason}. Check the base URL, or wait for it to recover.`,
      };
  }
}
