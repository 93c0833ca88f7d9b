import { type KeySettings, keyLabelSchema, keySettingsSchema } from '@live-feed/core/directory/key-settings';
import type { Database } from '@live-feed/database/connection/client';
import { listCampaigns } from '@live-feed/database/directory/campaigns';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { z } from 'zod';
import { InputError, Refusal } from '../refusal.ts';

const { daily, campaigns, defaultCampaign } = keySettingsSchema.shape;

const HOUR_MS = 3_600_000;

/** What a key may do, as inputs have it: null removes a setting, one that is left out stays. */
export const keySettingsInput = {
  label: keyLabelSchema
    .nullable()
    .optional()
    .describe('who has the key: the source of the leads that come with it'),
  rate: z
    .object({ requests: z.int().min(1).max(999_999), perMs: z.int().min(1_000).max(HOUR_MS) })
    .nullable()
    .optional()
    .describe('most leads in any such period, of at most an hour'),
  daily: daily.unwrap().nullable().optional().describe("most leads a day, in the company's time zone"),
  campaigns: campaigns
    .unwrap()
    .nullable()
    .optional()
    .describe('the only campaigns that it may load, and whose leads it reaches'),
  defaultCampaign: defaultCampaign.unwrap().nullable().optional().describe('for leads that name no campaign'),
};

export type KeySettingChanges = z.output<z.ZodObject<typeof keySettingsInput>>;

/**
 * @throws InputError if the default campaign is not among those of the key
 * @throws Refusal for campaigns that the company does not have
 */
export async function changedSettings(
  database: Database,
  company: CompanyRecord,
  present: KeySettings,
  { label, rate, daily, campaigns, defaultCampaign }: KeySettingChanges,
): Promise<KeySettings> {
  const named = Object.entries({ label, rate, daily, campaigns, defaultCampaign }).filter(
    ([, value]) => value !== undefined,
  );
  const changed = Object.entries({ ...present, ...Object.fromEntries(named) });
  const settings = keySettingsSchema.parse(Object.fromEntries(changed.filter(([, value]) => value !== null)));
  const only = settings.campaigns;
  const ofDefault = settings.defaultCampaign;
  if (only !== undefined && ofDefault !== undefined && !only.includes(ofDefault)) {
    const message = `The key may not load its default campaign ${ofDefault}: add it to its campaigns.`;
    throw new InputError([{ member: 'defaultCampaign', message }]);
  }
  const meant = new Set([...(only ?? []), ...(ofDefault === undefined ? [] : [ofDefault])]);
  if (meant.size === 0) return settings;
  for (const { campaignId } of await listCampaigns(database, company.id)) meant.delete(campaignId);
  if (meant.size === 0) return settings;
  throw new Refusal(`"${company.name}" has no campaign ${[...meant].join(', ')}. Nothing was changed.`, {
    see: { operation: 'campaign.list', values: [company.name] },
  });
}
