import {
  type AlertCondition,
  countText,
  durationText,
  isOfCampaigns,
  openForMs,
} from '@live-feed/core/alert/alert-condition';
import type { AlertScope } from '@live-feed/database/alerts/alert-rules';
import type { AlertReading } from '@live-feed/database/alerts/alert-states';
import { campaignKey, type Sightings } from './sightings.ts';

/** What a rule sees of each company, or of each campaign, in its scope. */

/** Something seen; empty `subject`: of the company. */
interface Seen {
  readonly companyId: string;
  readonly subject: string;
  readonly isMet: boolean | undefined;
  readonly known: string;
  /** Of a webhook. */
  readonly subjectName?: string;
}

type Rule = AlertScope & { readonly condition: AlertCondition };

/** A company or campaign that had its last lead before is not watched by a rule for all: it is not in use. */
const IN_USE_MS = 7 * 86_400_000;

/** @throws SightingError if it cannot be seen now */
export async function readRule(sightings: Sightings, rule: Rule, nowMs: number): Promise<AlertReading[]> {
  const { condition, companyId, campaignId } = rule;
  const seen = await see(sightings, rule, condition, nowMs);
  const names = await sightings.companyNames();
  const campaigns = isOfCampaigns(condition.kind) ? await sightings.campaignNames() : new Map();
  return seen.flatMap((each) => {
    const companyName = names.get(each.companyId);
    // Removed at this moment, or not of the rule.
    if (companyName === undefined || (companyId !== null && each.companyId !== companyId)) return [];
    if (campaignId !== null && each.subject !== campaignId) return [];
    const subjectName = each.subjectName ?? campaigns.get(campaignKey(each.companyId, each.subject)) ?? null;
    return [{ ...each, companyName, subjectName }];
  });
}

function isByCampaign({ campaignId, perCampaign }: AlertScope): boolean {
  return campaignId !== null || perCampaign;
}

async function see(
  sightings: Sightings,
  scope: AlertScope,
  condition: AlertCondition,
  nowMs: number,
): Promise<Seen[]> {
  switch (condition.kind) {
    case 'acceptance':
      return seeAcceptance(await sightings.outcomes(condition.forMs), scope, condition);
    case 'parked': {
      const counts = sumBySubject(await sightings.parked(), isByCampaign(scope));
      return [...counts.values()].map(({ companyId, subject, rows }) => {
        const leads = sumOf(rows);
        const known =
          leads === 1 ? '1 lead waits for a person.' : `${countText(leads, 'lead')} wait for a person.`;
        return { companyId, subject, isMet: leads > condition.above, known };
      });
    }
    case 'no_leads':
      return seeSilence(
        await sightings.arrivals(isByCampaign(scope) ? 'campaign' : 'company'),
        scope,
        condition,
      );
    case 'held':
      return ofCompanies(await sightings.standings(), ({ heldForMs, heldUntil, reason, probing }) => ({
        // Between holds it is not known yet whether it works again.
        isMet: heldForMs > 0 || probing,
        known:
          heldUntil === null
            ? 'It is being tried whether the dialer works again.'
            : `Held until ${heldUntil.toISOString().slice(0, 19).replace('T', ' ')} UTC: ${REASONS[reason ?? 'failing']}.`,
      }));
    case 'caps':
      return ofCompanies(await sightings.capsUsed(), (share) => ({
        isMet: share * 100 > condition.above,
        known: `${percentText(share)} of today's caps are used up.`,
      }));
    case 'backlog':
      return ofCompanies(await sightings.backlogs(), ({ waiting, oldest }) => {
        const { above = Number.POSITIVE_INFINITY, olderThanMs = Number.POSITIVE_INFINITY } = condition;
        const ageMs = oldest === null ? 0 : Math.max(0, nowMs - oldest.getTime());
        const age = oldest === null ? '' : `, the oldest for ${durationText(ageMs)}`;
        return {
          isMet: waiting > above || ageMs > olderThanMs,
          known: `${countText(waiting, 'lead')} ${waiting === 1 ? 'waits' : 'wait'}${age}.`,
        };
      });
    case 'webhook_off':
      return (await sightings.webhooksOff()).map(({ id, companyId, url, disabledWhy }) => ({
        ...{ companyId, subject: id, isMet: true, subjectName: hostOf(url) },
        known:
          disabledWhy === 'GONE' ? 'Its endpoint said that it is gone.' : 'Its endpoint failed for a day.',
      }));
  }
}

