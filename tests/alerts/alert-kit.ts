import type { AlertCondition } from '@live-feed/core/alert/alert-condition';
import { type AlertMessage, alertMessageSchema } from '@live-feed/core/alert/alert-message';
import { newId } from '@live-feed/core/ids';
import { addAlertChannel } from '@live-feed/database/alerts/alert-channels';
import { type AlertRuleSettings, addAlertRule } from '@live-feed/database/alerts/alert-rules';
import type { Database } from '@live-feed/database/connection/client';
import type { Redis } from '@live-feed/queue/redis/redis';
import { createMetrics } from '@live-feed/runtime/monitoring/metrics';
import { watchRules } from '@live-feed/worker/alerts/alerts';
import { createAlertMetrics } from '@live-feed/worker/metrics/alert-metrics';

/** Rules looked at by workers' own code, on a steady clock that the test moves. */

export const MINUTE_MS = 60_000;

const tools = (database: Database) => ({
  database,
  logger: { warn: () => undefined } as never,
  metrics: createAlertMetrics(createMetrics()),
});

/** So much time passes, and then some workers look at the same moment. */
export async function pass(database: Database, redis: Redis, ms: number, workers = 1): Promise<void> {
  await database.$executeRaw`UPDATE steady_clock SET elapsed_ms = elapsed_ms + ${ms}::bigint`;
  await Promise.all(Array.from({ length: workers }, () => watchRules(tools(database), redis)));
}

export async function addRule(
  database: Database,
  condition: AlertCondition,
  more: Partial<AlertRuleSettings> = {},
): Promise<string> {
  const settings = {
    companyId: null,
    campaignId: null,
    perCampaign: false,
    channels: [],
    endAfterMs: 5 * MINUTE_MS,
  };
  const id = await addAlertRule(database, { condition, ...settings, ...more }, 1_000);
  if (id === undefined) throw new Error('There are too many rules.');
  return id;
}

/** It leads nowhere: nothing is sent. */
export async function addChannel(database: Database): Promise<string> {
  const id = await addAlertChannel(
    database,
    { name: newId(), kind: 'email', target: 'sealed', mostPerHour: 20 },
    1_000,
  );
  if (id === undefined) throw new Error('There are too many channels.');
  return id;
}

/** In the order in which they were written. */
export async function messagesOf(database: Database, ruleId: string): Promise<AlertMessage[]> {
  const rows = await database.alertMessage.findMany({ orderBy: { id: 'asc' } });
  return rows
    .map(({ content }) => alertMessageSchema.parse(content))
    .filter((message) => message.ruleId === ruleId);
}

export async function eventsOf(database: Database, ruleId: string): Promise<string[]> {
  return (await messagesOf(database, ruleId)).map(({ event }) => event);
}
