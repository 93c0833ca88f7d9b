import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { companyShow } from '@live-feed/operations/company/company-settings';
import { webhookAdd } from '@live-feed/operations/webhook/webhook-changes';
import { webhookList } from '@live-feed/operations/webhook/webhooks';
import type { FastifyInstance } from 'fastify';
import type { Assets } from '../../assets/assets.ts';
import { button } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { secretOnce } from '../../html/secret-once.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';
import { readForm } from '../../operations/form-input.ts';
import { from, mayUse } from '../../sign-in/access.ts';
import { companyNav } from '../companies/company-nav.ts';
import { companyParams } from '../companies/company-page.ts';
import { webhookFields, webhookFieldsOf } from './webhook-form.ts';
import { type ShownWebhook, webhookState } from './webhook-state.ts';

const ADD = from('admin');

export function addWebhooksPage(app: FastifyInstance, assets: Assets): void {
  app.get('/companies/:company/webhooks', { config: { access: from('viewer') } }, async (request, reply) => {
    const { company, settings } = await request.perform(companyShow, readForm(companyParams, request.params));
    const { webhooks } = await request.perform(webhookList, { company: company.id });
    const mayAdd = request.signedIn !== null && mayUse(ADD, request.signedIn);
    const content = html`
      ${companyNav(company.id, 'webhooks')} ${list(company, webhooks, settings.timeZone)}
      ${mayAdd ? addForm(company) : null}
    `;
    return reply.page({ title: `Webhooks of ${company.name}`, content });
  });

  app.post('/companies/:company/webhooks', { config: { access: ADD } }, async (request, reply) => {
    const { company } = readForm(companyParams, request.params);
    const added = await request.perform(webhookAdd, { company, ...readForm(webhookFields, request.body) });
    const back = { href: `companies/${added.company.id}/webhooks/${added.id}`, text: 'Try the webhook' };
    return reply.page({
      title: `New webhook of ${added.company.name}`,
      content: secretOnce({ what: 'secret that deliveries are signed with', secret: added.secret, back }),
      scripts: [assets.href('copy.js')],
    });
  });
}

function list({ id }: CompanyRecord, webhooks: readonly ShownWebhook[], zone: string): Markup {
  return table({
    caption: 'Webhooks',
    columns: [
      {
        title: 'Address',
        cell: (webhook) => html`<a href="companies/${id}/webhooks/${webhook.id}">${webhook.url}</a>`,
      },
      { title: 'State', cell: (webhook) => webhookState(webhook, zone) },
      { title: 'Last delivery', cell: ({ lastAt }) => (lastAt === null ? 'none yet' : time(lastAt, zone)) },
      { title: 'Its result', cell: ({ lastResult }) => lastResult },
      { title: 'Waiting', number: true, cell: ({ waiting }) => waiting },
      { title: 'Given up', number: true, cell: ({ givenUp }) => givenUp },
      { title: 'Events', cell: ({ events }) => (events.length === 0 ? 'all' : events.join(', ')) },
    ],
    rows: webhooks,
    empty: 'There is no webhook: nobody is told of what becomes of the leads later.',
  });
}

function addForm({ id }: CompanyRecord): Markup {
  return html`
    <h2>New webhook</h2>
    <form method="post" action="companies/${id}/webhooks" class="narrow">
      ${webhookFieldsOf({})} ${button('Add the webhook')}
      <p><small>Its secret is shown once, on the next page.</small></p>
    </form>
  `;
}
