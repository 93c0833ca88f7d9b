import { CHANNEL_KINDS } from '@live-feed/core/alert/alert-channel';
import { ALERT_KINDS } from '@live-feed/core/alert/alert-condition';
import { alertChannelList } from '@live-feed/operations/alert/alert-channels';
import { alertList } from '@live-feed/operations/alert/alert-rules';
import { alertStatus } from '@live-feed/operations/alert/alert-status';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { badge } from '../../html/badge.ts';
import { actionButton } from '../../html/form.ts';
import { type Content, html, type Markup } from '../../html/html.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';
import { from, mayUse, ofAllCompanies } from '../../sign-in/access.ts';
import { addChannelPages, CHANNEL_NAMES, pathOf } from './channel-pages.ts';
import { KIND_NAMES } from './rule-form.ts';
import { addRulePages } from './rule-pages.ts';

/** What burns now, the rules, where people are told, and what they were told last. People of one company see what is theirs. */

const LOOK = ofAllCompanies('viewer');
const OPERATE = ofAllCompanies('operator');
const ADMINISTER = ofAllCompanies('admin');
const MOST_MESSAGES = 50;

export function addAlerts(app: FastifyInstance): void {
  app.get('/alerts', { config: { access: from('viewer') } }, async (request, reply) => {
    const may = (access: typeof LOOK) => request.signedIn !== null && mayUse(access, request.signedIn);
    const { burning, messages } = await request.perform(alertStatus, { messages: MOST_MESSAGES });
    const content = html`
      ${burningTable(burning)} ${may(LOOK) ? await rulesPart(request, may(OPERATE)) : null}
      ${may(OPERATE) ? await channelsPart(request, may(ADMINISTER)) : null} ${messagesTable(messages)}
    `;
    return reply.page({ title: 'Alerts', content });
  });
  addRulePages(app);
  addChannelPages(app);
}

type Status = Awaited<ReturnType<typeof alertStatus.run>>;

/** Reads itself anew where scripts run. */
function burningTable(burning: Status['burning']): Markup {
  return html`
    <section id="burning" hx-get="alerts" hx-trigger="every 10s" hx-select="#burning" hx-swap="outerMorph">
      ${table({
        caption: 'Burning now',
        columns: [
          { title: 'Company', cell: ({ company }) => company.name },
          { title: 'Of', cell: ({ subject, subjectName }) => subjectName ?? subject },
          { title: 'Rule', cell: ({ text }) => text },
          {
            title: 'State',
            cell: ({ isClearing }) => (isClearing ? badge('wait', 'ends soon') : badge('bad', 'burning')),
          },
          { title: 'What is known', cell: ({ known }) => known },
          { title: 'Since', cell: ({ since }) => time(since) },
        ],
        rows: burning,
        empty: html`No rule burns. What needs a person is on the <a href="./">Overview</a>.`,
      })}
    </section>
  `;
}

async function rulesPart(request: FastifyRequest, mayChange: boolean): Promise<Markup> {
  const { rules } = await request.perform(alertList, {});
  return html`
    <h2>Rules</h2>
    ${table({
      caption: 'Rules',
      columns: [
        {
          title: 'Rule',
          cell: ({ id, text }) => (mayChange ? html`<a href="alerts/rules/${id}">${text}</a>` : text),
        },
        { title: 'Of', cell: aboutOf },
        {
          title: 'Tells',
          cell: ({ channels }) => (channels.length === 0 ? 'all channels' : channels.join(', ')),
        },
        { title: 'State', cell: stateOf },
      ],
      rows: rules,
      empty: 'There is no rule yet: nobody is told of anything.',
    })}
    ${mayChange ? links('Add a rule', ALERT_KINDS, KIND_NAMES, 'alerts/rules/new') : null}
  `;
}

type Rule = Awaited<ReturnType<typeof alertList.run>>['rules'][number];

function aboutOf({ companyName, campaignName, perCampaign }: Rule): string {
  const company = companyName ?? 'all companies';
  if (campaignName !== null) return `${company}, campaign ${campaignName}`;
  return perCampaign ? `${company}, each campaign` : company;
}

function stateOf({ disabledAt, unreadSince, unreadWhy, burning }: Rule): Content {
  if (disabledAt !== null) return badge('off', 'off');
  if (unreadSince !== null)
    return html`${badge('bad', 'not known')} since ${time(unreadSince)}: ${unreadWhy}`;
  return burning === 0 ? badge('good', 'quiet') : badge('bad', `${burning} burning`);
}

async function channelsPart(request: FastifyRequest, mayChange: boolean): Promise<Markup> {
  const { channels } = await request.perform(alertChannelList, {});
  const moods = { works: 'good', fails: 'bad', off: 'off', 'not used yet': 'wait' } as const;
  return html`
    <h2>Channels</h2>
    ${table({
      caption: 'Channels',
      columns: [
        {
          title: 'Channel',
          cell: ({ name }) => (mayChange ? html`<a href=${pathOf(name)}>${name}</a>` : name),
        },
        {
          title: 'Kind',
          cell: ({ kind }) => CHANNEL_KINDS.flatMap((one) => (one === kind ? [CHANNEL_NAMES[one]] : [])),
        },
        { title: 'Goes to', cell: ({ goesTo }) => goesTo },
        {
          title: 'State',
          cell: ({ state, failingSince }) =>
            html`${badge(moods[state], state)}${failingSince === null ? null : html` since ${time(failingSince)}`}`,
        },
        { title: 'Last result', cell: ({ lastResult }) => lastResult },
        { title: 'Waiting', number: true, cell: ({ waiting }) => waiting },
        {
          title: 'Try it',
          cell: ({ name, disabledAt }) =>
            disabledAt === null ? actionButton(`${pathOf(name)}/test`, 'Send a test') : null,
        },
      ],
      rows: channels,
      empty: 'There is no channel yet: messages go nowhere.',
    })}
    ${mayChange ? links('Add a channel', CHANNEL_KINDS, CHANNEL_NAMES, 'alerts/channels/new') : null}
  `;
}

function links<Kind extends string>(
  title: string,
  kinds: readonly Kind[],
  names: Readonly<Record<Kind, string>>,
  path: string,
): Markup {
  return html`
    <p>${title}: ${kinds.map((kind, place) => html`${place === 0 ? '' : ' · '}<a href="${path}?kind=${kind}">${names[kind]}</a>`)}</p>
  `;
}

function messagesTable(messages: Status['messages']): Markup {
  return html`
    <h2>Last messages</h2>
    ${table({
      caption: 'Last messages',
      columns: [
        { title: 'Message', cell: ({ headline }) => headline },
        { title: 'What was known', cell: ({ content }) => content.known },
        { title: 'Written', cell: ({ createdAt }) => time(createdAt) },
        { title: 'Channel', cell: ({ channel }) => channel },
        { title: 'Sent', cell: sentCell },
      ],
      rows: messages,
      empty: 'No message was written in the last 30 days.',
    })}
  `;
}

function sentCell({ sentAt, givenUpAt, attempts }: Status['messages'][number]): Content {
  if (sentAt !== null) return html`${badge('good', 'sent')} ${time(sentAt)}`;
  if (givenUpAt !== null) return badge('bad', 'given up');
  return badge(
    'wait',
    attempts === 0 ? 'waits' : `waits; tried ${attempts === 1 ? 'once' : `${attempts} times`}`,
  );
}
