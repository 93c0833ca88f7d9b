import type {
  EndingKey,
  FailedSync,
  ParkedLeads,
  PausedCampaign,
  SilentPhoneCheck,
  TroubledWebhook,
  WornCallerIds,
} from '@live-feed/database/overview/needs-attention';
import type { CampaignSpan, CampaignSpans } from '@live-feed/database/overview/overview-figures';
import type { DialerState } from '@live-feed/queue/limits/dialer-states';
import type { See } from '../refusal.ts';
import { lightOf } from './dialer-light.ts';

/** Something that does not end without a person. */
export interface Attention {
  /** `red`: leads of a company are not called, or are lost to it. `amber`: they will be, unless somebody acts. */
  readonly severity: 'red' | 'amber';
  readonly kind: AttentionKind;
  /** Null: it concerns all. */
  readonly companyId: string | null;
  readonly company: string | null;
  /** The dialing system's id, and the name where it is known; null: it concerns no single campaign. */
  readonly campaignId: string | null;
  readonly campaign: string | null;
  /** The id of the key or the webhook that it is about; null: it is about none. */
  readonly thing: string | null;
  /** A sentence. */
  readonly message: string;
  /** Since when, or for a key until when; null where nobody knows. */
  readonly at: Date | null;
  /** The operation that ends it; null: what to do is outside of Live Feed, and the message says it. */
  readonly mend: See | null;
}

export type AttentionKind =
  | 'parked_leads'
  | 'dialer_held'
  | 'dialer_failing'
  | 'dialer_paused'
  | 'leads_wait'
  | 'caller_ids_used_up'
  | 'webhook_off'
  | 'webhook_failing'
  | 'key_ends'
  | 'campaigns_not_read'
  | 'campaign_paused'
  | 'phone_check_silent'
  | 'acceptance_fell'
  | 'no_leads'
  | 'old_leads_kept'
  | 'redis_unavailable';

/** When something is worth a person's time. */
export const LIMITS = {
  fallenIf: { lowerBy: 0.1, leastTried: 30, leastLeads: 50 },
  callerIds: { share: 0.9, atCap: 0.25 },
  webhookFailsForMs: 300_000,
  /** So many leads within that time without an answer of their company's check. */
  silentForMs: 600_000,
  leastSilent: 5,
  keyEndsWithinMs: 7 * 86_400_000,
  waitMs: 60_000,
  longWaitMs: 300_000,
  /** Workers pass all leads within some hours, and then move the time before which they remove them. */
  retentionPauseMs: 2 * 86_400_000,
} as const;

interface Named {
  readonly companyId: string;
  readonly company: string;
  readonly campaignId?: string;
  readonly campaign?: string | null;
}

type Rest = Pick<Attention, 'severity' | 'kind' | 'message' | 'mend'> &
  Partial<Pick<Attention, 'at' | 'thing'>>;

function about(
  named: Named | null,
  { severity, kind, message, mend, at = null, thing = null }: Rest,
): Attention {
  return {
    ...{ severity, kind },
    ...{ companyId: named?.companyId ?? null, company: named?.company ?? null },
    ...{ campaignId: named?.campaignId ?? null, campaign: named?.campaign ?? null },
    ...{ thing, message, at, mend },
  };
}

/** Red first, then the oldest. */
export function bySeverity(one: Attention, other: Attention): number {
  if (one.severity !== other.severity) return one.severity === 'red' ? -1 : 1;
  return (one.at?.getTime() ?? Number.MAX_SAFE_INTEGER) - (other.at?.getTime() ?? Number.MAX_SAFE_INTEGER);
}

export function ofParkedLeads(parked: ParkedLeads, most: number): Attention {
  const { leads } = parked;
  const number =
    leads >= most
      ? `${leads} or more leads are parked`
      : counted(leads, 'lead is parked', 'leads are parked');
  return about(parked, {
    ...{ severity: 'red', kind: 'parked_leads', at: parked.since },
    message: `${number}: whether the dialing system has ${leads === 1 ? 'it' : 'them'} is not known.`,
    mend: { operation: 'lead.retry-all', to: 'Retry them', values: [parked.company] },
  });
}

export function ofPausedCampaign({ kind, since, until, because, by, ...named }: PausedCampaign): Attention {
  const who = by === null ? '' : ` by ${by}`;
  const end = until === null ? 'until it is resumed' : `until ${until.toISOString()}`;
  const why = because === null ? '' : `: ${because}`;
  const leads =
    kind === 'keep' ? 'new leads are kept where their callers do not wait' : 'new leads are refused';
  return about(named, {
    ...{ severity: 'amber', kind: 'campaign_paused', at: since },
    message: `The campaign is paused${who} ${end}${why}; ${leads}.`,
    mend: { operation: 'campaign.resume', to: 'Resume it', values: [named.company, named.campaignId] },
  });
}

