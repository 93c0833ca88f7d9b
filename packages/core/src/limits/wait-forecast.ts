import type { DialerLoad, GroupId } from './dialer-load.ts';

export interface WaitForecast {
  /** From now until the lead's outcome is known, milliseconds. */
  readonly waitMs: number;
  /** By how much each further lead of the group makes that longer. */
  readonly perLeadMs: number;
}

/**
 * How long a lead that comes now will wait, if nothing fails: it stands at the end of its group's line, and turns go round the campaigns, and within a
 * campaign round its groups (`upload-groups.ts`).
 *
 * Each group takes one upload a turn for as long as it has one, so a lead that leaves with its group's nth turn has waited for the
 * smaller of n and what it had of each other group of its campaign; and the same one level up, of each other campaign. Leads that the lane has not looked
 * at yet count as if they were made up like those that it has.
 *
 * A pause is not foreseen, because its end is not known.
 *
 * @param added leads of this group that came after the load was taken down
 */
export function forecastWait(load: DialerLoad, lead: GroupId, added: number): WaitForecast {
  const { maximum, intervalMs, heldForMs, uploadMs } = load;
  const ahead = leadsAhead(load, lead) + added;
  const turns = Math.floor(ahead / maximum) + 1;
  const uploads = uploadsUntilTurn(load, lead, turns);
  return {
    waitMs: heldForMs + uploads * intervalMs + uploadMs,
    perLeadMs: ((uploadsUntilTurn(load, lead, turns + 1) - uploads) * intervalMs) / maximum,
  };
}

function leadsAhead({ queued, groups, others }: DialerLoad, lead: GroupId): number {
  const seen = groups.reduce((sum, { leads }) => sum + leads, others.leads);
  const own = groups.find((group) => isSame(group, lead))?.leads ?? 0;
  // Where the lane has taken no lead yet, all of them may be of this group.
  return own + Math.ceil(seen === 0 ? queued : (queued * own) / seen);
}

/** The group's own turns included. */
function uploadsUntilTurn(load: DialerLoad, lead: GroupId, turns: number): number {
  const growth = growthByQueued(load);
  const campaigns = new Map<string, number>();
  let ownTurns = turns;
  for (const group of load.groups) {
    const { campaignId } = group;
    const uploads = Math.ceil(group.uploads * growth);
    if (campaignId !== lead.campaignId) campaigns.set(campaignId, (campaigns.get(campaignId) ?? 0) + uploads);
    else if (!isSame(group, lead)) ownTurns += Math.min(uploads, turns);
  }
  const { groups, uploads } = load.others;
  let all = ownTurns + Math.min(Math.ceil(uploads * growth), groups * ownTurns);
  for (const ofCampaign of campaigns.values()) all += Math.min(ofCampaign, ownTurns);
  return all;
}

function growthByQueued({ queued, groups, others }: DialerLoad): number {
  const seen = groups.reduce((sum, { leads }) => sum + leads, others.leads);
  return seen === 0 ? 1 : 1 + queued / seen;
}

function isSame(one: GroupId, other: GroupId): boolean {
  return one.campaignId === other.campaignId && one.group === other.group;
}
