import { newId } from '@live-feed/core/ids';
import { MOST_WEBHOOKS } from '@live-feed/core/webhook/webhook-settings';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { ms } from '../leads/sql/lead-times.ts';

/** The endpoints of companies, as people configure them. All times are of the database's clock. */

export type DisabledWhy = 'FAILING' | 'GONE' | 'BY_HAND';

export interface WebhookSettings {
  readonly url: string;
  /** Empty: all. */
  readonly events: readonly string[];
  /** In one delivery at most; 1: each alone, not in a list. */
  readonly maxEvents: number;
  /** Sealed; null if there are none. */
  readonly headers: string | null;
}

/** With its secrets, sealed. */
export interface WebhookRecord extends WebhookSettings {
  readonly id: string;
  readonly companyId: string;
  readonly secret: string;
  readonly oldSecret: string | null;
  readonly oldSecretUntil: Date | null;
  readonly disabledAt: Date | null;
  readonly disabledWhy: string | null;
  readonly fullSince: Date | null;
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly lastAt: Date | null;
  readonly lastResult: string | null;
  readonly createdAt: Date;
}

const RECORD = {
  id: true,
  companyId: true,
  url: true,
  events: true,
  maxEvents: true,
  headers: true,
  secret: true,
  oldSecret: true,
  oldSecretUntil: true,
  disabledAt: true,
  disabledWhy: true,
  fullSince: true,
  failures: true,
  failingSince: true,
  lastAt: true,
  lastResult: true,
  createdAt: true,
} as const;

/** A slot can be taken between the look and the insert. */
const TRIES = MOST_WEBHOOKS + 1;

/** @returns its id; undefined if the company has as many as it may have */
export async function addWebhook(
  database: Database,
  companyId: string,
  { url, events, maxEvents, headers }: WebhookSettings,
  secret: string,
): Promise<string | undefined> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const id = newId();
    const added = await database.$executeRaw`
      INSERT INTO webhooks (id, company_id, slot, url, events, max_events, headers, secret)
      SELECT ${id}::uuid, ${companyId}::uuid, slot, ${url}, ${[...events]}::text[], ${maxEvents}::int, ${headers}, ${secret}
      FROM generate_series(1, ${MOST_WEBHOOKS}::int) AS slot
      WHERE slot NOT IN (SELECT slot FROM webhooks WHERE company_id = ${companyId}::uuid)
      ORDER BY slot LIMIT 1
      ON CONFLICT (company_id, slot) DO NOTHING`;
    if (added === 1) return id;
    const taken = await database.webhook.count({ where: { companyId } });
    if (taken >= MOST_WEBHOOKS) return undefined;
  }
  return undefined;
}

export async function findWebhook(
  database: Database,
  id: string,
): Promise<(WebhookRecord & { readonly companyName: string }) | null> {
  const select = { ...RECORD, company: { select: { name: true } } };
  const row = await database.webhook.findUnique({ where: { id }, select });
  if (row === null) return null;
  const { company, ...webhook } = row;
  return { ...webhook, companyName: company.name };
}

export interface WebhookOverview extends WebhookRecord {
  readonly companyName: string;
  /** Events that are still to be delivered, */
  readonly waiting: number;
  /** and those that are not tried by themselves any more. */
  readonly givenUp: number;
}

/** @param companyId undefined: of all companies */
export async function listWebhooks(
  database: Database,
  companyId: string | undefined,
): Promise<WebhookOverview[]> {
  const rows = await database.webhook.findMany({
    where: companyId === undefined ? {} : { companyId },
    select: { ...RECORD, company: { select: { name: true } } },
    orderBy: [{ company: { name: 'asc' } }, { slot: 'asc' }],
  });
  const counts = await database.$queryRaw<{ id: string; waiting: number; givenUp: number }[]>`
    SELECT webhook_id AS id, count(due_at)::int AS waiting, (count(*) - count(due_at))::int AS "givenUp"
    FROM webhook_events WHERE webhook_id = ANY(${rows.map(({ id }) => id)}::uuid[]) GROUP BY webhook_id`;
  const byId = new Map(counts.map((count) => [count.id, count]));
  return rows.map(({ company, ...row }) => ({
    ...row,
    companyName: company.name,
    waiting: byId.get(row.id)?.waiting ?? 0,
    givenUp: byId.get(row.id)?.givenUp ?? 0,
  }));
}

/** Settings that are left out stay. @returns false if there is no such webhook */
export async function changeWebhook(
  database: Database,
  id: string,
  settings: Partial<WebhookSettings>,
): Promise<boolean> {
  const { events, ...rest } = settings;
  const data = { ...rest, ...(events === undefined ? {} : { events: [...events] }) };
  const { count } = await database.webhook.updateMany({ where: { id }, data });
  return count > 0;
}

/** From now on no event is written for it; what waits stays. */
export async function switchOffWebhook(database: Database, id: string, why: DisabledWhy): Promise<boolean> {
  const changed = await database.$executeRaw`
    UPDATE webhooks SET disabled_at = now(), disabled_why = ${why} WHERE id = ${id}::uuid AND disabled_at IS NULL`;
  return changed > 0;
}

/**
 * As if it had never failed: from now on events are written for it.
 *
 * @param restMs nothing is delivered before that
 * @returns whether it was off
 */
export async function switchOnWebhook(database: Database, id: string, restMs = 0): Promise<boolean> {
  const rows = await database.$queryRaw<{ wasOff: boolean }[]>`
    WITH before AS (SELECT id, disabled_at FROM webhooks WHERE id = ${id}::uuid FOR UPDATE)
    UPDATE webhooks SET disabled_at = NULL, disabled_why = NULL, failures = 0, failing_since = NULL, last_ms = 0,
      rests_until = now() + ${ms(restMs)}
    FROM before WHERE webhooks.id = before.id
    RETURNING before.disabled_at IS NOT NULL AS "wasOff"`;
  return rows[0]?.wasOff ?? false;
}

/**
 * The present secret becomes the old one, which signs as well until its time is over.
 *
 * @param secrets sealed. `was`: the present one, as it was read
 * @returns until when; undefined if the secret is another one by now
 */
export async function rotateWebhookSecret(
  database: Database,
  id: string,
  secrets: {
    readonly was: string;
    readonly secret: string;
    readonly oldSecret: string;
    readonly overlapMs: number;
  },
): Promise<Date | undefined> {
  const rows = await database.$queryRaw<{ until: Date }[]>`
    UPDATE webhooks SET secret = ${secrets.secret}, old_secret = ${secrets.oldSecret},
      old_secret_until = now() + ${secrets.overlapMs}::float8 * interval '1 millisecond'
    WHERE id = ${id}::uuid AND secret = ${secrets.was}
    RETURNING old_secret_until AS until`;
  return rows[0]?.until;
}

/** With its events; what a process writes for it at this moment goes with the next upkeep. */
export async function removeWebhook(database: Database, id: string): Promise<boolean> {
  const { count } = await database.webhook.deleteMany({ where: { id } });
  await database.webhookEvent.deleteMany({ where: { webhookId: id } });
  return count > 0;
}

/** Whether the old secret still signs, by the database's clock. For SELECT on `webhooks`. */
export const OLD_SECRET = Prisma.sql`CASE WHEN old_secret_until > now() THEN old_secret END`;
