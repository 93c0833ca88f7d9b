import { type AlertCondition, alertConditionSchema } from '@live-feed/core/alert/alert-condition';
import { newId } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';
import { endAlerts } from './alert-states.ts';

/** What people want to be told of. */

export interface AlertScope {
  /** Null: all companies. */
  readonly companyId: string | null;
  /** Null: all campaigns. */
  readonly campaignId: string | null;
  /** Each campaign by itself, not the company as a whole. */
  readonly perCampaign: boolean;
}

export interface AlertRuleSettings extends AlertScope {
  readonly condition: AlertCondition;
  /** Ids; empty: all channels. */
  readonly channels: readonly string[];
  readonly endAfterMs: number;
}

export interface AlertRuleRecord extends AlertRuleSettings {
  readonly id: string;
  readonly companyName: string | null;
  /** Its id where it has no name. */
  readonly campaignName: string | null;
  /** It could not be looked at since, and why. */
  readonly unreadSince: Date | null;
  readonly unreadWhy: string | null;
  readonly disabledAt: Date | null;
  readonly createdAt: Date;
  /** Alerts of it that have begun and not ended. */
  readonly burning: number;
}

/** @returns its id; undefined if there are as many as there may be */
export async function addAlertRule(
  database: Database,
  { condition, companyId, campaignId, perCampaign, channels, endAfterMs }: AlertRuleSettings,
  most: number,
): Promise<string | undefined> {
  const id = newId();
  const added = await database.$executeRaw`
    INSERT INTO alert_rules (id, condition, company_id, campaign_id, per_campaign, channels, end_after_ms)
    SELECT ${id}::uuid, ${JSON.stringify(condition)}::jsonb, ${companyId}::uuid, ${campaignId}, ${perCampaign}::boolean,
      ${[...channels]}::uuid[], ${endAfterMs}::int
    WHERE (SELECT count(*) FROM alert_rules) < ${most}::int`;
  return added === 1 ? id : undefined;
}

/** Oldest first. */
export async function listAlertRules(database: Database, id?: string): Promise<AlertRuleRecord[]> {
  const rows = await database.alertRule.findMany({
    where: id === undefined ? {} : { id },
    omit: { turn: true, claimedMs: true },
    include: {
      company: { select: { name: true } },
      campaign: { select: { name: true } },
      _count: { select: { states: { where: { begunAt: { not: null } } } } },
    },
    orderBy: { id: 'asc' },
  });
  return rows.map(({ company, campaign, condition, _count: counts, ...row }) => ({
    ...row,
    condition: alertConditionSchema.parse(condition),
    companyName: company?.name ?? null,
    campaignName: campaign?.name ?? row.campaignId,
    burning: counts.states,
  }));
}

export interface AlertRuleChange {
  readonly condition?: AlertCondition | undefined;
  readonly channels?: readonly string[] | undefined;
  readonly endAfterMs?: number | undefined;
  readonly on?: boolean | undefined;
}

/**
 * What is left out stays. With another condition, or off, what burns ends, and its channels are told so. A claim of before writes nothing more.
 *
 * @returns false if there is no such rule
 */
export async function changeAlertRule(
  database: Database,
  id: string,
  { condition, channels, endAfterMs, on }: AlertRuleChange,
): Promise<boolean> {
  return database.$transaction(async (transaction) => {
    const locked = await transaction.$queryRaw<unknown[]>`
      SELECT id FROM alert_rules WHERE id = ${id}::uuid FOR UPDATE`;
    if (locked.length === 0) return false;
    if (condition !== undefined) await endAlerts(transaction, id, 'The rule was changed.');
    if (on === false) await endAlerts(transaction, id, 'The rule was switched off.');
    await transaction.alertRule.update({
      where: { id },
      data: {
        turn: { increment: 1 },
        ...(condition === undefined ? {} : { condition }),
        ...(channels === undefined ? {} : { channels: [...channels] }),
        ...(endAfterMs === undefined ? {} : { endAfterMs }),
        ...(on === undefined
          ? {}
          : { disabledAt: on ? null : new Date(), unreadSince: null, unreadWhy: null }),
      },
    });
    return true;
  });
}

/** What burns ends, and its channels are told so. @returns false if there is no such rule */
export async function removeAlertRule(database: Database, id: string): Promise<boolean> {
  return database.$transaction(async (transaction) => {
    const locked = await transaction.$queryRaw<unknown[]>`
      SELECT id FROM alert_rules WHERE id = ${id}::uuid FOR UPDATE`;
    if (locked.length === 0) return false;
    await endAlerts(transaction, id, 'The rule was removed.');
    await transaction.alertRule.delete({ where: { id } });
    return true;
  });
}
