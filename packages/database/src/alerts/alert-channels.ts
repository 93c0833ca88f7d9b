import { newId } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';
import { STEADY_NOW } from '../connection/steady-clock.ts';
import { Prisma } from '../generated/client.ts';

/** Where messages of alerts go. Claims and rests are of the steady clock. */

export interface AlertChannelSettings {
  readonly name: string;
  readonly kind: string;
  /** Sealed. */
  readonly target: string;
  readonly mostPerHour: number;
}

export interface AlertChannelRecord extends AlertChannelSettings {
  readonly id: string;
  readonly disabledAt: Date | null;
  /** In a row. */
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly lastAt: Date | null;
  readonly lastResult: string | null;
  /** Messages that wait. */
  readonly waiting: number;
}

/** @returns its id; undefined if there are as many as there may be, or one of this name */
export async function addAlertChannel(
  database: Database,
  { name, kind, target, mostPerHour }: AlertChannelSettings,
  most: number,
): Promise<string | undefined> {
  const id = newId();
  const added = await database.$executeRaw`
    INSERT INTO alert_channels (id, name, kind, target, most_per_hour)
    SELECT ${id}::uuid, ${name}, ${kind}, ${target}, ${mostPerHour}::int
    WHERE (SELECT count(*) FROM alert_channels) < ${most}::int
    ON CONFLICT (name) DO NOTHING`;
  return added === 1 ? id : undefined;
}

/** Ordered by name. */
export async function listAlertChannels(database: Database): Promise<AlertChannelRecord[]> {
  const rows = await database.alertChannel.findMany({
    omit: { claimedMs: true, failedMs: true, restMs: true, createdAt: true },
    include: { _count: { select: { messages: { where: { sentAt: null, givenUpAt: null } } } } },
    orderBy: { name: 'asc' },
  });
  return rows.map(({ _count: counts, ...row }) => ({ ...row, waiting: counts.messages }));
}

export interface AlertChannelChange {
  readonly target?: string | undefined;
  readonly mostPerHour?: number | undefined;
  readonly on?: boolean | undefined;
}

/** What is left out stays; it is tried at once again. Off: what waits is given up. */
export async function changeAlertChannel(
  database: Database,
  id: string,
  { target, mostPerHour, on }: AlertChannelChange,
): Promise<void> {
  await database.alertChannel.update({
    where: { id },
    data: {
      ...(target === undefined ? {} : { target }),
      ...(mostPerHour === undefined ? {} : { mostPerHour }),
      ...(on === undefined ? {} : { disabledAt: on ? null : new Date() }),
      ...{ failures: 0, failingSince: null, failedMs: null },
    },
  });
  if (on !== false) return;
  await database.alertMessage.updateMany({
    where: { channelId: id, sentAt: null, givenUpAt: null },
    data: { givenUpAt: new Date() },
  });
}

/** With its messages; rules name it no more. */
export async function removeAlertChannel(database: Database, id: string): Promise<void> {
  await database.$transaction([
    // A rule that told this channel only would tell all from now on: it is switched off.
    database.$executeRaw`
      UPDATE alert_rules SET channels = array_remove(channels, ${id}::uuid),
        disabled_at = CASE WHEN cardinality(channels) = 1 THEN COALESCE(disabled_at, now()) ELSE disabled_at END, turn = turn + 1
      WHERE ${id}::uuid = ANY(channels)`,
    database.$executeRaw`
      DELETE FROM alert_states USING alert_rules WHERE alert_rules.id = rule_id AND disabled_at IS NOT NULL`,
    database.alertChannel.deleteMany({ where: { id } }),
  ]);
}

export interface ClaimedChannel {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly target: string;
  readonly failures: number;
}

const NOW_MS = Prisma.sql`COALESCE(${STEADY_NOW}, 0)`;
/** Longer than a delivery and its notes: after it the claim of a worker that died is void. */
const CLAIM_MS = 60_000;

/** Channels that have something waiting, do not rest, have not had their messages of the hour, and that no other worker has. */
export async function claimDueChannels(database: Database, limit: number): Promise<ClaimedChannel[]> {
  return database.$queryRaw<ClaimedChannel[]>`
    WITH due AS (
      SELECT id FROM alert_channels
      WHERE disabled_at IS NULL AND (claimed_ms IS NULL OR abs(${NOW_MS} - claimed_ms) >= ${CLAIM_MS})
        AND (failed_ms IS NULL OR abs(${NOW_MS} - failed_ms) >= rest_ms)
        AND EXISTS (SELECT FROM alert_messages WHERE channel_id = alert_channels.id AND sent_at IS NULL AND given_up_at IS NULL)
        AND most_per_hour > (SELECT count(DISTINCT delivery_id) FROM alert_messages
          WHERE channel_id = alert_channels.id AND sent_at BETWEEN now() - interval '1 hour' AND now())
      ORDER BY last_at NULLS FIRST LIMIT ${limit}::int FOR UPDATE SKIP LOCKED
    )
    UPDATE alert_channels SET claimed_ms = ${NOW_MS} FROM due WHERE alert_channels.id = due.id
    RETURNING alert_channels.id, name, kind, target, failures`;
}

/** It took the messages. */
export async function noteSent(
  database: Database,
  channelId: string,
  messageIds: readonly string[],
  result: string,
): Promise<void> {
  await database.$executeRaw`
    WITH sent AS (UPDATE alert_messages SET sent_at = now() WHERE id = ANY(${[...messageIds]}::uuid[]))
    UPDATE alert_channels SET claimed_ms = NULL, failures = 0, failing_since = NULL, failed_ms = NULL, last_at = now(), last_result = ${result}
    WHERE id = ${channelId}::uuid`;
}

/** @param restMs until it is tried again */
export async function noteUnsent(
  database: Database,
  channelId: string,
  result: string,
  restMs: number,
): Promise<void> {
  await database.$executeRaw`
    UPDATE alert_channels SET claimed_ms = NULL, failures = failures + 1, failing_since = COALESCE(failing_since, now()),
      failed_ms = ${NOW_MS}, rest_ms = ${Math.round(restMs)}::int, last_at = now(), last_result = ${result}
    WHERE id = ${channelId}::uuid`;
}

export async function giveBackChannel(database: Database, id: string): Promise<void> {
  await database.$executeRaw`UPDATE alert_channels SET claimed_ms = NULL WHERE id = ${id}::uuid`;
}
