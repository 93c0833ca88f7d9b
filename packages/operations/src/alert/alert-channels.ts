import { setTimeout as delay } from 'node:timers/promises';
import {
  type AlertTarget,
  MOST_CHANNELS,
  sealAlertTarget,
  unsealAlertTarget,
} from '@live-feed/core/alert/alert-channel';
import { startStopwatch } from '@live-feed/core/clock';
import { type Keyring, SealError } from '@live-feed/core/crypto/sealing';
import { issueWebhookSecret } from '@live-feed/core/webhook/webhook-settings';
import {
  type AlertChannelRecord,
  addAlertChannel,
  changeAlertChannel,
  listAlertChannels,
  removeAlertChannel,
} from '@live-feed/database/alerts/alert-channels';
import { isSent, writeTestMessage } from '@live-feed/database/alerts/alert-outbox';
import { z } from 'zod';
import { secret } from '../inputs/masked-input.ts';
import { ofInstallation } from '../operation.ts';
import { endpointUrlInput, refuseUrl } from '../own-endpoint.ts';
import { Refusal } from '../refusal.ts';
import type { Resources } from '../resources.ts';
import { channelName, theChannel } from './alert-inputs.ts';

/** Where messages of alerts go. */

const targetInput = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('email'),
    to: z.array(z.email().max(254)).min(1).max(20).describe('e-mail addresses'),
  }),
  z.object({ kind: z.literal('slack'), url: endpointUrlInput }),
  z.object({ kind: z.literal('webhook'), url: endpointUrlInput }),
]);

const perHourInput = z
  .int()
  .min(1)
  .max(1_000)
  .describe('messages in an hour at most; what is more waits, and goes as one');

const PER_HOUR = 20;

export interface ListedChannel extends Omit<AlertChannelRecord, 'target'> {
  /** E-mail addresses, or the host of a URL, whose rest is a secret. */
  readonly goesTo: string;
  readonly state: 'works' | 'fails' | 'off' | 'not used yet';
}

function listed(keyring: Keyring, { target, ...channel }: AlertChannelRecord): ListedChannel {
  const { disabledAt, failingSince, lastAt } = channel;
  const used = lastAt === null ? 'not used yet' : 'works';
  return {
    ...channel,
    goesTo: goesTo(keyring, target),
    state: disabledAt !== null ? 'off' : failingSince !== null ? 'fails' : used,
  };
}

function goesTo(keyring: Keyring, sealed: string): string {
  try {
    const target = unsealAlertTarget(keyring, sealed);
    return target.kind === 'email' ? target.to.join(', ') : new URL(target.url).host;
  } catch (error) {
    if (error instanceof SealError) return '(cannot be decrypted: see SEAL_KEYS)';
    throw error;
  }
}

export const alertChannelList = ofInstallation({
  name: 'alert-channel.list',
  summary: 'lists the channels that messages of alerts go to, and whether they work',
  role: 'operator',
  route: 'GET /alerts/channels',
  input: z.object({}),
  run: async ({ database, keyring }) => ({
    channels: (await listAlertChannels(database)).map((channel) => listed(keyring, channel)),
  }),
});

export const alertChannelAdd = ofInstallation({
  name: 'alert-channel.add',
  summary: 'adds a channel; that of a signed webhook gets a secret, which is shown once',
  role: 'admin',
  route: 'POST /alerts/channels',
  input: z.object({
    channel: channelName,
    target: secret(targetInput).describe('where its messages go'),
    mostPerHour: perHourInput.default(PER_HOUR),
  }),
  async run(context, { channel: name, target: given, mostPerHour }) {
    const { database, keyring, record } = context;
    const { target, signingSecret } = targetOf(context, given);
    const settings = { name, kind: target.kind, target: sealAlertTarget(keyring, target), mostPerHour };
    if ((await addAlertChannel(database, settings, MOST_CHANNELS)) === undefined) {
      throw new Refusal(`There is a channel "${name}" already, or there are ${MOST_CHANNELS} channels.`, {
        see: { operation: 'alert-channel.list' },
      });
    }
    const channel = listed(keyring, await theChannel(database, name));
    record({ target: `channel ${name}`, after: { kind: channel.kind, mostPerHour } });
    return { channel, ...(signingSecret === undefined ? {} : { secret: signingSecret }) };
  },
});

