import { dialerList } from '@live-feed/operations/overview/dialer-list';
import type { FastifyInstance } from 'fastify';
import { lightBadge } from '../../html/badge.ts';
import { html } from '../../html/html.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';
import { from } from '../../sign-in/access.ts';

export function addDialersPage(app: FastifyInstance): void {
  app.get('/dialers', { config: { access: from('viewer') } }, async (request, reply) => {
    const { dialers } = await request.perform(dialerList, {});
    const content = table({
      caption: 'Dialers, troubled ones first',
      columns: [
        {
          title: 'Company',
          cell: ({ companyId, company }) => html`<a href="dialers/${companyId}">${company}</a>`,
        },
        { title: 'Family', cell: ({ family }) => family },
        { title: 'State', cell: ({ light }) => lightBadge(light) },
        { title: 'Held until', cell: ({ heldUntil }) => (heldUntil === null ? null : time(heldUntil)) },
        { title: 'Why', cell: ({ why }) => why },
        { title: 'Leads that wait', number: true, cell: ({ waiting }) => waiting },
      ],
      rows: dialers,
      empty: 'There are no dialers yet. Connect one with the command line: dialer connect.',
    });
    return reply.page({ title: 'Dialers', content });
  });
}