export function ofSilentPhoneCheck({
  unanswered,
  refused,
  sent,
  since,
  ...named
}: SilentPhoneCheck): Attention[] {
  if (refused + sent < LIMITS.leastSilent) return [];
  const leads = [
    ...(refused === 0 ? [] : [`${counted(refused, 'lead was', 'leads were')} refused`]),
    ...(sent === 0 ? [] : [`${counted(sent, 'lead was', 'leads were')} sent without it`]),
  ];
  return [
    about(named, {
      ...{ severity: unanswered === 'refuse' ? 'red' : 'amber', kind: 'phone_check_silent', at: since },
      message: `Its check of phones does not answer: of the latest ones in the last ${duration(LIMITS.silentForMs)} ${leads.join(' and ')}.`,
      mend: { operation: 'company.check', to: 'Try it', values: [named.company] },
    }),
  ];
}

export interface DialerToShow extends Named {
  readonly state: DialerState;
}

/** A dialer may need a person for two reasons: it is held, and its leads wait. */
export function ofDialer(dialer: DialerToShow, nowMs: number): Attention[] {
  const { state, company } = dialer;
  const { light, why } = lightOf(state);
  const waits = state.waiting === 0 ? '' : ` ${counted(state.waiting, 'lead waits', 'leads wait')}.`;
  const release = { operation: 'dialer.release', to: 'Release it', values: [company] } as const;
  const test = { operation: 'dialer.test', to: 'Test it', values: [company] } as const;
  const reason = state.standing?.reason ?? null;
  if (light === 'paused') {
    const message = `The dialer is paused.${waits}`;
    return [
      about(dialer, {
        severity: state.waiting > 0 ? 'red' : 'amber',
        kind: 'dialer_paused',
        message,
        mend: release,
      }),
    ];
  }
  if (light === 'held' && reason === 'ops') {
    const message = `The dialer is held: ${why}.${waits}`;
    return [
      about(dialer, {
        severity: state.waiting > 0 ? 'red' : 'amber',
        kind: 'dialer_held',
        message,
        mend: release,
      }),
    ];
  }
  // The dialing system asks for pauses of some seconds all day long: nobody has to do anything.
  if (light === 'held' && reason !== 'throttled') {
    const mend =
      reason === 'token_refused'
        ? ({ operation: 'dialer.set', to: 'Renew its token', values: [company] } as const)
        : test;
    return [
      about(dialer, {
        severity: 'red',
        kind: 'dialer_held',
        message: `The dialer is held: ${why}.${waits}`,
        mend,
      }),
    ];
  }
  if (state.standing?.probing) {
    const message = `The dialer keeps failing: ${why}.${waits}`;
    return [about(dialer, { severity: 'red', kind: 'dialer_failing', message, mend: test })];
  }
  const waitedMs = state.waitingSince === null ? 0 : nowMs - state.waitingSince.getTime();
  if (waitedMs < LIMITS.waitMs) return [];
  return [
    about(dialer, {
      ...{
        severity: waitedMs < LIMITS.longWaitMs ? 'amber' : 'red',
        kind: 'leads_wait',
        at: state.waitingSince,
      },
      message: `${counted(state.waiting, 'lead waits', 'leads wait')}, the first of them for ${duration(waitedMs)}: it is sent slower than leads come, or no worker runs.`,
      mend: test,
    }),
  ];
}

export function ofCallerIds(worn: WornCallerIds): Attention {
  const { company, anis, usable, atCap, used, capacity, rejectsWithoutOne } = worn;
  const isDown = atCap >= usable;
  const withoutOne = rejectsWithoutOne ? 'leads are rejected' : 'leads are sent without one';
  const message =
    usable === 0
      ? `None of ${counted(anis, 'number', 'numbers')} may be used: ${withoutOne}.`
      : isDown
        ? `All ${counted(usable, 'number', 'numbers')} have reached their caps for today: ${withoutOne}.`
        : `${atCap} of ${counted(usable, 'number', 'numbers')} have reached their caps for today; ${percent(capacity === 0 ? 1 : used / capacity)} of all uses are gone.`;
  return about(worn, {
    ...{ severity: isDown && rejectsWithoutOne ? 'red' : 'amber', kind: 'caller_ids_used_up', message },
    mend: { operation: 'ani.list', to: 'Look at the numbers', values: [company] },
  });
}

