/**
 * The ports to what a dialing system can do beside loading leads. A family has them or not, see `DialerFamily`. None of them throws for what
 * the dialing system or the network does; reasons are short, for people, and quote nothing that was sent or answered.
 */
import type { CampaignList } from '@live-feed/core/directory/campaign-changes';
import type { LeadProgress } from '@live-feed/core/directory/errand';
import type { CheckResult, DialerAccount } from './lead-loader.ts';

/** What was asked is not known. */
export type NoAnswer = Exclude<CheckResult, { kind: 'works' }>;

export type CampaignListing = ({ readonly kind: 'listed' } & CampaignList) | NoAnswer;

export type AccountListing =
  | {
      readonly kind: 'listed';
      readonly accounts: readonly { readonly accountId: string; readonly name: string }[];
    }
  | NoAnswer;

export interface CampaignSource {
  /** @param mayAsk awaited before each request, of which there may be several; false → `throttled`, or an incomplete list */
  listCampaigns(account: DialerAccount, mayAsk: () => Promise<boolean>): Promise<CampaignListing>;
  /** The accounts that the credentials may use: one request. */
  listAccounts(account: DialerAccount): Promise<AccountListing>;
}

export type ProgressResult =
  | { readonly kind: 'found'; readonly progress: LeadProgress }
  /** The dialing system does not have it, or does not show it yet. */
  | { readonly kind: 'absent' }
  | NoAnswer;

export type CancelResult =
  /** The dialing system took the request. Which leads it applied to is not said. */
  | { readonly kind: 'taken' }
  /** It may have had an effect. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** It had none. */
  | NoAnswer;

export interface LeadControl {
  /** One request, under the read-back's limits. */
  progressOf(account: DialerAccount, campaignId: string, externId: string): Promise<ProgressResult>;
  /** One request: these leads are not dialled any more. A lead whose dialing has ended loses its state, so look at that first. */
  cancel(account: DialerAccount, campaignId: string, externIds: readonly string[]): Promise<CancelResult>;
  /** What a lead's state means: `ended` is not dialled any more by itself. */
  standingOf(leadState: string): 'open' | 'ended' | 'cancelled';
}
