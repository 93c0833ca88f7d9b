import { CHANNEL_KINDS } from '@live-feed/core/alert/alert-channel';
import {
  alertChannelAdd,
  alertChannelList,
  alertChannelRemove,
  alertChannelSet,
  alertChannelTest,
} from '@live-feed/operations/alert/alert-channels';
import { wholeNumber } from '@live-feed/operations/inputs/written';
import { InputError, Refusal } from '@live-feed/operations/refusal';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { actionButton, button, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { readForm } from '../../operations/form-input.ts';
import { ofAllCompanies } from '../../sign-in/access.ts';

/** Adding, changing and trying a channel. */

const CHANGE = ofAllCompanies('admin');

const text = z.string().trim().default('');
const kindField = z.object({ kind: text });
const channelFields = z.object({
  ...{ kind: text, name: text, to: text, url: text },
  perHour: wholeNumber(1, 1_000),
});

type ChannelKind = (typeof CHANNEL_KINDS)[number];

export const CHANNEL_NAMES: Readonly<Record<ChannelKind, string>> = {
  email: 'E-mail',
  slack: 'Slack-compatible webhook',
  webhook: 'Signed webhook',
};

export function addChannelPages(app: FastifyInstance): void {
  app.get('/alerts/channels/new', { config: { access: CHANGE } }, async (request, reply) => {
    const kind = kindOf(readForm(kindField, request.query).kind);
    return reply.page({ title: `New channel: ${CHANNEL_NAMES[kind]}`, content: newForm(kind) });
  });

  app.post('/alerts/channels', { config: { access: CHANGE } }, async (request, reply) => {
    const fields = readForm(channelFields, request.body);
    const kind = kindOf(fields.kind);
    const target = targetOf(kind, fields);
    if (target === undefined) {
      const member = kind === 'email' ? 'to' : 'url';
      throw new InputError([{ member, message: 'Say where its messages go.' }]);
    }
    const { channel, secret } = await request.perform(alertChannelAdd, {
      ...{ channel: fields.name, target, mostPerHour: fields.perHour },
    });
    return told(reply, secret, `Added the channel "${channel.name}". Try it.`);
  });

  app.get('/alerts/channels/:channel', { config: { access: CHANGE } }, async (request, reply) => {
    const { channels } = await request.perform(alertChannelList, {});
    const channel = channels.find(({ name }) => name === nameOf(request));
    if (channel === undefined) {
      throw new Refusal('There is no such channel.', {
        ...{ kind: 'not_found', see: { operation: 'alert-channel.list' } },
      });
    }
    const { name, kind, goesTo, mostPerHour, disabledAt } = channel;
    const action = pathOf(name);
    const isOn = disabledAt === null;
    const content = html`
      <p>${CHANNEL_NAMES[kindOf(kind)]} to ${goesTo}.</p>
      <form method="post" action=${action} class="narrow">
        <input type="hidden" name="kind" value=${kind} />
        ${targetField(kindOf(kind), kind === 'email' ? goesTo : undefined, false)} ${perHourField(mostPerHour)}
        ${button('Change the channel')}
      </form>
      <p>
        ${actionButton(`${action}/switch`, isOn ? 'Switch off' : 'Switch on', { hidden: { to: isOn ? 'off' : 'on' } })}
        ${actionButton(`${action}/remove`, 'Remove', { kind: 'danger' })}
      </p>
    `;
    return reply.page({ title: `Channel: ${name}`, content });
  });

  app.post('/alerts/channels/:channel', { config: { access: CHANGE } }, async (request, reply) => {
    const fields = readForm(channelFields, request.body);
    const target = targetOf(kindOf(fields.kind), fields);
    const { channel, secret } = await request.perform(alertChannelSet, {
      ...{ channel: nameOf(request), mostPerHour: fields.perHour },
      ...(target === undefined ? {} : { target }),
    });
    return told(reply, secret, `Changed the channel "${channel.name}".`);
  });

  app.post('/alerts/channels/:channel/switch', { config: { access: CHANGE } }, async (request, reply) => {
    const on = readForm(z.object({ to: text }), request.body).to === 'on';
    const { channel } = await request.perform(alertChannelSet, { channel: nameOf(request), on });
    return reply.seeOther('alerts', {
      kind: 'done',
      text: `The channel "${channel.name}" is ${on ? 'on' : 'off'}.`,
    });
  });

  app.post('/alerts/channels/:channel/remove', { config: { access: CHANGE } }, async (request, reply) => {
    const { name } = await request.perform(alertChannelRemove, { channel: nameOf(request) });
    return reply.seeOther('alerts', { kind: 'done', text: `Removed the channel "${name}".` });
  });

  app.post(
    '/alerts/channels/:channel/test',
    { config: { access: ofAllCompanies('operator') } },
    async (request, reply) => {
      const { sent, result } = await request.perform(alertChannelTest, { channel: nameOf(request) });
      const why = result ?? 'no worker has tried yet, or it has had its messages of this hour; it waits';
      return reply.seeOther('alerts', {
        kind: sent ? 'done' : 'refused',
        text: `${sent ? 'Sent' : 'Not sent'}: ${why}.`,
      });
    },
  );
}

/** Of a channel's page, relative to the console. */
export function pathOf(name: string): string {
  return `alerts/channels/${encodeURIComponent(name)}`;
}

function nameOf(request: FastifyRequest): string {
  return String((request.params as Readonly<Record<string, string>>)['channel']);
}

/** @throws Refusal */
function kindOf(kind: string | undefined): ChannelKind {
  const known = CHANNEL_KINDS.find((one) => one === kind);
  if (known !== undefined) return known;
  throw new Refusal('There is no such kind of channel.', {
    ...{ kind: 'not_found', see: { operation: 'alert-channel.list' } },
  });
}

/** @returns undefined if nothing was written: it stays */
function targetOf(kind: ChannelKind, { to, url }: { readonly to: string; readonly url: string }) {
  if (kind === 'email') {
    const addresses = to.split(/[\s,;]+/).filter((address) => address !== '');
    return addresses.length === 0 ? undefined : { kind, to: addresses };
  }
  return url === '' ? undefined : { kind, url };
}

function newForm(kind: ChannelKind): Markup {
  return html`
    <form method="post" action="alerts/channels" class="narrow">
      <input type="hidden" name="kind" value=${kind} />
      ${textField({ name: 'name', label: 'Name', hint: 'by which rules name it', required: true, maxlength: 100 })}
      ${targetField(kind, undefined, true)} ${perHourField(20)} ${button('Add the channel')}
      ${kind === 'webhook' ? html`<p><small>Its secret is shown once, on the next page.</small></p>` : null}
    </form>
  `;
}

function targetField(kind: ChannelKind, value: string | undefined, required: boolean): Markup {
  if (kind === 'email') {
    const hint = 'separated by commas; workers need WORKER_SMTP_URL';
    return textField({ name: 'to', label: 'E-mail addresses', hint, value, required, maxlength: 5_000 });
  }
  const hint = required ? 'HTTPS; it is stored encrypted' : 'HTTPS; it is not shown; empty: it stays';
  return textField({
    name: 'url',
    label: 'Address',
    hint,
    type: 'url',
    required,
    maxlength: 2_000,
    secret: true,
  });
}

function perHourField(value: number): Markup {
  return textField({
    ...{ name: 'perHour', label: 'Messages in an hour at most', hint: 'what is more waits, and goes as one' },
    ...{ type: 'number', value, required: true },
  });
}

/** A secret is shown on the answer itself, and never again. */
function told(reply: FastifyReply, secret: string | undefined, text: string): FastifyReply {
  if (secret === undefined) return reply.seeOther('alerts', { kind: 'done', text });
  const content = html`
    <p>${text} Its messages are signed with this secret. It is not shown again: store it now.</p>
    <p><code>${secret}</code></p>
    <p><a href="alerts">Alerts</a></p>
  `;
  return reply.page({ title: 'New secret of a channel', content });
}
