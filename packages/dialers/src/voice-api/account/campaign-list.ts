/** Reads dial groups with their campaigns, which RingCentral's documentation shows by one example only. */
import type { ListedCampaign } from '@live-feed/core/directory/campaign-changes';
import type { CampaignListing, NoAnswer } from '../../account.ts';
import type { WholeAnswer } from '../../http/exchange.ts';
import { unreadable } from '../no-answer.ts';

/** Bounds what one list can cost and hold. */
const MOST_PAGES = 20;
const MOST_CAMPAIGNS = 10_000;
const LONGEST_NAME = 255;

/** What a lead can name: the API's `campaignId`, without what people cannot see or paste. */
const CAMPAIGN_ID = /^[^\s,;\p{C}]{1,255}$/u;

type Row = Readonly<Record<string, unknown>>;

/**
 * Reads page after page until one is empty. A shorter page does not count as the last one, since the dialing system may cap `maxRows`. A page
 * that comes again is that of a dialing system that does not page: what it shows may be all, if it is not full.
 *
 * @param fetchPage pages counted from 1
 */
export async function listCampaigns(
  groupsPerPage: number,
  fetchPage: (page: number) => Promise<WholeAnswer | NoAnswer>,
): Promise<CampaignListing> {
  const campaigns = new Map<string, ListedCampaign>();
  let skipped = 0;
  let previous = '';
  const listed = (incomplete: string | null): CampaignListing => ({
    kind: 'listed',
    campaigns: [...campaigns.values()],
    incomplete: incomplete ?? (skipped > 0 ? `${skipped} of its entries could not be read` : null),
  });
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await fetchPage(page);
    const groups = answer.kind === 'answer' ? rowsOf(answer.body, 'dialGroups') : undefined;
    if (groups === undefined) {
      const none = answer.kind === 'answer' ? unreadable(answer) : answer;
      return page === 1 ? none : listed(`page ${page}: ${whyOf(none)}`);
    }
    if (groups.length === 0) return listed(null);
    const present = JSON.stringify(groups);
    if (present === previous) {
      return listed(groups.length < groupsPerPage ? null : 'it shows the same page again and again');
    }
    previous = present;
    skipped += addCampaigns(campaigns, groups);
    if (campaigns.size > MOST_CAMPAIGNS) return listed(`more than ${MOST_CAMPAIGNS} campaigns`);
  }
  return listed(`more than ${MOST_PAGES} pages`);
}

/** @returns how many entries could not be read */
function addCampaigns(campaigns: Map<string, ListedCampaign>, groups: readonly Row[]): number {
  let skipped = 0;
  for (const group of groups) {
    // Null is an empty group; without the member nothing is known of its campaigns.
    const rows = group['campaigns'] === null ? [] : rowsOf(group['campaigns'], 'campaigns');
    if (rows === undefined) skipped += 1;
    for (const row of rows ?? []) {
      const campaignId = idOf(row['campaignId']);
      if (campaignId === undefined) skipped += 1;
      else if (!campaigns.has(campaignId)) {
        const [name, dialGroup] = [nameOf(row['campaignName']), nameOf(group['dialGroupName'])];
        campaigns.set(campaignId, { campaignId, name, dialGroup });
      }
    }
  }
  return skipped;
}

/** The rows of a bare array, or of an object's member; undefined for any other shape, which is not the same as none. */
export function rowsOf(body: unknown, member: string): readonly Row[] | undefined {
  const rows = isRow(body) ? (body[member] ?? body['data']) : body;
  return Array.isArray(rows) && rows.every(isRow) ? rows : undefined;
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A number beyond 2^53 has lost digits when it is read. */
export function idOf(value: unknown): string | undefined {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  return typeof text === 'string' && CAMPAIGN_ID.test(text) ? text : undefined;
}

export function nameOf(value: unknown): string {
  if (typeof value !== 'string') return '';
  const plain = value.replaceAll(/\p{C}+/gu, ' ').trim();
  return [...plain].slice(0, LONGEST_NAME).join('');
}

function whyOf(none: NoAnswer): string {
  return none.kind === 'throttled' ? 'no right to ask in time' : none.reason;
}
