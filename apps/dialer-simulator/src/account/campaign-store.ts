/** The campaigns that the simulated accounts have, as their own people made them. Only listings look at them: uploads take any campaign. */
import type { Family } from '../api/lead-store.ts';

export interface StoredCampaign {
  readonly campaignId: string;
  readonly name: string;
  /** The name of its dial group. */
  readonly dialGroup: string;
  readonly active: boolean;
}

/** What an account has until a test gives it others. */
const AT_FIRST: readonly StoredCampaign[] = [
  { campaignId: '123456', name: 'New enquiries', dialGroup: 'Outbound', active: true },
  { campaignId: '123457', name: 'Renewals', dialGroup: 'Outbound', active: true },
];

/** Maximum number of accounts with campaigns of their own; the oldest are removed. */
const ACCOUNTS_KEPT = 1_000;

export type CampaignStore = ReturnType<typeof createCampaignStore>;

export function createCampaignStore() {
  const accounts = new Map<string, readonly StoredCampaign[]>();
  return {
    of: (family: Family, accountId: string): readonly StoredCampaign[] =>
      accounts.get(`${family}/${accountId}`) ?? AT_FIRST,
    /** Replaces the campaigns of an account: one that is missing has ended there. */
    set(family: Family, accountId: string, campaigns: readonly StoredCampaign[]): void {
      const account = `${family}/${accountId}`;
      accounts.delete(account);
      accounts.set(account, campaigns);
      const [oldest] = accounts.keys();
      if (accounts.size > ACCOUNTS_KEPT && oldest !== undefined) accounts.delete(oldest);
    },
    clear: () => accounts.clear(),
  };
}
