import type { CampaignRecord } from '@live-feed/database/directory/campaigns';
import type { Overview } from '@live-feed/operations/overview/overview';
import { badge } from '../../html/badge.ts';
import { number, share } from '../../html/figures.ts';
import { actionButton } from '../../html/form.ts';
import { html, type Markup } from '../../html/html.ts';
import { table } from '../../html/table.ts';
import { time } from '../../html/time.ts';

export interface CampaignsTable {
  readonly companyId: string;
  readonly campaigns: readonly CampaignRecord[];
  readonly figures: Overview['campaigns'];
  readonly mayChange: boolean;
}

/** A company's campaigns, with what can be done to each alone. */
export function campaignsTable({ companyId, campaigns, figures, mayChange }: CampaignsTable): Markup {
  const todays = new Map(figures.map((line) => [line.campaignId, line]));
  return html`
    <h2>Campaigns</h2>
    ${table({
      caption: 'How each stands today',
      columns: [
        {
          title: 'Campaign',
          cell: ({ campaignId, name, ownName }) =>
            html`<a href=${pathOf(companyId, campaignId)}>${nameOf(campaignId, ownName ?? name)}</a>`,
        },
        { title: 'State', cell: stateOf },
        {
          title: 'Leads today',
          number: true,
          cell: ({ campaignId }) => number(todays.get(campaignId)?.today.leads ?? 0),
        },
        {
          title: 'Acceptance today',
          number: true,
          cell: ({ campaignId }) => share(todays.get(campaignId)?.today.acceptance ?? null),
        },
        {
          title: 'Leads',
          cell: ({ campaignId }) => html`<a href=${leadsOf(companyId, campaignId)}>Leads</a>`,
        },
        ...(mayChange
          ? [{ title: 'Stop and start', cell: (each: CampaignRecord) => changeOf(companyId, each) }]
          : []),
      ],
      rows: campaigns,
      empty:
        'There is no campaign yet: leads get 404. Read them from the dialing system, or add one with the command line.',
    })}
    ${mayChange ? actionButton(`dialers/${companyId}/sync`, 'Read the campaigns from the dialing system') : null}
  `;
}

function nameOf(campaignId: string, name: string | null): string {
  return name === null ? campaignId : `${name} (${campaignId})`;
}

function stateOf({ pause, endedAt }: CampaignRecord): Markup {
  if (pause !== null) {
    const until = pause.until === null ? 'until somebody starts it again' : html`until ${time(pause.until)}`;
    const why = pause.because === null ? null : html`: ${pause.because}`;
    const leads =
      pause.kind === 'keep' ? 'new leads are kept where callers do not wait' : 'new leads are refused';
    return html`${badge('bad', 'stopped')} ${until}${why}; ${leads}`;
  }
  if (endedAt !== null) return html`${badge('off', 'ended')} ${time(endedAt)}`;
  return badge('good', 'open');
}

function changeOf(companyId: string, { campaignId, pause }: CampaignRecord): Markup {
  const path = pathOf(companyId, campaignId);
  return pause === null ? html`<a href="${path}">Stop …</a>` : actionButton(`${path}/resume`, 'Start again');
}

function pathOf(companyId: string, campaignId: string): string {
  return `dialers/${companyId}/campaigns/${encodeURIComponent(campaignId)}`;
}

function leadsOf(company: string, campaign: string): string {
  return `leads?${new URLSearchParams({ company, campaign })}`;
}
