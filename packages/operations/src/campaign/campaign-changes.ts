import { PAUSE_KINDS } from '@live-feed/core/directory/campaign-pause';
import {
  type CampaignRecord,
  listCampaigns,
  removeCampaign,
  renameCampaign,
} from '@live-feed/database/directory/campaigns';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { pauseCampaign, resumeCampaign } from '@live-feed/database/pauses/campaign-pauses';
import { z } from 'zod';
import { companyInput, durationInput } from '../inputs/inputs.ts';
import { shortText } from '../inputs/written.ts';
import { type Context, ofCompany } from '../operation.ts';
import { Refusal } from '../refusal.ts';
import { campaignId } from './campaign-id.ts';

const oneCampaign = { company: companyInput, campaignId };

const PAUSE_BOUNDS = { min: 60_000, max: 7 * 86_400_000 };

/** Once it has ended, no upload of the campaign begins; ingresses know of it within five seconds. */
export const campaignPause = ofCompany({
  name: 'campaign.pause',
  summary: 'stops one campaign alone: its leads wait, and new ones are refused or kept',
  role: 'operator',
  route: 'POST /companies/:company/campaigns/:campaignId/pause',
  input: z.object({
    ...oneCampaign,
    newLeads: z
      .enum(PAUSE_KINDS)
      .default('refuse')
      .describe(
        'refuse: all; keep: those whose callers do not wait for the outcome are taken, and sent later',
      ),
    forMs: durationInput(PAUSE_BOUNDS)
      .optional()
      .describe('for how long, in milliseconds; left out: until it is resumed'),
    reason: shortText().optional().describe('why; shown to everybody'),
  }),
  async run({ database, record }, { campaignId, newLeads, forMs, reason }, company) {
    const before = await theCampaign(database, company, campaignId);
    await pauseCampaign(database, company.id, campaignId, {
      kind: newLeads,
      forMs: forMs ?? null,
      because: reason ?? null,
    });
    const { pause } = await theCampaign(database, company, campaignId);
    record({ target: nameOf(before), before: { pause: before.pause }, after: { pause } });
    return { company, campaignId, pause };
  },
});

export const campaignResume = ofCompany({
  name: 'campaign.resume',
  summary: 'ends the pause of a campaign: what waits is sent',
  role: 'operator',
  route: 'POST /companies/:company/campaigns/:campaignId/resume',
  input: z.object(oneCampaign),
  async run({ database, record }, { campaignId }, company) {
    const before = await theCampaign(database, company, campaignId);
    const wasPaused = await resumeCampaign(database, company.id, campaignId);
    record({ target: nameOf(before), before: { pause: before.pause }, after: { pause: null } });
    return { company, campaignId, wasPaused };
  },
});

export const campaignRename = ofCompany({
  name: 'campaign.rename',
  summary: 'changes what people here call a campaign; the dialing system is not told',
  role: 'operator',
  route: 'POST /companies/:company/campaigns/:campaignId/rename',
  input: z.object({
    ...oneCampaign,
    name: shortText().nullable().describe('null: as the dialing system calls it'),
  }),
  async run({ database, record }, { campaignId, name }, company) {
    const before = await theCampaign(database, company, campaignId);
    await renameCampaign(database, company.id, campaignId, name);
    record({ target: nameOf(before), before: { name: before.ownName }, after: { name } });
    return { company, campaignId, name: name ?? before.name };
  },
});

export const campaignRemove = ofCompany({
  name: 'campaign.remove',
  summary: 'removes a campaign that nothing needs any more; its leads keep its id',
  role: 'admin',
  route: 'DELETE /companies/:company/campaigns/:campaignId',
  input: z.object(oneCampaign),
  async run({ database, record }, { campaignId }, company) {
    const before = await theCampaign(database, company, campaignId);
    const uses = await removeCampaign(database, company.id, campaignId);
    if (uses === undefined) throw noCampaign(company, campaignId);
    const { leads, anis, keys } = uses;
    const reasons = [
      ...(leads === 0 ? [] : [`${leads} of its leads are under way or parked`]),
      ...(anis === 0 ? [] : [`its pool has ${anis} ANIs`]),
      ...(keys.length === 0 ? [] : [`keys name it: ${keys.slice(0, 10).join(', ')}`]),
    ];
    if (reasons.length > 0) {
      throw new Refusal(
        `Campaign ${campaignId} of "${company.name}" is still needed: ${reasons.join('; ')}. Nothing was changed.`,
      );
    }
    record({ target: nameOf(before), before, after: null });
    // A list that has it adds it again.
    return { company, campaignId, isListed: before.name !== null && !before.ended };
  },
});

async function theCampaign(
  database: Context['database'],
  company: CompanyRecord,
  campaignId: string,
): Promise<CampaignRecord> {
  const campaigns = await listCampaigns(database, company.id);
  const found = campaigns.find((campaign) => campaign.campaignId === campaignId);
  if (found === undefined) throw noCampaign(company, campaignId);
  return found;
}

function noCampaign(company: CompanyRecord, campaignId: string): Refusal {
  return new Refusal(`"${company.name}" has no campaign ${campaignId}.`, {
    kind: 'not_found',
    see: { operation: 'campaign.list', values: [company.name] },
  });
}

function nameOf({ campaignId, name, ownName }: CampaignRecord): string {
  const shown = ownName ?? name ?? '';
  return `campaign ${campaignId}${shown === '' ? '' : ` (${shown})`}`;
}
