import { companyShow } from '@live-feed/operations/company/company-settings';
import { duration } from '@live-feed/operations/inputs/written';
import { Refusal } from '@live-feed/operations/refusal';
import { webhookRemove, webhookRotate, webhookSet } from '@live-feed/operations/webhook/webhook-changes';
import { webhookRedeliver, webhookTest } from '@live-feed/operations/webhook/webhook-deliveries';
import { webhookEvents, webhookList } from '@live-feed/operations/webhook/webhooks';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Assets } from '../../assets/assets.ts';
import { count } from '../../html/count.ts';
import { html } from '../../html/html.ts';
import { secretOnce } from '../../html/secret-once.ts';
import { time } from '../../html/time.ts';
import { blank, readForm } from '../../operations/form-input.ts';
import { from, mayUse } from '../../sign-in/access.ts';
import { companyNav } from '../companies/company-nav.ts';
import { changeForms, deliveryForms, waitingTable, webhookFacts } from './webhook-content.ts';
import { webhookFields } from './webhook-form.ts';

const CHANGE = from('admin');
const DELIVER = from('operator');
const PATH = '/companies/:company/webhooks/:webhook';
const params = z.object({ company: z.string(), webhook: z.string() });

const MOST_SHOWN = 100;

export function addWebhookPage(app: FastifyInstance, assets: Assets): void {
  app.get(PATH, { config: { access: from('viewer') } }, async (request, reply) => {
    const { company, webhook, zone } = await findWebhook(request);
    const { events } = await request.perform(webhookEvents, { webhook: webhook.id, limit: MOST_SHOWN });
    const may = (access: typeof CHANGE) => request.signedIn !== null && mayUse(access, request.signedIn);
    const action = `companies/${company.id}/webhooks/${webhook.id}`;
    const content = html`
      ${companyNav(company.id, 'webhooks')} ${webhookFacts(webhook, zone)}
      ${may(DELIVER) ? deliveryForms(action) : null} ${waitingTable(events, zone)}
      ${may(CHANGE) ? changeForms(action, webhook) : null}
    `;
    return reply.page({ title: `Webhook of ${company.name}`, content });
  });

  app.post(PATH, { config: { access: CHANGE } }, async (request, reply) => {
    const { company, webhook } = readForm(params, request.params);
    await request.perform(webhookSet, { webhook, ...readForm(webhookFields, request.body) });
    const text = 'Changed. Events that are delivered from now on follow it.';
    return reply.seeOther(`companies/${company}/webhooks/${webhook}`, { kind: 'done', text });
  });

  app.post(`${PATH}/switch`, { config: { access: CHANGE } }, async (request, reply) => {
    const { company, webhook } = readForm(params, request.params);
    const { to } = readForm(z.object({ to: z.enum(['on', 'off']) }), request.body);
    await request.perform(webhookSet, { webhook, on: to === 'on' });
    const text =
      to === 'on'
        ? 'It is on: events are delivered, those that wait as well.'
        : 'It is off: events are neither kept nor delivered.';
    return reply.seeOther(`companies/${company}/webhooks/${webhook}`, { kind: 'done', text });
  });

  app.post(`${PATH}/test`, { config: { access: DELIVER } }, async (request, reply) => {
    const { company, webhook } = readForm(params, request.params);
    const { outcome, tookMs, taken } = await request.perform(webhookTest, { webhook });
    const said = outcome.kind === 'answer' ? `HTTP ${outcome.httpStatus} in ${tookMs} ms` : outcome.why;
    const flash = {
      kind: taken ? 'done' : 'refused',
      text: `${taken ? 'Taken' : 'Not taken'}: ${said}.`,
    } as const;
    return reply.seeOther(`companies/${company}/webhooks/${webhook}`, flash);
  });

  app.post(`${PATH}/redeliver`, { config: { access: DELIVER } }, async (request, reply) => {
    const { company, webhook } = readForm(params, request.params);
    const { since: sinceMs } = readForm(redeliverSchema, request.body);
    const { due, written } = await request.perform(webhookRedeliver, { webhook, sinceMs });
    const text = `Delivered from now on: ${count(due, 'event')}, ${written} of them written again.`;
    return reply.seeOther(`companies/${company}/webhooks/${webhook}`, { kind: 'done', text });
  });

  app.post(`${PATH}/rotate`, { config: { access: CHANGE } }, async (request, reply) => {
    const { webhook } = readForm(params, request.params);
    const { overlap: overlapMs } = readForm(rotateSchema, request.body);
    const { company, secret, id, oldSecretUntil } = await request.perform(webhookRotate, {
      webhook,
      overlapMs,
    });
    const back = { href: `companies/${company.id}/webhooks/${id}`, text: 'Back to the webhook' };
    const content = html`
      ${secretOnce({ what: 'new secret', secret, back })}
      <p>Until ${time(oldSecretUntil)} deliveries are signed with both secrets.</p>
    `;
    return reply.page({
      title: `New secret of a webhook of ${company.name}`,
      content,
      scripts: [assets.href('copy.js')],
    });
  });

  app.post(`${PATH}/remove`, { config: { access: CHANGE } }, async (request, reply) => {
    const { webhook } = readForm(params, request.params);
    const { company, url } = await request.perform(webhookRemove, { webhook });
    const text = `Removed the webhook ${url}, and the events that waited for it.`;
    return reply.seeOther(`companies/${company.id}/webhooks`, { kind: 'done', text });
  });
}

const redeliverSchema = z.object({ since: blank(duration({ min: '1m', max: '90d' })) });
const rotateSchema = z.object({ overlap: duration({ min: '0s', max: '90d' }) });

async function findWebhook(request: FastifyRequest) {
  const { company: named, webhook: id } = readForm(params, request.params);
  const { company, settings } = await request.perform(companyShow, { company: named });
  const { webhooks } = await request.perform(webhookList, { company: company.id });
  const webhook = webhooks.find((one) => one.id === id.toLowerCase());
  if (webhook === undefined) {
    throw new Refusal('There is no webhook with that id.', {
      ...{ kind: 'not_found', see: { operation: 'webhook.list' } },
    });
  }
  return { company, webhook, zone: settings.timeZone };
}
