import { API_KEY_TYPES } from '@live-feed/core/crypto/api-key';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { companyShow } from '@live-feed/operations/company/company-settings';
import { describeLimits } from '@live-feed/operations/inputs/written-key-settings';
import { keyList } from '@live-feed/operations/key/keys';
import { keyIssue } from '@live-feed/operations/key/new-keys';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Assets } from '../../assets/assets.ts';
import { button, selectField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { secretOnce } from '../../html/secret-once.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';
import { readForm } from '../../operations/form-input.ts';
import { from, mayUse } from '../../sign-in/access.ts';
import { companyNav } from '../companies/company-nav.ts';
import { companyParams } from '../companies/company-page.ts';
import { expiresField, expiresIn, keyFields, keyFieldsOf, keySettingsOf } from './key-form.ts';
import { keyState, type ShownKey } from './key-state.ts';

const ISSUE = from('admin');

export function addKeysPage(app: FastifyInstance, assets: Assets): void {
  app.get('/companies/:company/keys', { config: { access: from('viewer') } }, async (request, reply) => {
    const { company, settings } = await request.perform(companyShow, readForm(companyParams, request.params));
    const { keys } = await request.perform(keyList, { company: company.id });
    const mayIssue = request.signedIn !== null && mayUse(ISSUE, request.signedIn);
    const content = html`
      ${companyNav(company.id, 'keys')} ${list(company, keys, settings.timeZone)} ${mayIssue ? issueForm(company) : null}
    `;
    return reply.page({ title: `Keys of ${company.name}`, content });
  });

  app.post('/companies/:company/keys', { config: { access: ISSUE } }, async (request, reply) => {
    const { company } = readForm(companyParams, request.params);
    const { type, expiresIn: expiresInMs, ...fields } = readForm(issueSchema, request.body);
    const made = await request.perform(keyIssue, { company, type, expiresInMs, ...keySettingsOf(fields) });
    const back = { href: `companies/${made.company.id}/keys`, text: 'Back to the keys' };
    return reply.page({
      title: `New key of ${made.company.name}`,
      content: secretOnce({ what: 'key', secret: made.key, back }),
      scripts: [assets.href('copy.js')],
    });
  });
}

const issueSchema = z.object({ ...keyFields, type: z.enum(API_KEY_TYPES), expiresIn });

function list({ id }: CompanyRecord, keys: readonly ShownKey[], zone: string): Markup {
  return table({
    caption: 'Keys, of which only the last two characters are known',
    columns: [
      {
        title: 'Key',
        cell: (key) =>
          html`<a href="companies/${id}/keys/${key.id}">${key.settings.label ?? 'no label'} …${key.hint}</a>`,
      },
      { title: 'State', cell: keyState },
      { title: 'Type', cell: ({ type }) => type },
      { title: 'Limits', cell: ({ settings }) => describeLimits(settings) },
      { title: 'Expires', cell: ({ expiresAt }) => (expiresAt === null ? 'never' : time(expiresAt, zone)) },
      { title: 'Created', cell: ({ createdAt }) => time(createdAt, zone) },
    ],
    rows: keys,
    empty: 'There is no key yet: nobody can send leads for this company. Create one below.',
  });
}

const TYPES: Readonly<Record<(typeof API_KEY_TYPES)[number], string>> = {
  universal: 'universal: sends leads',
  test: 'test: every request is a dry run',
  reporting: 'reporting: does not send leads',
};

function issueForm({ id }: CompanyRecord): Markup {
  return html`
    <h2>New key</h2>
    <form method="post" action="companies/${id}/keys" class="narrow">
      ${selectField({ name: 'type', label: 'Type', value: 'universal', options: API_KEY_TYPES.map((value) => ({ value, text: TYPES[value] })) })}
      ${keyFieldsOf({})} ${expiresField()} ${button('Create the key')}
      <p><small>The key is shown once, on the next page.</small></p>
    </form>
  `;
}
