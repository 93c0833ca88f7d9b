import { countAlerts, tidyMessages } from '@live-feed/database/alerts/alert-outbox';
import {
  applyReadings,
  type ClaimedRule,
  claimAlertRules,
  noteUnread,
} from '@live-feed/database/alerts/alert-states';
import type { Redis } from '@live-feed/queue/redis/redis';
import { repeat } from '@live-feed/runtime/repeat';
import { readRule } from './read-rule.ts';
import { type AlertTools, sendAlerts } from './send-alerts.ts';
import { openSightings, SightingError } from './sightings.ts';

/** Watches what people want to be told of, and tells them. */
export interface Alerts {
  /** Lets what is under way end. */
  close(): Promise<void>;
}

/** How often a worker looks for rules, and for messages to send. */
const LOOK_EVERY_MS = 2_000;
/** Of one rule, by whichever worker, on the steady clock. */
const RULE_EVERY_MS = 10_000;
const RULES_AT_ONCE = 20;
const COUNT_EVERY_MS = 15_000;
const TIDY_EVERY_MS = 60_000;
const TIDY_AT_ONCE = 5_000;

/** @param redis connected for the role `requests` */
export function startAlerts(tools: AlertTools, redis: Redis): Alerts {
  const { database, logger, metrics } = tools;
  const chore = (task: () => Promise<void>, everyMs: number, failure: string) =>
    repeat(task, everyMs, (err) => logger.warn({ err }, failure));
  const chores = [
    chore(() => watchRules(tools, redis), LOOK_EVERY_MS, 'the rules of alerts could not be looked at'),
    chore(() => sendAlerts(tools), LOOK_EVERY_MS, 'messages of alerts could not be sent'),
    chore(
      async () => metrics.counted(await countAlerts(database)),
      COUNT_EVERY_MS,
      'alerts could not be counted',
    ),
    chore(
      async () => {
        const givenUp = await tidyMessages(database, TIDY_AT_ONCE);
        metrics.givenUp(givenUp);
        if (givenUp > 0) logger.error({ givenUp }, 'messages of alerts were given up: see the channels');
      },
      TIDY_EVERY_MS,
      'old messages of alerts could not be removed',
    ),
  ];
  return {
    async close() {
      await Promise.all(chores.map((each) => each.stop()));
    },
  };
}

/** Looks at the rules that no other worker has looked at lately. */
export async function watchRules(
  tools: Pick<AlertTools, 'database' | 'logger' | 'metrics'>,
  redis: Redis,
): Promise<void> {
  const rules = await claimAlertRules(tools.database, { everyMs: RULE_EVERY_MS, limit: RULES_AT_ONCE });
  const sightings = openSightings(tools.database, redis);
  for (const rule of rules) await watchRule(tools, sightings, rule);
}

async function watchRule(
  { database, logger, metrics }: Pick<AlertTools, 'database' | 'logger' | 'metrics'>,
  sightings: ReturnType<typeof openSightings>,
  rule: ClaimedRule,
): Promise<void> {
  try {
    const readings = await readRule(sightings, rule, Date.now());
    metrics.changed(await applyReadings(database, rule, readings));
  } catch (err) {
    const why = err instanceof SightingError ? err.message : 'A fault of Live Feed: see the log of workers.';
    logger.warn({ ruleId: rule.id, err }, 'a rule of alerts could not be looked at: nothing begins or ends');
    await noteUnread(database, rule, why);
  }
}
