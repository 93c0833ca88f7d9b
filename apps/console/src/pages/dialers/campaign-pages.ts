import { PAUSE_KINDS } from '@live-feed/core/directory/campaign-pause';
import type { CampaignRecord } from '@live-feed/database/directory/campaigns';
import {
  campaignPause,
  campaignRemove,
  campaignRename,
  campaignResume,
} from '@live-feed/operations/campaign/campaign-changes';
import { campaignSync } from '@live-feed/operations/campaign/campaign-sync';
import { campaignList } from '@live-feed/operations/campaign/campaigns';
import { duration } from '@live-feed/operations/inputs/written';
import { Refusal } from '@live-feed/operations/refusal';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { actionButton, button, selectField, textField } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { blank, readForm } from '../../operations/form-input.ts';
import { type Access, from, mayUse } from '../../sign-in/access.ts';
import { campaignHours } from './campaign-hours.ts';

const OPERATOR = from('operator');
const ADMIN = from('admin');

const ofCompany = z.object({ company: z.string() });
const ofCampaign = z.object({ company: z.string(), campaignId: z.string() });
const pauseForm = z.object({
  newLeads: z.enum(PAUSE_KINDS),
  for: blank(duration({ min: '1m', max: '7d' })),
  reason: blank(z.string()),
});
const ROUTE = '/dialers/:company/campaigns/:campaignId';

/** One campaign: how it fares by the hour; stopped and started alone, named, removed. */
export function addCampaignPages(app: FastifyInstance): void {
  app.get(ROUTE, { config: { access: from('viewer') } }, async (request, reply) => {
    const { company: name, campaignId } = readForm(ofCampaign, request.params);
    const { company, campaigns } = await request.perform(campaignList, { company: name });
    const campaign = campaigns.find((each) => each.campaignId === campaignId);
    if (campaign === undefined) {
      throw new Refusal(`"${company.name}" has no campaign ${campaignId}.`, {
        kind: 'not_found',
        see: { operation: 'campaign.list' },
      });
    }
    const may = (access: Access) => request.signedIn !== null && mayUse(access, request.signedIn);
    const path = `dialers/${company.id}/campaigns/${encodeURIComponent(campaignId)}`;
    const content = html`
      <p>
        Of <a href="dialers/${company.id}">${company.name}</a>.
        <a href="leads?${new URLSearchParams({ company: company.id, campaign: campaignId })}">Its leads</a>
      </p>
      ${await campaignHours(request, company.id, campaignId)}
      ${may(OPERATOR) ? changes(path, campaign) : null} ${may(ADMIN) ? removeForm(path) : null}
    `;
    return reply.page({ title: `Campaign ${campaign.ownName ?? campaign.name ?? campaignId}`, content });
  });

  app.post(`${ROUTE}/pause`, { config: { access: OPERATOR } }, async (request, reply) => {
    const { company, campaignId } = readForm(ofCampaign, request.params);
    const { for: forMs, ...pause } = readForm(pauseForm, request.body);
    await request.perform(campaignPause, { company, campaignId, forMs, ...pause });
    const text = `Campaign ${campaignId} is stopped: nothing of it is sent. Other campaigns go on.`;
    return reply.seeOther(`dialers/${company}`, { kind: 'done', text });
  });

  app.post(`${ROUTE}/resume`, { config: { access: OPERATOR } }, async (request, reply) => {
    const { company, campaignId } = readForm(ofCampaign, request.params);
    await request.perform(campaignResume, { company, campaignId });
    const text = `Campaign ${campaignId} goes on: what waits is sent.`;
    return reply.seeOther(`dialers/${company}`, { kind: 'done', text });
  });

  app.post(`${ROUTE}/rename`, { config: { access: OPERATOR } }, async (request, reply) => {
    const { company, campaignId } = readForm(ofCampaign, request.params);
    const { name } = readForm(z.object({ name: blank(z.string()) }), request.body);
    await request.perform(campaignRename, { company, campaignId, name: name ?? null });
    return reply.seeOther(`dialers/${company}`, { kind: 'done', text: 'Renamed.' });
  });

  app.post(`${ROUTE}/remove`, { config: { access: ADMIN } }, async (request, reply) => {
    const { company, campaignId } = readForm(ofCampaign, request.params);
    const { isListed } = await request.perform(campaignRemove, { company, campaignId });
    const again = isListed ? ' The dialing system still lists it: reading the campaigns adds it again.' : '';
    return reply.seeOther(`dialers/${company}`, {
      kind: 'done',
      text: `Removed campaign ${campaignId}.${again}`,
    });
  });

  app.post('/dialers/:company/sync', { config: { access: OPERATOR } }, async (request, reply) => {
    const { company } = readForm(ofCompany, request.params);
    const result = await request.perform(campaignSync, { company });
    return reply.seeOther(
      `dialers/${company}`,
      result.kind === 'listed'
        ? {
            kind: 'done',
            text: `Read ${result.listed} campaigns: ${result.added.length} new, ${result.ended.length} ended.`,
          }
        : {
            kind: 'refused',
            text: 'The campaigns could not be read. No campaign was changed; test the dialer.',
          },
    );
  });
}

function changes(path: string, campaign: CampaignRecord): Markup {
  return html`
    ${campaign.pause === null ? stopForm(path) : actionButton(`${path}/resume`, 'Start again', { kind: 'primary' })}
    ${nameForm(path, campaign)}
  `;
}

function stopForm(path: string): Markup {
  return html`
    <form method="post" action="${path}/pause" class="narrow">
      <fieldset>
        <legend>Stop this campaign: what waits stays, other campaigns go on</legend>
        ${selectField({
          name: 'newLeads',
          label: 'New leads',
          value: 'refuse',
          options: [
            { value: 'refuse', text: 'are refused with 429, and may come again' },
            { value: 'keep', text: 'are kept where their callers do not wait for the outcome' },
          ],
        })}
        ${textField({ name: 'for', label: 'For', hint: '1m to 7d, such as 2h; empty: until somebody starts it again' })}
        ${textField({ name: 'reason', label: 'Why', hint: 'Everybody sees it', maxlength: 255 })}
        ${button('Stop the campaign', 'danger')}
      </fieldset>
    </form>
  `;
}

function nameForm(path: string, { ownName, name }: CampaignRecord): Markup {
  return html`
    <form method="post" action="${path}/rename" class="narrow">
      ${textField({ name: 'name', label: 'Name', hint: `Empty: as the dialing system calls it${name === null ? '' : `, ${name}`}`, value: ownName ?? '', maxlength: 255 })}
      ${button('Rename', 'plain')}
    </form>
  `;
}

function removeForm(path: string): Markup {
  return html`
    <h2>Remove</h2>
    <p>It is refused while leads are under way, or a pool or a key names the campaign. Its leads stay.</p>
    ${actionButton(`${path}/remove`, 'Remove the campaign', { kind: 'danger' })}
  `;
}
