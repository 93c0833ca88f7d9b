import type { LeadFigures } from '@live-feed/core/lead/lead-figures';
import type { SettledState } from '@live-feed/core/lead/lead-state';
import type { Overview } from '@live-feed/operations/overview/overview';
import { milliseconds, number, share } from '../../html/figures.ts';
import { html, type Markup } from '../../html/html.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';

/** In the order in which they are stacked. */
const OUTCOMES: readonly { readonly state: SettledState; readonly title: string; readonly name: string }[] = [
  { state: 'ACCEPTED', title: 'Accepted', name: 'accepted' },
  { state: 'REJECTED', title: 'Rejected', name: 'rejected' },
  { state: 'FAILED', title: 'Failed', name: 'failed' },
  { state: 'EXPIRED', title: 'Expired', name: 'expired' },
  { state: 'ABANDONED', title: 'Given back', name: 'given-back' },
  { state: 'PARKED', title: 'Parked', name: 'parked' },
];

export function tiles({ lastHour, today, yesterday, backlog }: Overview): Markup {
  const tile = (title: string, value: string, note: string) =>
    html`<div><dt>${title}</dt><dd>${value}<small>${note}</small></dd></div>`;
  return html`
    <dl class="tiles">
      ${tile('Leads in the last hour', number(lastHour.leads), `today ${number(today.leads)}`)}
      ${tile('Acceptance', share(lastHour.acceptance), `yesterday ${share(yesterday.acceptance)}`)}
      ${tile('Half answered within', milliseconds(lastHour.p50Ms), 'p50 of the last hour')}
      ${tile('99 of 100 within', milliseconds(lastHour.p99Ms), 'p99 of the last hour')}
      ${tile('Leads that wait', backlog === null ? 'not known' : number(backlog), 'in the queues of the dialers')}
    </dl>
  `;
}

/** Today beside other days. */
export function days({ lastHour, today, yesterday, lastWeek, timeZone }: Overview): Markup {
  const rows: readonly (LeadFigures & { readonly title: string })[] = [
    { title: 'Last hour', ...lastHour },
    { title: 'Today', ...today },
    { title: 'Yesterday', ...yesterday },
    { title: 'Last week', ...lastWeek },
  ];
  return table({
    caption: `Today beside other days, each up to the same time of day (${timeZone})`,
    columns: [
      { title: 'When', cell: ({ title }) => title },
      { title: 'Leads', number: true, cell: ({ leads }) => number(leads) },
      ...outcomeColumns<LeadFigures>(),
      { title: 'Acceptance', number: true, cell: ({ acceptance }) => share(acceptance) },
      { title: 'p50', number: true, cell: ({ p50Ms }) => milliseconds(p50Ms) },
      { title: 'p99', number: true, cell: ({ p99Ms }) => milliseconds(p99Ms) },
    ],
    rows,
    empty: '',
  });
}

/** What the plots are drawn from: a row for each minute. */
export function minutesTable({ minutes, timeZone }: Overview): Markup {
  return table({
    caption: `Leads a minute by outcome, and how long they took (${timeZone})`,
    columns: [
      { title: 'Minute', cell: ({ at }) => time(at, timeZone) },
      ...outcomeColumns<Overview['minutes'][number]>(),
      { title: 'p50', number: true, cell: ({ p50Ms }) => (p50Ms === null ? '' : milliseconds(p50Ms)) },
      { title: 'p99', number: true, cell: ({ p99Ms }) => (p99Ms === null ? '' : milliseconds(p99Ms)) },
    ],
    rows: minutes,
    empty: '',
  });
}

/** Where a script draws the plots. It hides the table, which is shown without scripts, and on request. */
export function plots(overview: Overview): Markup {
  const swatch = (name: string, title: string) => html`<li><span class="swatch ${name}"></span>${title}</li>`;
  return html`
    <section class="plots" data-plots data-zone=${overview.timeZone} aria-labelledby="plots-title">
      <h2 id="plots-title">Leads a minute</h2>
      <ul class="legend">${OUTCOMES.map(({ name, title }) => swatch(name, title))}</ul>
      <div class="plot" data-plot="outcomes" aria-hidden="true"></div>
      <h2>Time to answer</h2>
      <ul class="legend">${swatch('p50', 'p50: half are answered within')}${swatch('p99', 'p99, dashed: 99 of 100')}</ul>
      <div class="plot" data-plot="times" aria-hidden="true"></div>
      <p><button type="button" class="plain" hidden aria-controls="minutes">Show as a table</button></p>
      <div class="as-table"><div id="minutes" data-minutes>${minutesTable(overview)}</div></div>
    </section>
  `;
}

function outcomeColumns<Row extends Pick<LeadFigures, 'byState'>>() {
  return OUTCOMES.map(({ state, title }) => ({
    title,
    number: true,
    cell: ({ byState }: Row) => number(byState[state]),
  }));
}
