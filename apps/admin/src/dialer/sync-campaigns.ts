import { type CampaignChanges, campaignChanges } from '@live-feed/core/directory/campaign-changes';
import {
  findCampaignSync,
  setCampaignSync,
  stopCampaignSync,
} from '@live-feed/database/directory/campaign-syncs';
import { listCampaigns, saveCampaignList } from '@live-feed/database/directory/campaigns';
import type { CompanyRecord } from '@live-feed/database/directory/companies';
import type { DialerRecord } from '@live-feed/database/directory/lookups';
import { databaseNow } from '@live-feed/database/upkeep/retention-cutoff';
import type { NoAnswer } from '@live-feed/dialers/account';
import { findFamily } from '@live-feed/dialers/families';
import type { Credential } from '@live-feed/dialers/lead-loader';
import { theDialer } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal, UsageError } from '../terminal/refusal.ts';
import { count, type Report } from '../terminal/report.ts';
import { accountOf, explain, waitForPermit } from './dialer-test.ts';

export interface SyncOptions {
  readonly dryRun?: true | undefined;
  /** Milliseconds. */
  readonly every?: number | 'off' | undefined;
}

/** Reads the campaigns of a company from its dialing system, and has workers do so again and again if that is asked for. */
export async function syncCampaigns(
  session: Session,
  companyName: string,
  { dryRun, every }: SyncOptions,
): Promise<Report> {
  if (dryRun && every !== undefined) throw new UsageError('--dry-run changes nothing: leave out --every.');
  const { company, dialer } = await theDialer(session, companyName);
  if (every === 'off') return stopSyncing(session, company, dialer);
  const { account, listing, save } = await readCampaigns(session, company, dialer);
  if (every !== undefined) await setCampaignSync(session.database, dialer.id, every);
  const schedule = await describeSchedule(session, dialer);
  if (listing.kind !== 'listed') {
    return {
      text: [`${unread(company, listing, account.credential.kind)}. No campaign was changed.`, schedule].join(
        '\n',
      ),
      data: { company, dialerId: dialer.id, ...listing },
      failed: true,
    };
  }
  const changes = dryRun
    ? campaignChanges(await listCampaigns(session.database, company.id), listing)
    : await save();
  return {
    text: [...describeChanges(company, listing.campaigns.length, changes, dryRun === true), schedule].join(
      '\n',
    ),
    data: {
      company,
      dialerId: dialer.id,
      listed: listing.campaigns.length,
      ...changes,
      dryRun: dryRun === true,
    },
  };
}

/** @throws Refusal if the family cannot list them */
export async function readCampaigns(session: Session, company: CompanyRecord, dialer: DialerRecord) {
  const family = findFamily(dialer.family);
  const ability = family?.campaigns;
  if (family === undefined || ability === undefined) {
    throw new Refusal(
      `${family?.title ?? `A dialer of the family "${dialer.family}"`} cannot be asked for its campaigns. Add them by hand: ${hint`campaign add --help`}`,
    );
  }
  const account = accountOf(session, dialer, family);
  const source = (await session.loaders()).campaignsFor(family);
  if (source === undefined) throw new Error('A family with an ability has an adapter for it.');
  const beganAt = new Date(await databaseNow(session.database));
  const listing = await source.listCampaigns(account, async () => {
    await waitForPermit(session, dialer, 'campaigns', ability.windows);
    return true;
  });
  return {
    account,
    listing,
    async save(): Promise<CampaignChanges> {
      if (listing.kind !== 'listed') throw new Error('There is no list to save.');
      const { id: dialerId, baseUrl, accountId } = dialer;
      const origin = { companyId: company.id, dialerId, baseUrl, accountId, beganAt };
      const changes = await saveCampaignList(session.database, origin, listing);
      if (changes !== undefined) return changes;
      throw new Refusal('The dialer got another account meanwhile. No campaign was changed; try again.');
    },
  };
}

function unread(company: CompanyRecord, none: NoAnswer, how: Credential['kind']): string {
  return `The campaigns of "${company.name}" could not be read: ${explain(none, how).replace(/\.$/, '')}`;
}

/** @param isDry nothing was changed */
export function describeChanges(
  company: CompanyRecord,
  listed: number,
  { added, renamed, returned, ended, notListed, nothingEndedBecause }: CampaignChanges,
  isDry = false,
): string[] {
  const did = (done: string, would: string) => (isDry ? `Would ${would}` : done);
  const named = (campaigns: readonly { readonly campaignId: string; readonly name: string }[]) =>
    inList(campaigns.map(({ campaignId, name }) => (name === '' ? campaignId : `${campaignId} (${name})`)));
  const changed = added.length + renamed.length + returned.length + ended.length;
  return [
    `The dialing system lists ${count(listed, 'campaign')} for "${company.name}".${changed === 0 ? ' Nothing has changed.' : ''}`,
    ...line(added, `${did('Added', 'add')} ${count(added.length, 'campaign')}: ${named(added)}.`),
    ...line(renamed, `${did('Named', 'name')} ${count(renamed.length, 'campaign')}: ${named(renamed)}.`),
    ...line(
      returned,
      `Listed again after ${returned.length === 1 ? 'it' : 'they'} had ended: ${named(returned)}.`,
    ),
    ...line(
      ended,
      `${did('Marked as ended', 'mark as ended')}: ${inList(ended)}. Leads for ${ended.length === 1 ? 'it' : 'them'} are still sent: the dialing system decides.`,
    ),
    ...line(notListed, `Added by hand and not listed there, so left alone: ${inList(notListed)}.`),
    ...(nothingEndedBecause === null ? [] : [`Nothing was marked as ended: ${nothingEndedBecause}.`]),
  ];
}

function line(of: readonly unknown[], text: string): string[] {
  return of.length === 0 ? [] : [text];
}

/** Names shown; `campaign list` has all. */
const MOST_NAMED = 10;

function inList(texts: readonly string[]): string {
  const more = texts.length - MOST_NAMED;
  return `${texts.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

async function stopSyncing(session: Session, company: CompanyRecord, dialer: DialerRecord): Promise<Report> {
  const wasOn = await stopCampaignSync(session.database, dialer.id);
  return {
    text: `The campaigns of "${company.name}" are ${wasOn ? 'not read by workers any more' : 'not read by workers, as before'}. None was changed.`,
    data: { company, dialerId: dialer.id, everyMs: null, wasOn },
  };
}

const MINUTE_MS = 60_000;

export async function describeSchedule(session: Session, dialer: DialerRecord): Promise<string> {
  const sync = await findCampaignSync(session.database, dialer.id);
  if (sync === null)
    return `Workers do not read them by themselves; to have them do so: ${hint`campaign sync --help`}`;
  return `Workers read them every ${sync.everyMs / MINUTE_MS} min, and at once when a lead names an unknown one.`;
}
