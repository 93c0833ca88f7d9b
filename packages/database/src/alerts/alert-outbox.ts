import { type AlertMessage, alertMessageSchema } from '@live-feed/core/alert/alert-message';
import type { Clock } from '@live-feed/core/clock';
import { newId } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { agreedNow } from '../leads/sql/lead-times.ts';

/** What channels are told: written in the transaction that it tells of, sent at least once, under an id that is the same at each attempt. */

const WAITS = Prisma.sql`sent_at IS NULL AND given_up_at IS NULL`;

/** A message for each channel of the rule that is on. */
export async function writeMessages(
  transaction: Prisma.TransactionClient,
  ruleId: string,
  messages: readonly AlertMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  await transaction.$executeRaw`
    INSERT INTO alert_messages (id, channel_id, company_id, content)
    SELECT new_event_id(), alert_channels.id, (content -> 'company' ->> 'id')::uuid, content
    FROM jsonb_array_elements(${JSON.stringify(messages)}::jsonb) AS content
      JOIN alert_rules ON alert_rules.id = ${ruleId}::uuid
      JOIN alert_channels ON cardinality(channels) = 0 OR alert_channels.id = ANY(channels)
    WHERE alert_channels.disabled_at IS NULL`;
}

/** A person tries a channel. It is due at once, whatever failed before. @returns the message's id */
export async function writeTestMessage(database: Database, channelId: string): Promise<string> {
  const id = newId();
  const content: AlertMessage = {
    event: 'test',
    alertId: id,
    ruleId: null,
    kind: 'test',
    condition: 'a person tries this channel',
    ...{ company: null, campaign: null, endpoint: null },
    known: 'Messages of Live Feed arrive here.',
    since: new Date().toISOString(),
    until: null,
  };
  await database.$transaction([
    database.alertMessage.create({ data: { id, channelId, content } }),
    database.alertChannel.update({ where: { id: channelId }, data: { failedMs: null } }),
  ]);
  return id;
}

export interface OutboxMessage {
  readonly id: string;
  readonly content: AlertMessage;
}

/** Messages that are sent as one. */
export interface AlertDelivery {
  /** The same at each attempt. */
  readonly id: string;
  /** Oldest first. */
  readonly messages: readonly OutboxMessage[];
  readonly createdAt: Date;
}

/** Of a channel, in one delivery. */
const MOST_TOGETHER = 500;

/** What a channel has waiting: what was tried together comes again together and alone, otherwise all that waits is joined. */
export async function nextDelivery(
  database: Database,
  channelId: string,
): Promise<AlertDelivery | undefined> {
  const id = newId();
  const rows = await database.$queryRaw<
    { id: string; content: unknown; deliveryId: string; createdAt: Date }[]
  >`
    WITH waiting AS (
      SELECT id, delivery_id FROM alert_messages WHERE channel_id = ${channelId}::uuid AND ${WAITS} ORDER BY id LIMIT ${MOST_TOGETHER}
    ), tried AS (
      SELECT delivery_id FROM waiting WHERE delivery_id IS NOT NULL ORDER BY id LIMIT 1
    )
    UPDATE alert_messages SET delivery_id = COALESCE((SELECT delivery_id FROM tried), ${id}::uuid), attempts = attempts + 1
    FROM waiting
    WHERE alert_messages.id = waiting.id AND (NOT EXISTS (SELECT FROM tried) OR waiting.delivery_id = (SELECT delivery_id FROM tried))
    RETURNING alert_messages.id, content, alert_messages.delivery_id AS "deliveryId", created_at AS "createdAt"`;
  const [first, ...others] = rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  if (first === undefined) return undefined;
  return {
    id: first.deliveryId,
    createdAt: first.createdAt,
    messages: [first, ...others].map((row) => ({
      id: row.id,
      content: alertMessageSchema.parse(row.content),
    })),
  };
}

export interface ListedMessage {
  readonly id: string;
  readonly channel: string;
  readonly createdAt: Date;
  readonly content: AlertMessage;
  readonly attempts: number;
  readonly sentAt: Date | null;
  readonly givenUpAt: Date | null;
}

/** Newest first. @param companyId undefined: of all companies, and those that people tried channels with */
export async function listMessages(
  database: Database,
  companyId: string | undefined,
  limit: number,
): Promise<ListedMessage[]> {
  const rows = await database.alertMessage.findMany({
    where: companyId === undefined ? {} : { companyId },
    include: { channel: { select: { name: true } } },
    omit: { channelId: true, companyId: true, deliveryId: true },
    orderBy: { id: 'desc' },
    take: limit,
  });
  return rows.map(({ channel, content, ...row }) => ({
    ...row,
    channel: channel.name,
    content: alertMessageSchema.parse(content),
  }));
}

export async function isSent(database: Database, id: string): Promise<boolean> {
  return (await database.alertMessage.count({ where: { id, sentAt: { not: null } } })) > 0;
}

/** A channel that is away for a day has its messages given up, and beyond so many the oldest of them. */
const TRIED_FOR = Prisma.sql`interval '1 day'`;
const MOST_WAITING = 1_000;
const KEPT_FOR = Prisma.sql`interval '30 days'`;

/** Gives up and removes what is too old. @returns how many were given up */
export async function tidyMessages(database: Database, limit: number, clock?: Clock): Promise<number> {
  await database.$executeRaw`
    DELETE FROM alert_messages WHERE id IN (
      SELECT id FROM alert_messages WHERE created_at < ${agreedNow(clock)} - ${KEPT_FOR} ORDER BY id LIMIT ${limit} FOR UPDATE SKIP LOCKED)`;
  return database.$executeRaw`
    UPDATE alert_messages SET given_up_at = now() FROM (
      SELECT id, row_number() OVER (PARTITION BY channel_id ORDER BY id DESC) AS place FROM alert_messages WHERE ${WAITS}
    ) AS waiting
    WHERE alert_messages.id = waiting.id AND ${WAITS} AND (place > ${MOST_WAITING} OR created_at < ${agreedNow(clock)} - ${TRIED_FOR})`;
}

export interface AlertFigures {
  readonly burning: number;
  /** Rules that cannot be looked at. */
  readonly unread: number;
  readonly waiting: number;
  /** Channels that fail. */
  readonly failing: number;
}

export async function countAlerts(database: Database): Promise<AlertFigures> {
  const [figures] = await database.$queryRaw<AlertFigures[]>`
    SELECT (SELECT count(*) FROM alert_states WHERE begun_at IS NOT NULL)::int AS burning,
      (SELECT count(*) FROM alert_rules WHERE unread_since IS NOT NULL)::int AS unread,
      (SELECT count(*) FROM alert_messages WHERE ${WAITS})::int AS waiting,
      (SELECT count(*) FROM alert_channels WHERE failing_since IS NOT NULL AND disabled_at IS NULL)::int AS failing`;
  if (figures === undefined) throw new Error('PostgreSQL returned no row for a count.');
  return figures;
}
