import { campaignSync } from '@live-feed/operations/campaign/campaign-sync';
import { explainCheck } from '@live-feed/operations/dialer/dialer-test';
import type { Session } from '../session.ts';
import { hint } from '../terminal/hint.ts';
import { UsageError } from '../terminal/refusal.ts';
import { count, type Report } from '../terminal/report.ts';
import { textOf } from './dialer-test.ts';

export interface SyncOptions {
  readonly dryRun?: true | undefined;
  /** Milliseconds. */
  readonly every?: number | 'off' | undefined;
}

type Synced = Awaited<ReturnType<typeof campaignSync.run>>;
type Listed = Extract<Synced, { kind: 'listed' }>;

/** Reads the campaigns of a company from its dialing system, and has workers do so again and again if that is asked for. */
export async function syncCampaigns(
  session: Session,
  company: string,
  { dryRun, every }: SyncOptions,
): Promise<Report> {
  if (dryRun && every !== undefined) throw new UsageError('--dry-run changes nothing: leave out --every.');
  const everyMs = every === 'off' ? null : every;
  const data = await session.perform(campaignSync, { company, dryRun, everyMs });
  return { text: describeSync(data).join('\n'), data, failed: !DONE.has(data.kind) };
}

const DONE: ReadonlySet<Synced['kind']> = new Set(['listed', 'stopped']);

/** What was read and changed, a line each. */
function describeSync(data: Synced): string[] {
  const name = `"${data.company.name}"`;
  switch (data.kind) {
    case 'listed':
      return [...describeChanges(data), describeSchedule(data.everyMs)];
    case 'stopped':
      return [
        `The campaigns of ${name} are ${data.wasOn ? 'not read by workers any more' : 'not read by workers, as before'}. None was changed.`,
      ];
    default: {
      const why = textOf(explainCheck(data, data.signsInWith)).replace(/\.$/, '');
      return [
        `The campaigns of ${name} could not be read: ${why}. No campaign was changed.`,
        describeSchedule(data.everyMs),
      ];
    }
  }
}

export function describeChanges(data: Listed): string[] {
  const { company, listed, added, renamed, returned, ended, notListed, nothingEndedBecause } = data;
  const did = (done: string, would: string) => (data.dryRun ? `Would ${would}` : done);
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

const MINUTE_MS = 60_000;

export function describeSchedule(everyMs: number | null): string {
  if (everyMs === null)
    return `Workers do not read them by themselves; to have them do so: ${hint`campaign sync --help`}`;
  return `Workers read them every ${everyMs / MINUTE_MS} min, and at once when a lead names an unknown one.`;
}
