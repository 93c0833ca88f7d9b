import type { LeadFigures } from '@live-feed/core/lead/lead-figures';
import { wholeNumber } from '@live-feed/operations/inputs/written';
import { overviewShow } from '@live-feed/operations/overview/overview';
import { group, leaf, type Run } from '../command.ts';
import type { Session } from '../session.ts';
import { as } from '../terminal/arguments.ts';
import { hintOf } from '../terminal/hint.ts';
import { count, table } from '../terminal/report.ts';

export function overviewCommands(run: Run) {
  return group('overview').addCommand(
    leaf('show', 'what needs a person, dialers, and today beside yesterday and last week')
      .option(
        '--company <company>',
        'name or id; its days begin at midnight there, those of all companies in UTC',
      )
      .option('--minutes <number>', 'minutes that --json has one by one', as(wholeNumber(10, 180)), 60)
      .option('--limit <number>', 'maximum number of campaigns and of dialers', as(wholeNumber(1, 500)), 20)
      .action((options) => run(options, (session) => showOverview(session, options))),
  );
}

type Overview = Awaited<ReturnType<typeof show>>;

function show(session: Session, { company, minutes, limit }: Options) {
  return session.perform(overviewShow, { company, minutes, limit });
}

interface Options {
  readonly company?: string | undefined;
  readonly minutes: number;
  readonly limit: number;
}

async function showOverview(session: Session, options: Options) {
  const data = await show(session, options);
  const parts = [attentionPart(data), figuresPart(data), campaignsPart(data), dialersPart(data)];
  return { text: parts.join('\n\n'), data };
}

function attentionPart({ attention, attentionInAll }: Overview): string {
  if (attention.length === 0) return 'Nothing needs a person.';
  const lines = attention.map(({ severity, company, campaignId, campaign, message, mend }) => {
    const whose = [company, campaignId === null ? null : `campaign ${campaign ?? campaignId}`];
    const where = whose.filter((part) => part !== null).join(', ');
    const how = mend === null ? '' : ` ${hintOf(mend)}`;
    return `${severity === 'red' ? '[RED]  ' : '[amber]'} ${where === '' ? '' : `${where}: `}${message}${how}`;
  });
  return [...lines, ...more(attention.length, attentionInAll)].join('\n');
}

function figuresPart({ lastHour, today, yesterday, lastWeek, timeZone, now, backlog }: Overview): string {
  const figures = table(
    [
      '',
      'leads',
      'accepted',
      'rejected',
      'failed',
      'expired',
      'given back',
      'parked',
      'acceptance',
      'p50',
      'p99',
    ],
    [
      ['last hour', ...cells(lastHour)],
      ['today', ...cells(today)],
      ['yesterday', ...cells(yesterday)],
      ['last week', ...cells(lastWeek)],
    ],
    '',
  );
  const waits = backlog === null ? 'not known' : count(backlog, 'lead');
  return `${figures}\n\nDays up to the same time of day, ${timeZone}; now ${now.toISOString()}. Waiting: ${waits}.`;
}

function campaignsPart({ campaigns, campaignsInAll }: Overview): string {
  const rows = table(
    [
      'company',
      'campaign',
      'name',
      'last hour',
      'today',
      'yesterday',
      'acceptance',
      'yesterday',
      'top reasons today',
    ],
    campaigns.map(({ company, campaignId, campaign, lastHour, today, yesterday, reasons }) => [
      ...[company, campaignId, campaign, lastHour.leads, today.leads, yesterday.leads],
      ...[share(today.acceptance), share(yesterday.acceptance)],
      reasons.map(({ reason, leads }) => `${reason || 'none'} ${leads}`).join(', '),
    ]),
    'No campaign had leads today, yesterday or on this day last week.',
  );
  return [rows, ...more(campaigns.length, campaignsInAll)].join('\n');
}

function dialersPart({ dialers, dialersInAll }: Overview): string {
  if (dialers === null) return 'The states of the dialers are not known.';
  const rows = table(
    ['company', 'family', 'state', 'held until', 'why', 'waiting'],
    dialers.map(({ company, family, light, heldUntil, why, waiting }) => [
      ...[company, family, light, heldUntil, why, waiting],
    ]),
    'There are no dialers yet.',
  );
  return [rows, ...more(dialers.length, dialersInAll ?? 0)].join('\n');
}

function more(shown: number, inAll: number): string[] {
  return inAll > shown ? [`… and ${inAll - shown} more.`] : [];
}

function cells({ leads, byState, acceptance, p50Ms, p99Ms }: LeadFigures) {
  const { ACCEPTED, REJECTED, FAILED, EXPIRED, ABANDONED, PARKED } = byState;
  const atMost = (ms: number | null) => (ms === null ? null : `≤ ${ms.toLocaleString('en-US')} ms`);
  return [
    ...[leads, ACCEPTED, REJECTED, FAILED, EXPIRED, ABANDONED, PARKED],
    ...[share(acceptance), atMost(p50Ms), atMost(p99Ms)],
  ];
}

function share(of: number | null): string | null {
  return of === null ? null : `${(of * 100).toFixed(1)} %`;
}
