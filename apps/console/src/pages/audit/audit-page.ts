import type { AuditRecord } from '@live-feed/database/audit/audit-log';
import { auditList } from '@live-feed/operations/audit/audit-operations';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { badge, type Mood } from '../../html/badge.ts';
import { button, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { pager } from '../../html/pager.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';
import { from } from '../../sign-in/access.ts';
import { differences } from './differences.ts';

/** An empty field is none. */
const field = z
  .string()
  .trim()
  .transform((text) => (text === '' ? undefined : text))
  .optional()
  .catch(undefined);

const querySchema = z.object({
  ...{ company: field, actor: field, operation: field, since: field, until: field, before: field },
});
type Query = z.infer<typeof querySchema>;

const PAGE = 50;

export function addAuditPage(app: FastifyInstance): void {
  app.get('/audit', { config: { access: from('viewer') } }, async (request, reply) => {
    const query = querySchema.parse(request.query);
    const { company, actor, operation, since, until, before: beforeId } = query;
    const { entries } = await request.perform(auditList, {
      ...{ company, actor, operation, beforeId, limit: PAGE },
      ...{ since: momentOf(since), until: momentOf(until) },
    });
    const last = entries.length === PAGE ? entries.at(-1) : undefined;
    return reply.page({
      title: 'Audit',
      content: html`
        ${filter(query)} ${entriesTable(entries)}
        ${pager({
          ...(beforeId === undefined ? {} : { newer: address({ ...query, before: undefined }) }),
          ...(last === undefined ? {} : { older: address({ ...query, before: last.id }) }),
        })}
      `,
    });
  });
}

/** What a field for a date and a time has, which is in UTC. */
function momentOf(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const moment = new Date(`${given}Z`);
  // The operation says what is wrong with anything else.
  return Number.isNaN(moment.getTime()) ? given : moment.toISOString();
}

function address(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return `audit?${new URLSearchParams(given)}`;
}

function filter({ company, actor, operation, since, until }: Query): Markup {
  return html`
    <form method="get" action="audit" class="filter">
      ${textField({ name: 'company', label: 'Company', value: company, hint: 'Name or id' })}
      ${textField({ name: 'actor', label: 'Who', value: actor, hint: 'A person, a key, a user of a machine' })}
      ${textField({ name: 'operation', label: 'What', value: operation, hint: 'campaign.pause, or campaign. for all of campaigns' })}
      ${textField({ name: 'since', label: 'From (UTC)', type: 'datetime-local', value: since })}
      ${textField({ name: 'until', label: 'Until (UTC)', type: 'datetime-local', value: until })}
      <div class="field">${button('Show')} <a href="audit">Everything</a></div>
    </form>
  `;
}

function entriesTable(entries: readonly AuditRecord[]): Markup {
  return table<AuditRecord>({
    caption: 'Changes, newest first',
    columns: [
      { title: 'When', cell: ({ at }) => time(at) },
      {
        title: 'Who',
        cell: ({ actor, role, via, origin }) =>
          html`${actor}<br /><small>${role}, ${VIAS[via] ?? via}, ${origin}</small>`,
      },
      { title: 'What', cell: ({ operation }) => html`<code>${operation}</code>` },
      {
        title: 'Company',
        cell: ({ company, companyId }) =>
          company === null
            ? 'all'
            : html`<a href=${address({ company: companyId ?? company })}>${company}</a>`,
      },
      { title: 'On', cell: ({ end }) => end?.target ?? null },
      { title: 'Result', cell: result },
      { title: 'Change', cell: change },
    ],
    rows: entries,
    empty: 'No change was recorded that fits.',
  });
}

const VIAS: Readonly<Record<string, string>> = {
  console: 'at the console',
  'command-line': 'by the command line',
  'admin-api': 'by the admin API',
};

const MOODS: Readonly<Record<'done' | 'refused' | 'failed', Mood>> = {
  done: 'good',
  refused: 'wait',
  failed: 'bad',
};

function result({ end }: AuditRecord): Markup {
  // It is under way, or its process died.
  if (end === null) return badge('off', 'not known');
  return html`${badge(MOODS[end.outcome], end.outcome)} ${end.message === null ? null : html`<br /><small>${end.message}</small>`}`;
}

function change({ end, input }: AuditRecord): Markup {
  const changed = differences(end?.before, end?.after);
  return html`
    ${
      changed.length === 0
        ? null
        : html`
            <dl class="facts">
              ${changed.map(
                ({ member, before, after }) => html`
                  <dt>${member}</dt>
                  <dd>
                    ${before === undefined ? null : html`<del>${before}</del>`}${' '}
                    ${after === undefined ? null : html`<ins>${after}</ins>`}
                  </dd>
                `,
              )}
            </dl>
          `
    }
    <details>
      <summary>Input</summary>
      <pre>${JSON.stringify(input, undefined, 2)}</pre>
    </details>
  `;
}
