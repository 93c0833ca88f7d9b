import { companyList } from '@live-feed/operations/company/companies';
import type { FastifyInstance } from 'fastify';
import { html } from '../../html/html.ts';
import { table } from '../../html/table.ts';
import { from } from '../../sign-in/access.ts';

/** Whose numbers are looked at: asked only where there is a choice. */
export function addCallerIdsPage(app: FastifyInstance): void {
  app.get('/caller-ids', { config: { access: from('viewer') } }, async (request, reply) => {
    const { companies } = await request.perform(companyList, {});
    const withNumbers = companies.filter(({ anis }) => anis > 0);
    const [only] = withNumbers;
    if (only !== undefined && withNumbers.length === 1) return reply.seeOther(`caller-ids/${only.id}`);
    const content = table({
      caption: 'Companies with caller IDs',
      columns: [
        { title: 'Company', cell: ({ id, name }) => html`<a href="caller-ids/${id}">${name}</a>` },
        { title: 'Numbers', number: true, cell: ({ anis }) => anis },
        {
          title: 'Worn out today',
          cell: ({ id }) => html`<a href="caller-ids/${id}?standing=at_cap">Show those at their caps</a>`,
        },
        { title: 'Import', cell: ({ id }) => html`<a href="caller-ids/${id}/import">Import numbers</a>` },
      ],
      rows: companies,
      empty: html`There is no company yet. <a href="companies">Companies</a>`,
    });
    return reply.page({ title: 'Caller IDs', content });
  });
}
