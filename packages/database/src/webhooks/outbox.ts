import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { ms } from '../leads/sql/lead-times.ts';
import { OLD_SECRET } from './webhooks.ts';

/**
 * The events that are still to be delivered. The rows decide, queues only wake: a row is removed once its endpoint has taken it. Times are of
 * the database's clock.
 */

export interface DueWebhook {
  readonly id: string;
  /** Its last delivery failed or took long. */
  readonly isSlow: boolean;
}

/** Not claimed by a worker, and not resting. @param slowMs a delivery that took longer was slow */
export async function findDueWebhooks(
  database: Database,
  { limit, slowMs }: { readonly limit: number; readonly slowMs: number },
): Promise<DueWebhook[]> {
  return database.$queryRaw<DueWebhook[]>`
    SELECT id, failures > 0 OR last_ms > ${slowMs}::int AS "isSlow" FROM webhooks
    WHERE ${IS_FREE} AND EXISTS (SELECT FROM webhook_events WHERE webhook_id = webhooks.id AND due_at <= now())
    ORDER BY last_at NULLS FIRST LIMIT ${limit}`;
}

const IS_FREE = Prisma.sql`disabled_at IS NULL AND (rests_until IS NULL OR rests_until <= now())
  AND (claimed_until IS NULL OR claimed_until <= now())`;

/** An endpoint that one worker delivers to. Secrets and headers are sealed. */
export interface ClaimedWebhook {
  readonly id: string;
  readonly companyId: string;
  readonly url: string;
  readonly headers: string | null;
  readonly secret: string;
  readonly oldSecret: string | null;
  readonly maxEvents: number;
  readonly failures: number;
}

/**
 * Takes the right to deliver to an endpoint: one worker at a time has it, and loses it after that time.
 *
 * @returns undefined if another worker has it, or the endpoint is off or rests
 */
export async function claimWebhook(
  database: Database,
  id: string,
  forMs: number,
): Promise<ClaimedWebhook | undefined> {
  const rows = await database.$queryRaw<ClaimedWebhook[]>`
    UPDATE webhooks SET claimed_until = now() + ${ms(forMs)} WHERE id = ${id}::uuid AND ${IS_FREE}
    RETURNING id, company_id AS "companyId", url, headers, secret, ${OLD_SECRET} AS "oldSecret",
      max_events AS "maxEvents", failures`;
  return rows[0];
}

export async function giveBackClaim(database: Database, id: string): Promise<void> {
  await database.$executeRaw`UPDATE webhooks SET claimed_until = NULL WHERE id = ${id}::uuid`;
}

export interface OutboxEvent {
  readonly id: string;
  readonly type: string;
  readonly leadId: string | null;
  readonly details: unknown;
  readonly createdAt: Date;
  readonly deliveryId: string | null;
  readonly attempt: number;
}

/**
 * The next events of an endpoint that is still on, oldest first. Those that were tried together come together and alone; a first that was
 * not yet tried comes with as many others as there may be.
 */
export async function nextEvents(
  database: Database,
  webhookId: string,
  limit: number,
): Promise<OutboxEvent[]> {
  return database.$queryRaw<OutboxEvent[]>`
    WITH first AS (
      SELECT delivery_id FROM webhook_events
      WHERE webhook_id = ${webhookId}::uuid AND due_at <= now() ORDER BY due_at, id LIMIT 1
    )
    SELECT webhook_events.id, type, lead_id AS "leadId", details, webhook_events.created_at AS "createdAt",
      webhook_events.delivery_id AS "deliveryId", attempt
    FROM webhook_events JOIN first ON first.delivery_id IS NOT DISTINCT FROM webhook_events.delivery_id
    WHERE webhook_id = ${webhookId}::uuid AND due_at <= now()
      AND EXISTS (SELECT FROM webhooks WHERE id = ${webhookId}::uuid AND disabled_at IS NULL)
    ORDER BY due_at, webhook_events.id LIMIT ${limit}`;
}

/** From now on the events are tried together, under one `webhook-id`. */
export async function joinEvents(
  database: Database,
  ids: readonly string[],
  deliveryId: string,
): Promise<void> {
  await database.$executeRaw`
    UPDATE webhook_events SET delivery_id = ${deliveryId}::uuid WHERE id = ANY(${[...ids]}::uuid[])`;
}

