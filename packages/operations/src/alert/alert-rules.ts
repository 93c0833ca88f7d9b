import { MOST_RULES } from '@live-feed/core/alert/alert-channel';
import { type AlertCondition, conditionText, isOfCampaigns } from '@live-feed/core/alert/alert-condition';
import { listAlertChannels } from '@live-feed/database/alerts/alert-channels';
import {
  type AlertRuleRecord,
  addAlertRule,
  changeAlertRule,
  listAlertRules,
  removeAlertRule,
} from '@live-feed/database/alerts/alert-rules';
import type { Database } from '@live-feed/database/connection/client';
import { listCampaigns } from '@live-feed/database/directory/campaigns';
import { findCompany } from '@live-feed/database/directory/companies';
import { z } from 'zod';
import { campaignId } from '../campaign/campaign-id.ts';
import { companyInput, idInput } from '../inputs/inputs.ts';
import { noCompany, ofInstallation } from '../operation.ts';
import { Refusal } from '../refusal.ts';
import { channelsInput, conditionInput, endAfterInput, idsOfChannels } from './alert-inputs.ts';

/** Rules about which people are told, of companies by those who run them all. */

const END_AFTER_MS = 300_000;

export interface ListedRule extends Omit<AlertRuleRecord, 'channels'> {
  /** Names; empty: all. */
  readonly channels: readonly string[];
  /** The condition in words. */
  readonly text: string;
}

async function listed(database: Database, rules: readonly AlertRuleRecord[]): Promise<ListedRule[]> {
  const names = new Map((await listAlertChannels(database)).map(({ id, name }) => [id, name]));
  return rules.map((rule) => ({
    ...rule,
    channels: rule.channels.flatMap((id) => names.get(id) ?? []),
    text: conditionText(rule.condition),
  }));
}

async function theRule(database: Database, id: string): Promise<ListedRule> {
  const [rule] = await listed(database, await listAlertRules(database, id));
  if (rule !== undefined) return rule;
  throw new Refusal('There is no rule with that id.', {
    kind: 'not_found',
    see: { operation: 'alert.list' },
  });
}

/** For the audit log. */
function factsOf({ text, companyName, campaignName, channels, endAfterMs, disabledAt }: ListedRule) {
  return {
    rule: text,
    company: companyName ?? 'all',
    ...(campaignName === null ? {} : { campaign: campaignName }),
    channels: channels.length === 0 ? 'all' : channels,
    endAfterMs,
    on: disabledAt === null,
  };
}

export const alertList = ofInstallation({
  name: 'alert.list',
  summary: 'lists the rules of alerts',
  role: 'viewer',
  route: 'GET /alerts/rules',
  input: z.object({}),
  run: async ({ database }) => ({ rules: await listed(database, await listAlertRules(database)) }),
});

export const alertAdd = ofInstallation({
  name: 'alert.add',
  summary: 'adds a rule: people are told when its condition begins to be met, and when that ends',
  role: 'operator',
  route: 'POST /alerts/rules',
  input: z.object({
    condition: conditionInput,
    company: companyInput.optional().describe('name or id of the company; without it all companies'),
    campaignId: campaignId.optional().describe('the only campaign of that company'),
    perCampaign: z
      .boolean()
      .default(false)
      .describe('whether each campaign is looked at by itself, not the company as a whole'),
    channels: channelsInput.default([]),
    endAfterMs: endAfterInput.default(END_AFTER_MS),
  }),
  async run({ database, record }, { condition, company: named, campaignId: campaign, ...rest }) {
    const { perCampaign, channels, endAfterMs } = rest;
    refuseCampaigns(condition, campaign !== undefined || perCampaign);
    if (campaign !== undefined && named === undefined)
      throw new Refusal('A campaign is a company’s: name the company as well.');
    const company = named === undefined ? undefined : await findCompany(database, named);
    if (company === null) throw noCompany(named ?? '');
    if (company !== undefined && campaign !== undefined) {
      const known = await listCampaigns(database, company.id);
      if (!known.some(({ campaignId: id }) => id === campaign)) {
        throw new Refusal(`"${company.name}" has no campaign ${campaign}.`, {
          kind: 'not_found',
          see: { operation: 'campaign.add', to: 'Add it' },
        });
      }
    }
    const id = await addAlertRule(
      database,
      {
        condition,
        ...{ companyId: company?.id ?? null, campaignId: campaign ?? null, perCampaign, endAfterMs },
        channels: await idsOfChannels(database, channels),
      },
      MOST_RULES,
    );
    if (id === undefined) {
      throw new Refusal(`There are ${MOST_RULES} rules already. Remove one.`, {
        see: { operation: 'alert.list' },
      });
    }
    const rule = await theRule(database, id);
    record({ target: `rule ${id}`, after: factsOf(rule) });
    return { rule };
  },
});

export const alertSet = ofInstallation({
  name: 'alert.set',
  summary: 'changes a rule, or switches it off or on; what burns ends if its condition is changed',
  role: 'operator',
  route: 'PATCH /alerts/rules/:rule',
  input: z.object({
    rule: idInput('the rule'),
    condition: conditionInput.optional(),
    channels: channelsInput.optional(),
    endAfterMs: endAfterInput.optional(),
    on: z.boolean().optional().describe('whether the rule is looked at'),
  }),
  async run({ database, record }, { rule: id, ...change }) {
    const before = await theRule(database, id);
    const { condition, channels, endAfterMs, on } = change;
    if (condition !== undefined) refuseCampaigns(condition, before.campaignId !== null || before.perCampaign);
    await changeAlertRule(database, id, {
      ...{ condition, endAfterMs, on },
      channels: channels === undefined ? undefined : await idsOfChannels(database, channels),
    });
    const rule = await theRule(database, id);
    record({ target: `rule ${id}`, before: factsOf(before), after: factsOf(rule) });
    return { rule };
  },
});

export const alertRemove = ofInstallation({
  name: 'alert.remove',
  summary: 'removes a rule; what burns ends',
  role: 'operator',
  route: 'DELETE /alerts/rules/:rule',
  input: z.object({ rule: idInput('the rule') }),
  async run({ database, record }, { rule: id }) {
    const rule = await theRule(database, id);
    record({ target: `rule ${id}`, before: factsOf(rule) });
    await removeAlertRule(database, id);
    return { rule };
  },
});

/** @throws Refusal */
function refuseCampaigns({ kind }: AlertCondition, isAboutCampaigns: boolean): void {
  if (!isAboutCampaigns || isOfCampaigns(kind)) return;
  throw new Refusal(
    'Dialers, their backlogs, caps and webhooks belong to a company: such a rule cannot be about campaigns.',
  );
}
