import type { CompanyOverview } from '@live-feed/database/directory/companies';
import { companyAdd, companyList } from '@live-feed/operations/company/companies';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { button, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { table } from '../../html/table.ts';
import { readForm } from '../../operations/form-input.ts';
import { from, mayUse, ofAllCompanies } from '../../sign-in/access.ts';
import { duplicatesInWords } from './rules-in-words.ts';

const ADD = ofAllCompanies('admin');

export function addCompaniesPage(app: FastifyInstance): void {
  app.get('/companies', { config: { access: from('viewer') } }, async (request, reply) => {
    const { companies } = await request.perform(companyList, {});
    const mayAdd = request.signedIn !== null && mayUse(ADD, request.signedIn);
    return reply.page({ title: 'Companies', content: html`${list(companies)} ${mayAdd ? addForm() : null}` });
  });

  app.post('/companies', { config: { access: ADD } }, async (request, reply) => {
    const { name } = readForm(z.object({ name: z.string() }), request.body);
    const { company } = await request.perform(companyAdd, { name });
    const text = `Added "${company.name}". It needs a dialer, campaigns and a key.`;
    return reply.seeOther(`companies/${company.id}`, { kind: 'done', text });
  });
}

function list(companies: readonly CompanyOverview[]): Markup {
  return table({
    caption: 'Companies',
    columns: [
      { title: 'Company', cell: ({ id, name }) => html`<a href="companies/${id}">${name}</a>` },
      { title: 'Dialer', cell: ({ family }) => family ?? 'none yet' },
      {
        title: 'Keys',
        number: true,
        cell: ({ id, keys }) => html`<a href="companies/${id}/keys">${keys}</a>`,
      },
      { title: 'Campaigns', number: true, cell: ({ campaigns }) => campaigns },
      {
        title: 'Caller IDs',
        number: true,
        cell: ({ id, anis }) => html`<a href="caller-ids/${id}">${anis}</a>`,
      },
      { title: 'Duplicates', cell: ({ duplicates }) => duplicatesInWords(duplicates) },
      { title: 'Check of phones', cell: ({ checkUrl }) => checkUrl ?? 'none' },
    ],
    rows: companies,
    empty: 'There is no company yet. Add the first one below.',
  });
}

function addForm(): Markup {
  return html`
    <h2>Add a company</h2>
    <form method="post" action="companies" class="narrow">
      ${textField({ name: 'name', label: 'Name', hint: 'The name that people use', required: true, maxlength: 255 })}
      ${button('Add the company')}
    </form>
  `;
}
