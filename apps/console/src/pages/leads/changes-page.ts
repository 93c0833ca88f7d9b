import { reaches } from '@live-feed/core/directory/role';
import {
  leadChanges,
  leadStopChange,
  type ShownChange,
} from '@live-feed/operations/lead/bulk/lead-change-operations';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badge, type Mood } from '../../html/badge.ts';
import { actionButton } from '../../html/form.ts';
import { type Content, html, type Markup } from '../../html/html.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';
import { from } from '../../sign-in/access.ts';
import { type Action, actionNamed, BULK_ACTIONS, resultOf } from './bulk-actions.ts';
import { addressOf, readQuery } from './lead-query.ts';
import { tabs } from './tabs.ts';

interface OfChange {
  readonly Params: { readonly change: string };
}

/** Changes of many leads: how far they are, and a button that stops one. */
export function addChangesPages(app: FastifyInstance): void {
  app.get('/leads/changes', { config: { access: from('viewer') } }, async (request, reply) => {
    const { changes } = await request.perform(leadChanges, {});
    const content = html`${tabs(readQuery({}), 'changes')} ${changesTable(changes)}`;
    return reply.page({ title: 'Changes of many leads', content });
  });

  app.get<OfChange>(
    '/leads/changes/:change',
    { config: { access: from('viewer') } },
    async (request, reply) => {
      const { changes } = await request.perform(leadChanges, request.params);
      const content = changes.map((change) => progress(change, request));
      return reply.page({ title: 'Change of many leads', content });
    },
  );

  app.post<OfChange>(
    '/leads/changes/:change/stop',
    { config: { access: from('operator') } },
    async (request, reply) => {
      const { change } = await request.perform(leadStopChange, request.params);
      return reply.seeOther(`leads/changes/${change}?${searchOf(request).address}`, {
        kind: 'done',
        text: 'It stops after the few leads that are under way.',
      });
    },
  );
}

/** The search that the change was begun from, which came along in the address. */
function searchOf({ query }: FastifyRequest): {
  readonly address: string;
  readonly action: Action | undefined;
} {
  const { action } = query as { readonly action?: unknown };
  const known = actionNamed(action);
  if (known === undefined) return { address: '', action: known };
  return { address: `${addressOf(readQuery(query), { beforeId: '' })}&action=${known}`, action: known };
}

const MOODS: Readonly<Record<ShownChange['state'], Mood>> = {
  'under way': 'wait',
  stopping: 'wait',
  done: 'good',
  refused: 'bad',
  failed: 'bad',
};

/** Read again and again while it is under way; without scripts, the link does it. */
function progress(change: ShownChange, request: FastifyRequest): Markup {
  const { id, at, actor, company, state, done, of, endedAt } = change;
  const { address, action } = searchOf(request);
  const here = `leads/changes/${id}?${address}`;
  const isUnderWay = endedAt === null;
  const mayStop = reaches(request.signedIn?.role ?? 'viewer', 'operator') && state === 'under way';
  /** Of what is live. */
  const live = (value: string) => (isUnderWay ? value : undefined);
  return html`
    <section id="change" hx-get=${live(here)} hx-trigger=${live('every 2s')} hx-select=${live('#change')}
      hx-swap=${live('outerHTML')}>
      <p><strong>${titleOf(change)}</strong> of ${company}, begun by ${actor} at ${time(at)}.</p>
      <p role="status">${badge(MOODS[state], state)} ${outcome(change)}</p>
      <p>
        <label for="gone-through">Leads gone through</label>${' '}
        <progress id="gone-through" max=${Math.max(1, of)} value=${done}></progress>${' '}
        ${done.toLocaleString('en-US')} of ${of.toLocaleString('en-US')}
      </p>
      ${isUnderWay ? html`<p>It goes on when you close this page. <a href=${here}>Look again</a></p>` : null}
      ${mayStop ? actionButton(`leads/changes/${id}/stop?${address}`, 'Stop it', { kind: 'danger' }) : null}
      ${isUnderWay || action === undefined ? null : onwards(change, address)}
    </section>
    <p><a href="leads/changes">All changes of many leads</a></p>
  `;
}

/** What is left: older leads than one change takes, or those that one which did not come to its end has left. */
function onwards(change: ShownChange, address: string): Markup {
  const result = resultOf(change);
  const older = result === undefined || result.isStopped ? null : result.next;
  const left = change.state !== 'done' || result?.isStopped === true;
  return html`
    <p>
      ${older === null ? null : html`<a href="leads/bulk?${address}&beforeId=${older}">Go on with older ones</a> `}
      ${left ? html`<a href="leads/bulk?${address}">Go on with what is left</a> ` : null}
      <a href="leads?${address}">Back to the search</a>
    </p>
  `;
}

function titleOf({ operation }: ShownChange): string {
  const action = Object.values(BULK_ACTIONS).find(({ name }) => name === operation);
  return action?.title.replace('…', '') ?? operation;
}

function outcome(change: ShownChange): Content {
  if (change.message !== null) return change.message;
  const result = resultOf(change);
  return result === undefined ? null : `${result.isStopped ? 'It was stopped. ' : ''}${result.text}`;
}

function changesTable(changes: readonly ShownChange[]): Markup {
  return table({
    caption: 'Changes of many leads, newest first',
    columns: [
      { title: 'Begun', cell: ({ id, at }) => html`<a href="leads/changes/${id}">${time(at)}</a>` },
      { title: 'What', cell: titleOf },
      { title: 'Company', cell: ({ company }) => company },
      { title: 'By', cell: ({ actor }) => actor },
      { title: 'State', cell: ({ state }) => badge(MOODS[state], state) },
      {
        title: 'Leads',
        number: true,
        cell: ({ done, of }) => `${done.toLocaleString('en-US')} of ${of.toLocaleString('en-US')}`,
      },
      { title: 'Result', cell: outcome },
    ],
    rows: changes,
    empty: 'Many leads were not changed at once yet.',
  });
}
