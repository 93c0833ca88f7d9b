/** What a list of a dialing system's campaigns changes in the campaigns that are known. */

export interface ListedCampaign {
  /** As callers name it. */
  readonly campaignId: string;
  /** For people; may be empty. */
  readonly name: string;
  /** The name of its dial group; may be empty. */
  readonly dialGroup: string;
}

export interface CampaignList {
  readonly campaigns: readonly ListedCampaign[];
  /** Why there may be more campaigns than these; null where these are all. */
  readonly incomplete: string | null;
}

export interface KnownCampaign {
  readonly campaignId: string;
  /** Null: never listed. */
  readonly name: string | null;
  readonly dialGroup: string | null;
  /** Added by a person, who alone decides when it ends. */
  readonly byHand: boolean;
  readonly ended: boolean;
}

export interface CampaignChanges {
  readonly added: readonly ListedCampaign[];
  /** Known ones that got their first name, or another one. */
  readonly renamed: readonly ListedCampaign[];
  /** Those that are listed again after they had ended. */
  readonly returned: readonly ListedCampaign[];
  readonly ended: readonly string[];
  /** Added by hand, and not in a whole list. */
  readonly notListed: readonly string[];
  /** Why nothing was marked as ended; null where it was, or there was nothing to mark. */
  readonly nothingEndedBecause: string | null;
}

/** Only a whole list says what has ended, and an empty one is rather of a token that may see nothing than of an account without campaigns. */
export function campaignChanges(known: readonly KnownCampaign[], list: CampaignList): CampaignChanges {
  const before = new Map(known.map((campaign) => [campaign.campaignId, campaign]));
  const listed = new Set(list.campaigns.map(({ campaignId }) => campaignId));
  const isWhole = list.incomplete === null && listed.size > 0;
  const missing = known.filter(({ campaignId }) => !listed.has(campaignId));
  const inDoubt = missing.filter(({ byHand, ended }) => !byHand && !ended);
  return {
    added: list.campaigns.filter(({ campaignId }) => !before.has(campaignId)),
    renamed: list.campaigns.filter((campaign) => isRenamed(before.get(campaign.campaignId), campaign)),
    returned: list.campaigns.filter(({ campaignId }) => before.get(campaignId)?.ended === true),
    ended: isWhole ? inDoubt.map(({ campaignId }) => campaignId) : [],
    notListed: isWhole ? missing.filter(({ byHand }) => byHand).map(({ campaignId }) => campaignId) : [],
    nothingEndedBecause: isWhole || inDoubt.length === 0 ? null : (list.incomplete ?? 'the list is empty'),
  };
}

function isRenamed(known: KnownCampaign | undefined, { name, dialGroup }: ListedCampaign): boolean {
  return known !== undefined && (known.name !== name || known.dialGroup !== dialGroup);
}