export interface Delivery {
  readonly webhookId: string;
  readonly ids: readonly string[];
  /** What came of it, for people. */
  readonly result: string;
  readonly tookMs: number;
}

/** Failures in a row after which an endpoint was away: when it is back, all that failed meanwhile is due. */
const AWAY_AFTER = 3;

/** The endpoint has taken the events. */
export async function noteDelivered(
  database: Database,
  { webhookId, ids, result, tookMs }: Delivery,
): Promise<void> {
  await database.$executeRaw`
    WITH gone AS (DELETE FROM webhook_events WHERE id = ANY(${[...ids]}::uuid[])),
    before AS (SELECT id, failures FROM webhooks WHERE id = ${webhookId}::uuid),
    back AS (
      UPDATE webhook_events SET due_at = created_at FROM before
      WHERE webhook_id = before.id AND before.failures >= ${AWAY_AFTER} AND due_at > now()
        AND webhook_events.id <> ALL(${[...ids]}::uuid[])
    )
    UPDATE webhooks SET failures = 0, failing_since = NULL, rests_until = NULL, last_at = now(), last_result = ${result},
      last_ms = ${Math.round(tookMs)}::int
    WHERE id = ${webhookId}::uuid`;
}

/** After a fault that is not the endpoint's. */
export async function restWebhook(database: Database, id: string, forMs: number): Promise<void> {
  await database.$executeRaw`
    UPDATE webhooks SET rests_until = now() + ${ms(forMs)}, last_at = now(), last_result = 'a fault of Live Feed, see its log'
    WHERE id = ${id}::uuid`;
}

/** The events are not tried by themselves any more. */
export async function setAside(database: Database, ids: readonly string[]): Promise<void> {
  await database.webhookEvent.updateMany({ where: { id: { in: [...ids] } }, data: { dueAt: null } });
}

/** There is nothing to tell any more. */
export async function dropEvents(database: Database, ids: readonly string[]): Promise<void> {
  await database.webhookEvent.deleteMany({ where: { id: { in: [...ids] } } });
}

export interface FailedDelivery extends Delivery {
  /** Until the events are tried again. */
  readonly retryInMs: number;
  /** Until anything is tried; 0: others may be at once. */
  readonly restMs: number;
  /** Each is tried alone from now on: one of them may be why all were refused. */
  readonly takeApart: boolean;
  /** Events that are older are not tried by themselves any more, and an endpoint that has failed for as long is switched off. */
  readonly giveUpAfterMs: number;
  /** The endpoint said that it is gone. */
  readonly isGone: boolean;
}

/** @returns why the endpoint was switched off by this; undefined if it was not */
export async function noteFailed(
  database: Database,
  failed: FailedDelivery,
): Promise<'FAILING' | 'GONE' | undefined> {
  const { webhookId, ids, result, tookMs, retryInMs, restMs, takeApart, giveUpAfterMs, isGone } = failed;
  const rows = await database.$queryRaw<{ off: 'FAILING' | 'GONE' | null }[]>`
    WITH later AS (
      UPDATE webhook_events SET attempt = attempt + 1,
        due_at = CASE WHEN created_at > now() - ${ms(giveUpAfterMs)} THEN now() + ${ms(retryInMs)} END,
        delivery_id = CASE WHEN ${takeApart} THEN id ELSE delivery_id END
      WHERE id = ANY(${[...ids]}::uuid[])
    ),
    before AS (
      SELECT id, (CASE
        WHEN ${isGone} THEN 'GONE'
        WHEN failing_since < now() - ${ms(giveUpAfterMs)} THEN 'FAILING'
      END) AS off FROM webhooks WHERE id = ${webhookId}::uuid AND disabled_at IS NULL FOR UPDATE
    )
    UPDATE webhooks SET failures = failures + 1, failing_since = COALESCE(failing_since, now()),
      rests_until = now() + ${ms(restMs)}, last_at = now(), last_result = ${result}, last_ms = ${Math.round(tookMs)}::int,
      disabled_at = CASE WHEN off IS NOT NULL THEN now() END, disabled_why = off
    FROM before WHERE webhooks.id = before.id
    RETURNING off`;
  return rows[0]?.off ?? undefined;
}
