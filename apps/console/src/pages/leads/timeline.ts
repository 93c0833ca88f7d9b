import { idTimeMs } from '@live-feed/core/ids';
import type { leadShow } from '@live-feed/operations/lead/lead-show';
import { type Content, html, type Markup } from '../../html/html.ts';
import { time } from '../../html/time.ts';
import { span } from './lead-words.ts';

type Shown = Awaited<ReturnType<typeof leadShow.run>>;

interface Step {
  readonly at: Date;
  readonly what: Content;
}

/** What happened to a lead, one below the other, with the time between. */
export function timeline(lead: Shown, zone: string): Markup {
  const steps = stepsOf(lead);
  return html`
    <h2>What happened</h2>
    <ol class="timeline">
      ${steps.map(({ at, what }, place) => {
        const before = steps[place - 1]?.at;
        const passed = before === undefined ? undefined : Math.max(0, at.getTime() - before.getTime());
        return html`
          <li>
            ${passed === undefined ? null : html`<span class="passed">${span(passed)} later</span>`}
            <span class="what">${what}</span> ${time(at, zone)}
          </li>
        `;
      })}
    </ol>
  `;
}

function stepsOf(lead: Shown): Step[] {
  const { id, receivedAt, finishedAt, uploads, state, reason } = lead;
  return [
    { at: receivedAt, what: lead.resentFrom ? 'sent again by a person' : 'received' },
    // A lead gets its id just before it is queued.
    ...(lead.resentFrom ? [] : [{ at: new Date(idTimeMs(id)), what: 'queued' }]),
    ...uploads.map(({ startedAt, size, result, httpStatus, latencyMs }) => ({
      at: startedAt,
      what: [
        `upload with ${size === 1 ? 'this lead alone' : `${size} leads`}: ${result ?? 'under way, or its worker died'}`,
        ...(httpStatus === null ? [] : [`HTTP ${httpStatus}`]),
        ...(latencyMs === null ? [] : [`answered after ${span(latencyMs)}`]),
      ].join(', '),
    })),
    ...(finishedAt === null
      ? []
      : [{ at: finishedAt, what: `${state}${reason === null ? '' : `: ${reason}`}` }]),
  ];
}
