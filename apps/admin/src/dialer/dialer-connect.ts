import { listApiKeys } from '@live-feed/database/directory/api-keys';
import { setCampaignSync } from '@live-feed/database/directory/campaign-syncs';
import { addCampaigns, listCampaigns } from '@live-feed/database/directory/campaigns';
import { addCompany, type CompanyRecord, findCompany } from '@live-feed/database/directory/companies';
import { findDialerOf } from '@live-feed/database/directory/lookups';
import { findFamily } from '@live-feed/dialers/families';
import { campaignWarnings } from '@live-feed/operations/campaign/campaign-warnings';
import { issueKey } from '../company/key-changes.ts';
import { theDialer } from '../company/the-company.ts';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal, UsageError } from '../terminal/refusal.ts';
import { count, type Report } from '../terminal/report.ts';
import { type ConnectionAnswers, gatherAnswers } from './connection-answers.ts';
import { setDialer } from './dialer-set.ts';
import { testDialer } from './dialer-test.ts';
import { describeChanges, describeSchedule, readCampaigns } from './sync-campaigns.ts';

export interface ConnectOptions extends ConnectionAnswers {
  readonly campaign?: string | undefined;
  /** Milliseconds. */
  readonly every?: number | undefined;
  readonly newKey?: true | undefined;
}

/**
 * From nothing to the first lead: company, dialer, test, campaigns, key. Each step is done only where it has not been, so that the command can be
 * run again after one has failed.
 */
export async function connectDialer(
  session: Session,
  name: string,
  options: ConnectOptions,
): Promise<Report> {
  const say = (text: string) => session.terminal.stderr.write(`${text}\n`);
  const company = await configure(session, name, options, say);
  const tested = await testDialer(session, company.id);
  if (tested.failed) return unfinished(company, tested.text, tested.data);
  say(tested.text);
  const campaign = await chooseCampaign(session, company, options, say);
  const key = await keyFor(session, company, options, say);
  const curl = curlFor(session.apiUrl, key?.key, campaign);
  const { dialer } = await theDialer(session, company.id);
  return {
    text: [
      `"${company.name}" is connected. This sends its first lead, which is dialled: put a number of your own in place of 5551234567.`,
      '',
      curl,
      ...(key === undefined ? [] : ['', 'The key is not shown again: store it now.']),
    ].join('\n'),
    data: {
      company,
      dialerId: dialer.id,
      campaignId: campaign,
      keyId: key?.id ?? null,
      key: key?.key ?? null,
      curl,
    },
  };
}

type Say = (text: string) => unknown;

/** Company and dialer. Nothing is stored before everything is known. */
async function configure(
  session: Session,
  name: string,
  options: ConnectOptions,
  say: Say,
): Promise<CompanyRecord> {
  const { database } = session;
  const found = await findCompany(database, name);
  const existing = found === null ? null : await findDialerOf(database, found.id);
  const settings = await gatherAnswers(session, existing, options);
  const family = findFamily(settings?.family ?? existing?.family ?? '');
  if (options.every !== undefined && family?.campaigns === undefined) {
    throw new UsageError(
      'This dialing system cannot be asked for its campaigns: leave out --every. Nothing was changed.',
    );
  }
  const company = found ?? (await addCompany(database, name)).company;
  if (found === null) say(`Added "${company.name}".`);
  if (settings === undefined) return company;
  await setDialer(session, company.id, settings);
  say(`${existing === null ? 'Added' : 'Changed'} the dialer of "${company.name}".`);
  return company;
}

/** One that the example can name. */
async function chooseCampaign(
  session: Session,
  company: CompanyRecord,
  { campaign, every }: ConnectOptions,
  say: Say,
): Promise<string> {
  const { database } = session;
  if (campaign !== undefined) {
    await addCampaigns(database, company.id, [campaign]);
    for (const warning of await campaignWarnings(database, company.id, [campaign]))
      say(`Warning: ${warning}`);
  }
  const { dialer } = await theDialer(session, company.id);
  if (findFamily(dialer.family)?.campaigns !== undefined) {
    await takeOverCampaigns(session, company, say);
    if (every !== undefined) {
      await setCampaignSync(database, dialer.id, every);
      say(await describeSchedule(session, dialer));
    }
  }
  const known = await listCampaigns(database, company.id);
  const chosen = campaign ?? known.find(({ ended }) => !ended)?.campaignId;
  if (chosen !== undefined) return chosen;
  throw new Refusal(
    `"${company.name}" has no campaign yet. Make one in the dialing system, or name one with --campaign, and run the command again.`,
  );
}

async function takeOverCampaigns(session: Session, company: CompanyRecord, say: Say): Promise<void> {
  const { dialer } = await theDialer(session, company.id);
  const { listing, save } = await readCampaigns(session, company, dialer);
  if (listing.kind === 'listed') {
    for (const line of describeChanges(company, listing.campaigns.length, await save())) say(line);
  } else {
    const why = listing.kind === 'throttled' ? 'it asked to slow down' : listing.reason;
    say(`Its campaigns could not be read (${why}). Read them later: ${hint`campaign sync ${company.name}`}`);
  }
}

/** @returns undefined if the company has a key already, which cannot be shown again */
async function keyFor(session: Session, company: CompanyRecord, { newKey }: ConnectOptions, say: Say) {
  const keys = (await listApiKeys(session.database, company.id)).filter(
    ({ type, active, expiresAt }) =>
      type === 'universal' && active && (expiresAt === null || expiresAt.getTime() > Date.now()),
  );
  if (keys.length === 0 || newKey) {
    const { data } = await issueKey(session, company.id, { type: 'universal' });
    return { key: data.key, id: data.id };
  }
  say(
    `It has ${count(keys.length, 'key')} already, and keys are shown once only: put yours in place of $API_KEY. A further one: --new-key.`,
  );
  return undefined;
}

function curlFor(apiUrl: string, key: string | undefined, campaignId: string): string {
  const body = JSON.stringify({ campaignId, lead: { leadPhone: '5551234567', firstName: 'Jane' } });
  return [
    `curl -X POST ${apiUrl}/live-feed/ringcx \\`,
    `  -H "Authorization: Bearer ${key ?? '$API_KEY'}" \\`,
    '  -H "Content-Type: application/json" \\',
    `  -d '${body.replaceAll("'", "'\\''")}'`,
  ].join('\n');
}

function unfinished(company: CompanyRecord, text: string, data: unknown): Report {
  return {
    text: `${text}\n\n"${company.name}" is not connected yet. What was done so far stays: run the command again, with what has to change.`,
    data,
    failed: true,
  };
}
