import { InputError } from '@live-feed/operations/refusal';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { button, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { from } from '../../sign-in/access.ts';
import { type Action, actionNamed, BULK_ACTIONS, type BulkInput } from './bulk-actions.ts';
import { addressOf, fieldsOf, filterOf, type LeadQuery, readQuery, zoneOf } from './lead-query.ts';

/** A change of all leads that a search finds: counted first, confirmed, and then carried out in the background. */
export function addBulkChanges(app: FastifyInstance): void {
  const operators = { config: { access: from('operator') } };

  app.get('/leads/bulk', operators, async (request, reply) => {
    const bulk = readBulk(request.query);
    const counted = await BULK_ACTIONS[bulk.action].count(request, await inputOf(request, bulk));
    const { title } = BULK_ACTIONS[bulk.action];
    return reply.page({ title: title.replace('…', ''), content: question(bulk, counted) });
  });

  app.post('/leads/bulk', operators, async (request, reply) => {
    const bulk = readBulk(request.body);
    const { action, query } = bulk;
    const change = await BULK_ACTIONS[action].begin(request, await inputOf(request, bulk));
    return reply.seeOther(`leads/changes/${change}?${addressOf(query)}&action=${action}`);
  });
}

interface Bulk {
  readonly action: Action;
  readonly query: LeadQuery;
  readonly toCampaign: string;
  /** Of the count that is confirmed; empty: they are counted now. */
  readonly countedAt: string;
}

const text = (given: unknown) => (typeof given === 'string' ? given.trim() : '');

function readBulk(given: unknown): Bulk {
  const { action, toCampaign, countedAt } = (given ?? {}) as Readonly<Record<string, unknown>>;
  const known = actionNamed(action);
  if (known === undefined) throw new InputError([{ member: 'action', message: 'There is no such action.' }]);
  return {
    action: known,
    query: readQuery(given),
    toCampaign: text(toCampaign),
    countedAt: text(countedAt),
  };
}

async function inputOf(request: FastifyRequest, { query, toCampaign, countedAt }: Bulk): Promise<BulkInput> {
  const given = (text: string) => (text === '' ? undefined : text);
  return {
    ...filterOf(query, await zoneOf(request, query.company)),
    company: query.company === '' ? (request.signedIn?.companyId ?? '') : query.company,
    ...{ beforeId: given(query.beforeId), toCampaign: given(toCampaign), countedAt: given(countedAt) },
  };
}

function question(
  { action, query }: Bulk,
  {
    found,
    next,
    countedAt,
  }: { readonly found: number; readonly next: string | null; readonly countedAt: Date },
): Markup {
  const back = html`<p><a href="leads?${addressOf(query)}">Back to the search</a></p>`;
  const { explanation } = BULK_ACTIONS[action];
  if (found === 0) return html`<p>${explanation}</p><p>The search finds no such lead.</p>${back}`;
  const hidden = [...fieldsOf(query), ['action', action], ['countedAt', countedAt.toISOString()]] as const;
  return html`
    <p>${explanation}</p>
    <form method="post" action="leads/bulk" class="narrow">
      ${hidden.map(([name, value]) => html`<input type="hidden" name=${name} value=${value} />`)}
      ${
        action === 'resend'
          ? textField({ name: 'toCampaign', label: 'To campaign', hint: 'Empty: to their own.' })
          : null
      }
      <p>
        <strong>${found.toLocaleString('en-US')} leads</strong>${next === null ? '' : ', and older ones after them'}.
        Leads that come or end from now on stay as they are. This is recorded with your name.
      </p>
      ${button(`Yes, all ${found.toLocaleString('en-US')}`, action === 'cancel' ? 'danger' : 'primary')}
    </form>
    ${back}
  `;
}
