import { reaches } from '@live-feed/core/directory/role';
import { isSettled, type LeadState } from '@live-feed/core/lead/lead-state';
import { leadCancel, leadResolve, leadRetry } from '@live-feed/operations/lead/lead-changes';
import { leadShow } from '@live-feed/operations/lead/lead-show';
import { leadResend } from '@live-feed/operations/lead/resend/lead-resend';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { button, textField } from '../../html/form.ts';
import { type Content, html, type Markup } from '../../html/html.ts';
import { time } from '../../html/time.ts';
import { from } from '../../sign-in/access.ts';
import { zoneOf } from './lead-query.ts';
import { knownBy, stateBadge, whyCallerId, whyWords } from './lead-words.ts';
import { timeline } from './timeline.ts';

interface OfLead {
  readonly Params: { readonly lead: string };
}

/** One lead: what became of it, and what can be done with it. */
export function addLeadPage(app: FastifyInstance): void {
  const operators = { config: { access: from('operator') } };

  app.get<OfLead>('/leads/:lead', { config: { access: from('viewer') } }, async (request, reply) => {
    const lead = await request.perform(leadShow, { lead: request.params.lead });
    const zone = await zoneOf(request, lead.companyId);
    const mayChange = reaches(request.signedIn?.role ?? 'viewer', 'operator');
    const content = html`
      ${facts(lead, zone)} ${timeline(lead, zone)} ${answer(lead)} ${mayChange ? changes(lead) : null}
    `;
    return reply.page({ title: `Lead of ${lead.phone}`, content });
  });

  app.post<OfLead>('/leads/:lead/cancel', operators, async (request, reply) => {
    const { id } = await request.perform(leadCancel, request.params);
    return reply.seeOther(`leads/${id}`, {
      kind: 'done',
      text: 'The lead was given back: it will not be sent.',
    });
  });

  app.post<OfLead>('/leads/:lead/retry', operators, async (request, reply) => {
    const { id, state } = await request.perform(leadRetry, request.params);
    const how =
      state === 'QUEUED'
        ? 'The lead is sent again.'
        : 'The lead is verified, and then sent if it is not there.';
    return reply.seeOther(`leads/${id}`, { kind: 'done', text: how });
  });

  app.post<OfLead>('/leads/:lead/resolve', operators, async (request, reply) => {
    const { as } = resolutionForm.parse(request.body ?? {});
    const { id, state } = await request.perform(leadResolve, { ...request.params, as: as as 'accepted' });
    return reply.seeOther(`leads/${id}`, { kind: 'done', text: `The lead is recorded as ${state}.` });
  });

  app.post<OfLead>('/leads/:lead/resend', operators, async (request, reply) => {
    const { campaign, phone, ...fields } = correctionForm.parse(request.body ?? {});
    const given = Object.entries(fields).filter(([, value]) => value !== undefined);
    const { id } = await request.perform(leadResend, {
      ...{ ...request.params, campaign, phone },
      fields: Object.fromEntries(given),
    });
    return reply.seeOther(`leads/${id}`, {
      kind: 'done',
      text: 'The lead is sent again: this is the new one.',
    });
  });
}

/** A field that is left empty changes nothing. */
const correction = z
  .string()
  .trim()
  .optional()
  .transform((text) => (text === '' ? undefined : text));
const correctionForm = z.object({
  ...{
    campaign: correction,
    phone: correction,
    firstName: correction,
    lastName: correction,
    email: correction,
  },
  ...{ zip: correction, city: correction, state: correction },
});
const resolutionForm = z.object({ as: z.string().default('') });

type Shown = Awaited<ReturnType<typeof leadShow.run>>;