const REASONS = {
  throttled: 'the dialing system asked for a pause',
  token_refused: 'its credentials were refused',
  failing: 'it fails',
  ops: 'by a person',
} as const;

type Counted = { readonly companyId: string; readonly campaignId: string; readonly leads: number };

function sumBySubject<Row extends Counted>(rows: readonly Row[], byCampaign: boolean) {
  const groups = new Map<string, { companyId: string; subject: string; rows: Row[] }>();
  for (const row of rows) {
    const { companyId } = row;
    const subject = byCampaign ? row.campaignId : '';
    const key = campaignKey(companyId, subject);
    const group = groups.get(key) ?? { companyId, subject, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  return groups;
}

function sumOf(rows: readonly { readonly leads: number }[]): number {
  return rows.reduce((sum, { leads }) => sum + leads, 0);
}

/** As `summarise` in core counts acceptance. */
const NOT_ACCEPTED: ReadonlySet<string> = new Set(['REJECTED', 'FAILED', 'EXPIRED']);

function seeAcceptance(
  outcomes: Awaited<ReturnType<Sightings['outcomes']>>,
  scope: AlertScope,
  { below, leads, forMs }: Extract<AlertCondition, { kind: 'acceptance' }>,
): Seen[] {
  const groups = sumBySubject(outcomes, isByCampaign(scope));
  return [...groups.values()].map(({ companyId, subject, rows }) => {
    const accepted = sumOf(rows.filter(({ state }) => state === 'ACCEPTED'));
    const others = rows.filter(({ state }) => NOT_ACCEPTED.has(state)).sort((a, b) => b.leads - a.leads);
    const tried = accepted + sumOf(others);
    const [most] = others;
    const why =
      most === undefined
        ? ''
        : ` Most others: ${most.state.toLowerCase()}${most.reason === '' ? '' : `, ${most.reason}`} (${most.leads}).`;
    const seen = `${accepted} of ${countText(tried, 'lead')} of the last ${durationText(forMs)} accepted`;
    // An alert ends then, because nobody can say that it burns; that is no recovery, so it is said.
    const few =
      tried >= leads ? '' : `Too few leads to judge by: the rule needs ${leads.toLocaleString('en-US')}. `;
    return {
      ...{ companyId, subject },
      isMet: tried >= leads && accepted * 100 < below * tried,
      known:
        tried === 0
          ? `${few}No lead was decided on in ${durationText(forMs)}.`
          : `${few}${seen}: ${percentText(accepted / tried)}.${why}`,
    };
  });
}

function seeSilence(
  arrivals: Awaited<ReturnType<Sightings['arrivals']>>,
  { companyId: named }: AlertScope,
  { forMs, hours }: Extract<AlertCondition, { kind: 'no_leads' }>,
): Seen[] {
  return arrivals
    .filter(({ ageMs }) => named !== null || ageMs <= IN_USE_MS)
    .map(({ companyId, campaignId: subject, ageMs, ...local }) => {
      const openMs = openForMs(hours, local);
      const isSilent = ageMs >= forMs;
      const known = `The last lead came ${durationText(Math.max(0, ageMs))} ago.`;
      // Outside the hours, and soon after they begin, silence says nothing.
      const isMet = isSilent && (openMs === undefined || openMs < forMs) ? undefined : isSilent;
      return { companyId, subject, isMet, known };
    });
}

function ofCompanies<Value>(
  values: ReadonlyMap<string, Value>,
  read: (value: Value) => Pick<Seen, 'isMet' | 'known'>,
): Seen[] {
  return [...values].map(([companyId, value]) => ({ companyId, subject: '', ...read(value) }));
}

function percentText(share: number): string {
  return `${Math.floor(share * 1_000) / 10}%`;
}

/** The rest of a URL may have a secret in it. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'webhook';
}
