import type { CompanyRecord } from '@live-feed/database/directory/companies';
import { findFamily } from '@live-feed/dialers/families';
import { campaignSync } from '@live-feed/operations/campaign/campaign-sync';
import { campaignAdd, campaignList } from '@live-feed/operations/campaign/campaigns';
import { companyAdd } from '@live-feed/operations/company/companies';
import { companyShow } from '@live-feed/operations/company/company-settings';
import { dialerSet } from '@live-feed/operations/dialer/dialer-set';
import { dialerShow } from '@live-feed/operations/dialer/dialer-show';
import type { ShownDialer } from '@live-feed/operations/dialer/shown-dialer';
import { keyList } from '@live-feed/operations/key/keys';
import { keyIssue } from '@live-feed/operations/key/new-keys';
import { Refusal as OperationRefused } from '@live-feed/operations/refusal';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { Refusal, UsageError } from '../terminal/refusal.ts';
import { count, type Report } from '../terminal/report.ts';
import { type ConnectionAnswers, gatherAnswers } from './connection-answers.ts';
import { testDialer } from './dialer-test.ts';
import { describeChanges, describeSchedule } from './sync-campaigns.ts';

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
  const { company, dialer } = await configure(session, name, options, say);
  const tested = await testDialer(session, company.id);
  if (tested.failed) return unfinished(company, tested.text, tested.data);
  say(tested.text);
  const campaign = await chooseCampaign(session, company, dialer, options, say);
  const key = await keyFor(session, company, options, say);
  const curl = curlFor(session.apiUrl, key?.key, campaign);
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
): Promise<Configured> {
  const existing: Configured | undefined = await unlessMissing(
    session.perform(dialerShow, { company: name }),
  );
  const settings = await gatherAnswers(session, existing?.dialer ?? null, options);
  const family = findFamily(settings?.family ?? existing?.dialer.family ?? '');
  if (options.every !== undefined && family?.campaigns === undefined) {
    throw new UsageError(
      'This dialing system cannot be asked for its campaigns: leave out --every. Nothing was changed.',
    );
  }
  if (settings === undefined && existing !== undefined) return existing;
  const found = existing ?? (await unlessMissing(session.perform(companyShow, { company: name })));
  const { company } = found ?? (await session.perform(companyAdd, { name }));
  if (found === undefined) say(`Added "${company.name}".`);
  const { dialer } = await session.perform(dialerSet, { company: company.id, ...settings });
  say(`${existing === undefined ? 'Added' : 'Changed'} the dialer of "${company.name}".`);
  return { company, dialer };
}

interface Configured {
  readonly company: CompanyRecord;
  readonly dialer: ShownDialer;
}

/** @returns undefined if what is named does not exist */
async function unlessMissing<Output>(performed: Promise<Output>): Promise<Output | undefined> {
  try {
    return await performed;
  } catch (error) {
    if (error instanceof OperationRefused && error.kind === 'not_found') return undefined;
    throw error;
  }
}

/** One that the example can name. */
async function chooseCampaign(
  session: Session,
  company: CompanyRecord,
  dialer: ShownDialer,
  { campaign, every }: ConnectOptions,
  say: Say,
): Promise<string> {
  if (campaign !== undefined) {
    const input = { company: company.id, campaignIds: [campaign] };
    const { warnings } = await session.perform(campaignAdd, input);
    for (const warning of warnings) say(`Warning: ${warning}`);
  }
  if (findFamily(dialer.family)?.campaigns !== undefined) {
    await takeOverCampaigns(session, company, every, say);
  }
  const { campaigns } = await session.perform(campaignList, { company: company.id });
  const chosen = campaign ?? campaigns.find(({ ended }) => !ended)?.campaignId;
  if (chosen !== undefined) return chosen;
  throw new Refusal(
    `"${company.name}" has no campaign yet. Make one in the dialing system, or name one with --campaign, and run the command again.`,
  );
}

async function takeOverCampaigns(
  session: Session,
  company: CompanyRecord,
  everyMs: number | undefined,
  say: Say,
): Promise<void> {
  const data = await session.perform(campaignSync, { company: company.id, everyMs });
  if (data.kind === 'listed') {
    for (const line of describeChanges(data)) say(line);
  } else if (data.kind !== 'stopped') {
    const why = data.kind === 'throttled' ? 'it asked to slow down' : data.reason;
    say(`Its campaigns could not be read (${why}). Read them later: ${hint`campaign sync ${company.name}`}`);
  }
  if (everyMs !== undefined) say(describeSchedule(data.everyMs));
}

/** @returns undefined if the company has a key already, which cannot be shown again */
async function keyFor(session: Session, company: CompanyRecord, { newKey }: ConnectOptions, say: Say) {
  const known = await session.perform(keyList, { company: company.id });
  const keys = known.keys.filter(({ type, state }) => type === 'universal' && state === 'active');
  if (keys.length === 0 || newKey) {
    return session.perform(keyIssue, { company: company.id, type: 'universal' });
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
