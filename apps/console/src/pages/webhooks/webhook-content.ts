import type { WaitingEvent } from '@live-feed/database/webhooks/outbox-list';
import { facts } from '../../html/facts.ts';
import { actionButton, button, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';
import { webhookFieldsOf } from './webhook-form.ts';
import { type ShownWebhook, webhookState } from './webhook-state.ts';

/** What is on the page of one webhook. */

export function webhookFacts(webhook: ShownWebhook, zone: string): Markup {
  const { id, url, events, maxEvents, hasHeaders, lastAt, lastResult, waiting, givenUp, oldSecretUntil } =
    webhook;
  return facts([
    ['Address', html`<code>${url}</code>`],
    ['State', webhookState(webhook, zone)],
    ['Last delivery', lastAt === null ? 'none yet' : time(lastAt, zone)],
    ['Its result', lastResult],
    ['Events that wait', waiting],
    ['Events that were given up after a day', givenUp],
    ['Events', events.length === 0 ? 'all' : events.join(', ')],
    ['In a delivery', maxEvents === 1 ? 'one event' : `a list of up to ${maxEvents}`],
    ['Headers sent along', hasHeaders ? 'yes' : 'no'],
    ['An earlier secret signs until', oldSecretUntil === null ? null : time(oldSecretUntil, zone)],
    ['Id', html`<code>${id}</code>`],
  ]);
}

export function waitingTable(events: readonly WaitingEvent[], zone: string): Markup {
  return table({
    caption: 'Events that wait, those that are due first',
    columns: [
      { title: 'Event', cell: ({ type }) => type },
      {
        title: 'Lead',
        cell: ({ leadId }) => (leadId === null ? null : html`<a href="leads/${leadId}">${leadId}</a>`),
      },
      { title: 'Since', cell: ({ createdAt }) => time(createdAt, zone) },
      { title: 'Failed deliveries', number: true, cell: ({ attempt }) => attempt },
      { title: 'Next delivery', cell: ({ dueAt }) => (dueAt === null ? 'given up' : time(dueAt, zone)) },
    ],
    rows: events,
    empty: 'No event waits.',
  });
}

/** @param action where they go, relative to the console */
export function deliveryForms(action: string): Markup {
  return html`
    <h2>Deliver</h2>
    <p>${actionButton(`${action}/test`, 'Send a test event')}</p>
    <form method="post" action="${action}/redeliver" class="narrow">
      ${textField({ name: 'since', label: 'Also leads that ended in the last', hint: 'Such as 2h: they are told again, as they stand now; empty: only what waits' })}
      ${button('Deliver all that waits, now', 'plain')}
    </form>
  `;
}

export function changeForms(action: string, webhook: ShownWebhook): Markup {
  const isOff = webhook.state === 'off';
  return html`
    <h2>Change</h2>
    <p>${actionButton(`${action}/switch`, isOff ? 'Switch on' : 'Switch off', { hidden: { to: isOff ? 'on' : 'off' } })}</p>
    <form method="post" action=${action} class="narrow">${webhookFieldsOf(webhook)} ${button('Save')}</form>
    <h2>Rotate the secret</h2>
    <form method="post" action="${action}/rotate" class="narrow">
      ${textField({ name: 'overlap', label: 'The old secret signs as well for', hint: '0s to 90d', value: '24h', required: true })}
      ${button('Create a new secret', 'plain')}
    </form>
    <h2>Remove</h2>
    <p>Removes the webhook and the events that wait for it. ${actionButton(`${action}/remove`, 'Remove this webhook', { kind: 'danger' })}</p>
  `;
}