export function ofWebhook(webhook: TroubledWebhook): Attention {
  const { id, url, disabledWhy, isFull, since, lastResult } = webhook;
  const host = URL.canParse(url) ? new URL(url).host : url;
  const last = lastResult === null ? '' : ` Its last response: ${lastResult}.`;
  const isOff = disabledWhy !== null;
  const message = isOff
    ? `The webhook to ${host} was switched off: ${disabledWhy === 'GONE' ? 'it said that it is gone' : 'it kept failing'}.${last}`
    : isFull
      ? `Too many events wait for the webhook to ${host}: no more are written for it.${last}`
      : `The webhook to ${host} keeps failing.${last}`;
  return about(webhook, {
    ...{
      severity: isOff || isFull ? 'red' : 'amber',
      kind: isOff ? 'webhook_off' : 'webhook_failing',
      message,
      at: since,
      thing: id,
    },
    mend: isOff
      ? { operation: 'webhook.set', to: 'Switch it on', values: [id, '--on'] }
      : { operation: 'webhook.test', to: 'Test it', values: [id] },
  });
}

export function ofKey({ hint, label, endsAt, ...named }: EndingKey, nowMs: number): Attention {
  const key = label === null ? `The key that ends in ${hint}` : `The key "${label}"`;
  const has = endsAt.getTime() <= nowMs ? 'has ended' : `ends in ${duration(endsAt.getTime() - nowMs)}`;
  return about(named, {
    ...{ severity: 'amber', kind: 'key_ends', at: endsAt, thing: named.id },
    message: `${key} ${has}.`,
    mend: { operation: 'key.rotate', to: 'Replace it', values: [named.id] },
  });
}

export function ofFailedSync({ failure, syncedAt, ...named }: FailedSync): Attention {
  return about(named, {
    ...{ severity: 'amber', kind: 'campaigns_not_read', at: syncedAt },
    message: `Its campaigns could not be read from the dialing system: ${failure}`,
    mend: { operation: 'campaign.sync', to: 'Try it now', values: [named.company] },
  });
}

/** @param campaign that `hasFallen` */
export function ofCampaign(campaign: CampaignSpans): Attention {
  const { lastHour, today, yesterday, lastWeek } = campaign;
  const look = { operation: 'lead.list', to: 'Look at its leads' } as const;
  if (today.leads === 0) {
    const message = `No lead came today; yesterday by this time there were ${yesterday.leads}.`;
    return about(campaign, { severity: 'amber', kind: 'no_leads', message, mend: look });
  }
  const [before, when] = isEnough(lastWeek) ? [lastWeek, 'last week'] : [yesterday, 'yesterday'];
  const [lately, now] = isEnough(lastHour) ? ['in the last hour', lastHour] : ['today', today];
  const fell = acceptanceOf(now) <= acceptanceOf(today) ? now : today;
  return about(campaign, {
    severity: acceptanceOf(fell) < acceptanceOf(before) / 2 ? 'red' : 'amber',
    kind: 'acceptance_fell',
    message: `Acceptance is ${percent(acceptanceOf(fell))} ${fell === now ? lately : 'today'}; ${when} by this time it was ${percent(acceptanceOf(before))}.`,
    mend: look,
  });
}

function isEnough({ tried }: CampaignSpan): boolean {
  return tried >= LIMITS.fallenIf.leastTried;
}

function acceptanceOf({ accepted, tried }: CampaignSpan): number {
  return tried === 0 ? 0 : accepted / tried;
}

/** @param pausedMs for how long workers have run without it */
export function ofRetention(pausedMs: number | null): Attention[] {
  if (pausedMs === null || pausedMs < LIMITS.retentionPauseMs) return [];
  return [
    about(null, {
      ...{ severity: 'amber', kind: 'old_leads_kept' },
      message: `Old leads have not been removed for ${duration(pausedMs)} of work: too many days at once, or a clock was set. Check the clocks, then confirm it.`,
      mend: { operation: 'lead.purge', to: 'Confirm it' },
    }),
  ];
}

export function ofRedis(why: string): Attention {
  return about(null, {
    ...{ severity: 'red', kind: 'redis_unavailable', mend: null },
    message: `The states of the dialers are not known. ${why}`,
  });
}

function counted(number: number, one: string, several: string): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : several}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function duration(ms: number): string {
  const minutes = Math.max(1, Math.floor(ms / 60_000));
  if (minutes < 120) return counted(minutes, 'minute', 'minutes');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
}
