import { campaignList } from '@live-feed/operations/campaign/campaigns';
import { dialerHold, dialerRelease } from '@live-feed/operations/dialer/dialer-hold';
import { dialerShow } from '@live-feed/operations/dialer/dialer-show';
import { dialerTest, explainCheck } from '@live-feed/operations/dialer/dialer-test';
import { duration, shortText, writtenDuration } from '@live-feed/operations/inputs/written';
import { lightOf } from '@live-feed/operations/overview/dialer-light';
import { overviewShow } from '@live-feed/operations/overview/overview';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { lightBadge } from '../../html/badge.ts';
import { facts } from '../../html/facts.ts';
import { actionButton, button, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { time } from '../../html/time.ts';
import { readForm } from '../../operations/form-input.ts';
import { from, mayUse } from '../../sign-in/access.ts';
import { span } from '../leads/lead-words.ts';
import { campaignsTable } from './campaigns-table.ts';

const OPERATOR = from('operator');
const HOLD_MS = 1_800_000;

const params = z.object({ company: z.string() });
const holdForm = z.object({ for: duration({ min: '1s', max: '7d' }), reason: shortText() });

type Shown = Awaited<ReturnType<typeof dialerShow.run>>;

/** A company's dialer: how it stands, what can be done about it, and its campaigns. */
export function addDialerPage(app: FastifyInstance): void {
  app.get('/dialers/:company', { config: { access: from('viewer') } }, async (request, reply) => {
    const { company } = readForm(params, request.params);
    const shown = await request.perform(dialerShow, { company });
    const { campaigns } = await request.perform(campaignList, { company });
    const today = await request.perform(overviewShow, { company, limit: 500 });
    const mayChange = request.signedIn !== null && mayUse(OPERATOR, request.signedIn);
    const maySet = request.signedIn !== null && mayUse(from('admin'), request.signedIn);
    const content = html`
      ${standing(shown)} ${mayChange ? actions(shown) : null}
      ${campaignsTable({ companyId: shown.company.id, campaigns, figures: today.campaigns, mayChange })} ${settings(shown, maySet)}
    `;
    return reply.page({ title: `Dialer of ${shown.company.name}`, content });
  });

  app.post('/dialers/:company/hold', { config: { access: OPERATOR } }, async (request, reply) => {
    const { company } = readForm(params, request.params);
    const { for: forMs, reason } = readForm(holdForm, request.body);
    await request.perform(dialerHold, { company, forMs, reason });
    return reply.seeOther(`dialers/${company}`, { kind: 'done', text: 'It is held: leads wait.' });
  });

  app.post('/dialers/:company/release', { config: { access: OPERATOR } }, async (request, reply) => {
    const { company } = readForm(params, request.params);
    await request.perform(dialerRelease, { company });
    return reply.seeOther(`dialers/${company}`, { kind: 'done', text: 'Released: it sends again.' });
  });

  app.post('/dialers/:company/test', { config: { access: OPERATOR } }, async (request, reply) => {
    const { company } = readForm(params, request.params);
    const result = await request.perform(dialerTest, { company });
    const { text } = explainCheck(result, result.signsInWith);
    const kind = result.kind === 'works' ? 'done' : 'refused';
    return reply.seeOther(`dialers/${company}`, { kind, text: `${result.host}: ${text}` });
  });
}

function standing({ standing: now, queue, leads, limits }: Shown): Markup {
  const { light, why } = lightOf({ paused: queue.paused, standing: now });
  const { PARKED: parked = 0, UNKNOWN: unknown = 0 } = leads;
  return facts([
    ['State', html`${lightBadge(light)} ${why}`],
    ['Held until', now.heldUntil === null ? null : time(now.heldUntil)],
    ['Leads that wait', queue.waiting + queue.delayed],
    ['The first of them came', queue.oldestWaiting === null ? null : time(queue.oldestWaiting)],
    ['Leads that are being sent', queue.active],
    ['Leads that are verified', unknown],
    ['Parked leads', parked],
    ['Uploads used of the limit', usedOf(limits.upload)],
    ['Questions used of the limit', usedOf(limits.readBack)],
  ]);
}

/** The first permits of a burst may go at once; over time, so many a minute. */
function usedOf(use: Shown['limits']['upload']): string {
  if (use === null) return 'not limited';
  const { used, burst, perMinute, waitMs } = use;
  const next = waitMs === 0 ? '' : `, the next in ${span(waitMs)}`;
  return `${used} of ${burst} now${next}; ${perMinute} a minute at most`;
}

function actions({ company: { id } }: Shown): Markup {
  return html`
    <h2>What can be done</h2>
    <p>
      ${actionButton(`dialers/${id}/test`, 'Test it')}
      ${actionButton(`dialers/${id}/release`, 'Release: send again at once')}
    </p>
    <form method="post" action="dialers/${id}/hold" class="narrow">
      <fieldset>
        <legend>Hold the whole dialer: leads wait</legend>
        ${textField({ name: 'for', label: 'For', hint: '1s to 7d, such as 30m', value: writtenDuration(HOLD_MS), required: true })}
        ${textField({ name: 'reason', label: 'Why', hint: 'Everybody sees it', required: true, maxlength: 255 })}
        ${button('Hold', 'plain')}
      </fieldset>
    </form>
  `;
}

function settings({ company: { id }, dialer, campaignSync }: Shown, mayChange: boolean): Markup {
  const { family, baseUrl, accountId, maxInFlight, maxLeadsPerUpload, uploadWindows, onUnverifiable } =
    dialer;
  const windows = uploadWindows?.map(({ requests, perMs }) => `${requests} in ${writtenDuration(perMs)}`);
  return html`
    <h2>Settings</h2>
    ${facts([
      ['Family', family],
      ['Address', html`<code>${baseUrl}</code>`],
      ['Account', html`<code>${accountId}</code>`],
      [
        'Signs in with',
        dialer.hasJwtCredential ? 'a JWT credential' : dialer.hasToken ? 'a token' : 'nothing yet',
      ],
      ['Uploads at once', maxInFlight],
      ['Leads in an upload, at most', maxLeadsPerUpload],
      [
        'Uploads, at most',
        windows === undefined ? 'as documented for the family' : windows.join(', ') || 'not limited',
      ],
      [
        'Leads that cannot be verified',
        onUnverifiable === 'park' ? 'are parked' : 'are sent again, and may double',
      ],
      [
        'Campaigns are read',
        campaignSync === null ? 'by hand' : `every ${writtenDuration(campaignSync.everyMs)}`,
      ],
    ])}
    ${mayChange ? html`<p><a href="dialers/${id}/settings">Change the settings, or what it signs in with</a></p>` : null}
  `;
}
