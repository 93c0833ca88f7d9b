import { duplicateRuleSchema } from '@live-feed/core/directory/duplicate-rule';
import { addCampaigns, listCampaigns, setCampaignDuplicates } from '@live-feed/database/directory/campaigns';
import { z } from 'zod';
import { companyInput } from '../inputs/inputs.ts';
import { ofCompany } from '../operation.ts';
import { Refusal } from '../refusal.ts';
import { campaignId } from './campaign-id.ts';
import { campaignWarnings } from './campaign-warnings.ts';

export const campaignList = ofCompany({
  name: 'campaign.list',
  summary: "lists a company's campaigns",
  role: 'viewer',
  route: 'GET /companies/:company/campaigns',
  input: z.object({ company: companyInput }),
  run: async ({ database }, _input, company) => ({
    company,
    campaigns: await listCampaigns(database, company.id),
  }),
});

export const campaignAdd = ofCompany({
  name: 'campaign.add',
  summary: 'adds campaigns by the id that the dialing system shows',
  role: 'operator',
  route: 'POST /companies/:company/campaigns',
  input: z.object({ company: companyInput, campaignIds: z.array(campaignId).min(1).max(1_000) }),
  async run({ database, record }, { campaignIds }, company) {
    const added = await addCampaigns(database, company.id, campaignIds);
    record({ after: { added } });
    return {
      company,
      added,
      alreadyThere: campaignIds.filter((id) => !added.includes(id)),
      warnings: await campaignWarnings(database, company.id, campaignIds),
    };
  },
});

export const campaignSet = ofCompany({
  name: 'campaign.set',
  summary: 'changes what becomes of duplicates in a campaign',
  role: 'operator',
  route: 'PATCH /companies/:company/campaigns/:campaignId',
  input: z.object({
    company: companyInput,
    campaignId,
    duplicates: z.union([duplicateRuleSchema, z.literal(['off', 'company'])]),
  }),
  async run({ database, record }, { campaignId, duplicates }, company) {
    const campaigns = await listCampaigns(database, company.id);
    const before = campaigns.find((campaign) => campaign.campaignId === campaignId);
    const rule = duplicates === 'company' ? null : duplicates;
    if (before === undefined || !(await setCampaignDuplicates(database, company.id, campaignId, rule))) {
      throw new Refusal(`"${company.name}" has no campaign ${campaignId}.`, {
        kind: 'not_found',
        see: { operation: 'campaign.add', to: 'Add it' },
      });
    }
    record({
      target: `campaign ${campaignId}`,
      before: { duplicates: before.duplicates ?? 'company' },
      after: { duplicates },
    });
    return { company, campaignId, duplicates };
  },
});