export const alertChannelSet = ofInstallation({
  name: 'alert-channel.set',
  summary: 'changes where a channel leads, or switches it off or on; it is tried at once again',
  role: 'admin',
  route: 'PATCH /alerts/channels/:channel',
  input: z.object({
    channel: channelName,
    target: secret(targetInput)
      .optional()
      .describe('where its messages go; a signed webhook gets another secret'),
    mostPerHour: perHourInput.optional(),
    on: z.boolean().optional().describe('whether it is told; off gives up what waits'),
  }),
  async run(context, { channel: name, target: given, mostPerHour, on }) {
    const { database, keyring, record } = context;
    const before = await theChannel(database, name);
    if (given !== undefined && given.kind !== before.kind)
      throw new Refusal(
        `The channel "${name}" is of the kind ${before.kind}: add another for ${given.kind}.`,
      );
    const made = given === undefined ? undefined : targetOf(context, given);
    await changeAlertChannel(database, before.id, {
      target: made && sealAlertTarget(keyring, made.target),
      ...{ mostPerHour, on },
    });
    const channel = listed(keyring, await theChannel(database, name));
    record({
      target: `channel ${name}`,
      before: { mostPerHour: before.mostPerHour, on: before.disabledAt === null },
      after: {
        ...{ mostPerHour: channel.mostPerHour, on: channel.disabledAt === null },
        ...(given === undefined ? {} : { target: 'changed' }),
      },
    });
    const signingSecret = made?.signingSecret;
    return { channel, ...(signingSecret === undefined ? {} : { secret: signingSecret }) };
  },
});

export const alertChannelRemove = ofInstallation({
  name: 'alert-channel.remove',
  summary: 'removes a channel and its messages; rules that told no other are switched off',
  role: 'admin',
  route: 'DELETE /alerts/channels/:channel',
  input: z.object({ channel: channelName }),
  async run({ database, record }, { channel: name }) {
    const { id, kind } = await theChannel(database, name);
    record({ target: `channel ${name}`, before: { kind } });
    await removeAlertChannel(database, id);
    return { id, name };
  },
});

/** For a worker's look, and a delivery. */
const TEST_LIMIT_MS = 25_000;
const TEST_EVERY_MS = 250;

export const alertChannelTest = ofInstallation({
  name: 'alert-channel.test',
  summary: 'has a worker send a message to a channel now, and waits for what comes of it',
  role: 'operator',
  route: 'POST /alerts/channels/:channel/test',
  input: z.object({ channel: channelName }),
  async run({ database, record, signal }, { channel: name }) {
    const before = await theChannel(database, name);
    if (before.disabledAt !== null) throw new Refusal(`The channel "${name}" is off. Switch it on first.`);
    const messageId = await writeTestMessage(database, before.id);
    const { elapsedMs } = startStopwatch();
    let sent = false;
    let result: string | null = null;
    while (result === null && elapsedMs() < TEST_LIMIT_MS && !signal.aborted) {
      await delay(TEST_EVERY_MS);
      sent = await isSent(database, messageId);
      const { failures, lastResult } = await theChannel(database, name);
      if (sent || failures > before.failures) result = lastResult;
    }
    record({ target: `channel ${name}`, after: { sent, result } });
    return { channel: name, sent, result };
  },
});

/** @throws Refusal */
function targetOf(
  resources: Resources,
  given: z.output<typeof targetInput>,
): { readonly target: AlertTarget; readonly signingSecret?: string } {
  if (given.kind === 'email') return { target: given };
  refuseUrl(resources, given.url);
  if (given.kind === 'slack') return { target: given };
  const signingSecret = issueWebhookSecret();
  return { target: { ...given, secret: signingSecret }, signingSecret };
}
