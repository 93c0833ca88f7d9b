import type { FastifyInstance } from 'fastify';
import { badge } from '../../html/badge.ts';
import { html, type Markup } from '../../html/html.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';
import type { ShownDialer } from '../../queues/shown-dialers.ts';
import { from } from '../../sign-in/access.ts';
import { lightOf } from './traffic-light.ts';

/** @param listDialers every dialer, with its present state */
export function addOverview(app: FastifyInstance, listDialers: () => Promise<readonly ShownDialer[]>): void {
  app.get('/', { config: { access: from('viewer') } }, async (request, reply) => {
    const companyId = request.signedIn?.companyId ?? null;
    const dialers = await listDialers();
    const own = companyId === null ? dialers : dialers.filter((dialer) => dialer.companyId === companyId);
    return reply.page({ title: 'Overview', content: dialersPart(own) });
  });
}

/** Reads itself anew every few seconds where scripts run. */
function dialersPart(dialers: readonly ShownDialer[]): Markup {
  return html`
    <section id="dialers" hx-get="./" hx-trigger="every 5s" hx-select="#dialers" hx-swap="outerMorph">
      ${table({
        caption: 'Dialers',
        columns: [
          { title: 'Company', cell: ({ companyName }) => companyName },
          { title: 'Family', cell: ({ family }) => family },
          { title: 'Account', cell: ({ accountId }) => accountId },
          {
            title: 'State',
            cell: ({ standing }) => {
              const { mood, word } = lightOf(standing);
              return badge(mood, word);
            },
          },
          {
            title: 'Held until',
            cell: ({ standing }) => (standing?.heldUntil ? time(standing.heldUntil) : null),
          },
          { title: 'Why', cell: ({ standing }) => lightOf(standing).why },
        ],
        rows: dialers,
        empty: 'There are no dialers yet. Connect one with the command line: dialer connect.',
      })}
    </section>
  `;
}
