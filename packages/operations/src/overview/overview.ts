import { summarise } from '@live-feed/core/lead/lead-figures';
import {
  type CampaignSpan,
  type CampaignSpans,
  readMinutes,
  readReasons,
  readSpans,
  type Span,
} from '@live-feed/database/overview/overview-figures';
import { readOverviewTimes } from '@live-feed/database/overview/overview-times';
import { z } from 'zod';
import { companyInput } from '../inputs/inputs.ts';
import { type Context, ofReached, onlyCompany } from '../operation.ts';
import { bySeverity, LIMITS, ofCampaign } from './attention.ts';
import { dialersOf } from './dialers.ts';
import { firstMinute, minuteSeries } from './minutes.ts';
import { troublesOf } from './troubles.ts';

/** Of a campaign, the most frequent. */
const MOST_REASONS = 3;
/** Beyond them, how many more there are is said. */
const MOST_ATTENTION = 100;

export const overviewShow = ofReached({
  name: 'overview.show',
  summary: 'shows how leads fare now, today beside other days, and what needs a person',
  role: 'viewer',
  route: 'GET /overview',
  input: z.object({
    company: companyInput.optional(),
    minutes: z.int().min(10).max(180).default(60).describe('how many minutes are shown one by one'),
    limit: z.int().min(1).max(500).default(50).describe('campaigns, and dialers, at most'),
  }),
  run: showOverview,
});

export type Overview = Awaited<ReturnType<typeof showOverview>>;

async function showOverview(
  { database, redis }: Context,
  { company: name, minutes, limit }: { company?: string | undefined; minutes: number; limit: number },
  reached: string | undefined,
) {
  const companyId = await onlyCompany({ database }, name, reached);
  const times = await readOverviewTimes(database, companyId);
  const nowMs = times.now.getTime();
  const firstMs = firstMinute(nowMs, minutes);

  const [byMinute, { bySpan, campaigns, campaignsInAll }, dialers, troubles] = await Promise.all([
    readMinutes(database, companyId, new Date(firstMs)),
    readSpans(database, companyId, times, { limit, fallenIf: LIMITS.fallenIf }),
    dialersOf({ database, redis }, companyId, nowMs),
    troublesOf(database, companyId, nowMs),
  ]);
  const shown = campaigns.filter(({ place }) => place <= limit);
  const reasons = await readReasons(database, shown, times.today);
  const fallen = campaigns.filter(({ hasFallen }) => hasFallen).map(ofCampaign);
  const attention = [...dialers.attention, ...troubles, ...fallen].sort(bySeverity);
  const figuresOf = (span: Span) => ({ ...times[span], ...summarise(bySpan.get(span) ?? []) });
  return {
    now: times.now,
    timeZone: times.timeZone,
    /** The only company that it is about; null: all. */
    companyId: companyId ?? null,
    minutes: minuteSeries(byMinute, firstMs, minutes),
    lastHour: figuresOf('lastHour'),
    today: figuresOf('today'),
    yesterday: figuresOf('yesterday'),
    lastWeek: figuresOf('lastWeek'),
    backlog: dialers.backlog,
    dialers: dialers.lines?.slice(0, limit) ?? null,
    dialersInAll: dialers.lines?.length ?? null,
    campaigns: shown.map((campaign) => ({
      ...lineOf(campaign),
      reasons: reasons.get(`${campaign.companyId} ${campaign.campaignId}`)?.slice(0, MOST_REASONS) ?? [],
    })),
    campaignsInAll,
    attention: attention.slice(0, MOST_ATTENTION),
    attentionInAll: attention.length,
  };
}

function lineOf({ companyId, company, campaignId, campaign, ...spans }: CampaignSpans) {
  return {
    ...{ companyId, company, campaignId, campaign },
    lastHour: withAcceptance(spans.lastHour),
    today: withAcceptance(spans.today),
    yesterday: withAcceptance(spans.yesterday),
    lastWeek: withAcceptance(spans.lastWeek),
  };
}

function withAcceptance({ leads, accepted, tried }: CampaignSpan) {
  return { leads, accepted, acceptance: tried === 0 ? null : accepted / tried };
}