function facts(lead: Shown, zone: string): Markup {
  const rows: readonly (readonly [string, Content])[] = [
    ['State', html`${stateBadge(lead.state)} ${lead.reason}`],
    ['What that means', whyWords(lead.reason)],
    ['Known by', knownBy(lead.outcomeSource)],
    ['Company', leadsWith(lead, lead.company ?? lead.companyId, {})],
    ['Campaign', leadsWith(lead, lead.campaignId, { campaign: lead.campaignId })],
    ['Source', lead.source === null ? null : leadsWith(lead, lead.source, { source: lead.source })],
    ['Phone', lead.phone],
    ['Caller ID', lead.callerId],
    [
      'Why that caller ID',
      lead.callerId === null ? null : whyCallerId(lead.callerIdTier, lead.callerIdDistanceKm ?? null),
    ],
    ['Received', time(lead.receivedAt, zone)],
    ['Id', lead.id],
    ['Sends again', link(lead.resentFrom)],
    ['Sent again as', link(lead.resentAs)],
    [
      'Check of phones',
      lead.phoneCheck === null ? null : `${lead.phoneCheck.result} ${lead.phoneCheck.reason ?? ''}`,
    ],
  ];
  return html`
    <dl class="facts">
      ${rows
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}
    </dl>
  `;
}

/** To other leads of its company. */
function leadsWith({ companyId }: Shown, text: string, like: Readonly<Record<string, string>>): Markup {
  return html`<a href="leads?${new URLSearchParams({ company: companyId, ...like })}">${text}</a>`;
}

function link(id: string | null | undefined): Content {
  return id ? html`<a href="leads/${id}">${id}</a>` : null;
}

function answer({ dialerResponse, dialerAnswer }: Shown): Markup {
  const shown = dialerResponse ?? dialerAnswer;
  return html`
    <h2>What the dialing system said</h2>
    ${
      shown === null
        ? html`<p class="empty">Nothing yet.</p>`
        : html`<pre tabindex="0" aria-label="What the dialing system said">${JSON.stringify(shown, null, 2)}</pre>`
    }
  `;
}

const RESENDABLE: readonly LeadState[] = ['REJECTED', 'FAILED', 'EXPIRED', 'ABANDONED'];

function changes(lead: Shown): Markup | null {
  const { id, state } = lead;
  const possible = [
    ...(state === 'QUEUED'
      ? [
          confirmed(
            'Take back',
            `leads/${id}/cancel`,
            'It will not be sent.',
            button('Yes, take it back', 'danger'),
          ),
        ]
      : []),
    ...(state === 'PARKED'
      ? [
          confirmed(
            'Retry',
            `leads/${id}/retry`,
            'If it may have been taken, it is verified before it is sent.',
            button('Yes, retry it'),
          ),
          confirmed(
            'Record what became of it',
            `leads/${id}/resolve`,
            'After you have looked in the dialing system. This is final.',
            resolution(),
          ),
        ]
      : []),
    ...(RESENDABLE.includes(state) && lead.resentAs === null
      ? [
          confirmed(
            'Send again with a correction',
            `leads/${id}/resend`,
            'As a new lead that names this one. The dialing system is asked first, so that it is not doubled. What is left empty stays as it was.',
            corrections(),
          ),
        ]
      : []),
  ];
  if (possible.length === 0) return isSettled(state) ? null : html`<p class="empty">It is under way.</p>`;
  return html`<h2>What you can do</h2>${possible}`;
}

/** Opens first, so that one click changes nothing; works without scripts. */
function confirmed(title: string, action: string, explanation: string, fields: Content): Markup {
  return html`
    <details class="change">
      <summary>${title}</summary>
      <p>${explanation}</p>
      <form method="post" action=${action} class="narrow">${fields}</form>
    </details>
  `;
}

function resolution(): Content {
  return html`
    <fieldset>
      <legend>It</legend>
      <p class="check"><input id="as-accepted" type="radio" name="as" value="accepted" required /> <label for="as-accepted">is there</label></p>
      <p class="check"><input id="as-rejected" type="radio" name="as" value="rejected" /> <label for="as-rejected">was rejected</label></p>
      <p class="check"><input id="as-failed" type="radio" name="as" value="failed" /> <label for="as-failed">is not there</label></p>
    </fieldset>
    ${button('Record it')}
  `;
}

function corrections(): Content {
  const names = [
    ...([
      ['campaign', 'Campaign'],
      ['phone', 'Phone'],
      ['firstName', 'First name'],
      ['lastName', 'Last name'],
    ] as const),
    ...([
      ['email', 'E-mail'],
      ['zip', 'ZIP code'],
      ['city', 'City'],
      ['state', 'State'],
    ] as const),
  ];
  return html`${names.map(([name, label]) => textField({ name, label }))} ${button('Send it again')}`;
}
