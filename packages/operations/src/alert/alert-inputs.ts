import { alertConditionSchema } from '@live-feed/core/alert/alert-condition';
import { type AlertChannelRecord, listAlertChannels } from '@live-feed/database/alerts/alert-channels';
import type { Database } from '@live-feed/database/connection/client';
import { z } from 'zod';
import { Refusal } from '../refusal.ts';

/** Members of the inputs of several operations on alerts. */

export const conditionInput = alertConditionSchema.describe(
  'what the rule looks at; times in milliseconds, shares in percent',
);

export const channelName = z.string().trim().min(1).max(100).describe('name of the channel');

export const channelsInput = z
  .array(channelName)
  .max(20)
  .describe('names of the channels that are told; empty: all');

export const endAfterInput = z
  .int()
  .min(60_000)
  .max(86_400_000)
  .describe('the alert ends once its condition has not been met for so long, milliseconds');

/** @throws Refusal */
export async function theChannel(database: Database, name: string): Promise<AlertChannelRecord> {
  const found = (await listAlertChannels(database)).find((channel) => channel.name === name);
  if (found !== undefined) return found;
  throw new Refusal(`There is no channel "${name}".`, {
    kind: 'not_found',
    see: { operation: 'alert-channel.list' },
  });
}

/** @throws Refusal if one does not exist @returns their ids */
export async function idsOfChannels(database: Database, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const known = new Map((await listAlertChannels(database)).map(({ name, id }) => [name, id]));
  return names.map((name) => {
    const id = known.get(name);
    if (id !== undefined) return id;
    throw new Refusal(`There is no channel "${name}".`, {
      kind: 'not_found',
      see: { operation: 'alert-channel.list' },
    });
  });
}
