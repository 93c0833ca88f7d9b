import { WEBHOOK_EVENTS } from '@live-feed/core/webhook/webhook-events';
import { MOST_EVENTS } from '@live-feed/core/webhook/webhook-settings';
import { wholeNumber } from '@live-feed/operations/inputs/written';
import { headerLines } from '@live-feed/operations/inputs/written-headers';
import { z } from 'zod';
import { checkBox, textArea, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { blank, several, ticked } from '../../operations/form-input.ts';

/** What an endpoint can be set to, in the forms of webhooks. */
export const webhookFields = z
  .object({
    url: z.string(),
    events: several.pipe(z.array(z.enum(WEBHOOK_EVENTS))),
    maxEvents: wholeNumber(1, MOST_EVENTS),
    headers: blank(headerLines),
    removeHeaders: ticked,
  })
  .transform(({ removeHeaders, headers, ...fields }) => ({
    ...fields,
    headers: removeHeaders ? null : headers,
  }));

interface Present {
  readonly url?: string;
  readonly events?: readonly string[];
  readonly maxEvents?: number;
  readonly hasHeaders?: boolean;
}

export function webhookFieldsOf({ url, events = [], maxEvents = 1, hasHeaders = false }: Present): Markup {
  return html`
    ${textField({ name: 'url', label: 'Address that events are posted to', hint: 'HTTPS', type: 'url', value: url, required: true, maxlength: 2_000 })}
    <fieldset>
      <legend>Events; none ticked: all</legend>
      ${WEBHOOK_EVENTS.map((event) =>
        checkBox({
          name: 'events',
          id: `event-${event}`,
          value: event,
          label: event,
          checked: events.includes(event),
        }),
      )}
    </fieldset>
    ${textField({ name: 'maxEvents', label: 'Most events in a delivery', hint: `1 to ${MOST_EVENTS}; above 1, deliveries are lists`, type: 'number', value: maxEvents, required: true })}
    ${textArea({ name: 'headers', secret: true, label: 'Headers to send along', hint: `A "Name: value" on each line. ${hasHeaders ? 'There are some, which are not shown; empty: they stay.' : 'They are stored encrypted, and never shown.'}` })}
    ${hasHeaders ? checkBox({ name: 'removeHeaders', label: 'Remove the headers' }) : null}
  `;
}
