import type { KeyedDigests } from '@live-feed/core/crypto/keyed-digests';
import type { Keyring } from '@live-feed/core/crypto/sealing';
import { newId } from '@live-feed/core/ids';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { type LeadPayload, UPLOAD_DEFAULTS } from '@live-feed/core/lead/lead-request';
import type { Database } from '@live-feed/database/connection/client';
import { DEMO_CAMPAIGNS } from './demo-companies.ts';

export interface TrafficOptions {
  readonly keyring: Keyring;
  readonly digests: KeyedDigests;
  readonly nowMs: number;
}

interface Ending {
  readonly state: 'ACCEPTED' | 'REJECTED' | 'FAILED' | 'EXPIRED' | 'ABANDONED' | 'PARKED';
  readonly reason: string;
}

const ACCEPTED: Ending = { state: 'ACCEPTED', reason: 'DIALER_ACCEPTED' };
const REJECTED: Ending = { state: 'REJECTED', reason: 'DIALER_REJECTED' };
const FAILED: Ending = { state: 'FAILED', reason: 'DIALER_FAILED' };
const EXPIRED: Ending = { state: 'EXPIRED', reason: 'AGE_LIMIT' };
const GIVEN_BACK: Ending = { state: 'ABANDONED', reason: 'NO_ANI_AVAILABLE' };
const PARKED: Ending = { state: 'PARKED', reason: 'OUTCOME_UNVERIFIABLE' };

/** How the leads of a company end, in turn. */
interface Flow {
  readonly company: string;
  readonly campaignId: string;
  readonly areaCode: string;
  readonly aMinute: number;
  readonly today: readonly Ending[];
  readonly before: readonly Ending[];
}

const times = (count: number, ending: Ending) => Array.from({ length: count }, () => ending);
const WELL = [...times(45, ACCEPTED), ...times(3, REJECTED), FAILED, GIVEN_BACK];

const FLOWS: readonly Flow[] = [
  {
    ...{ company: 'Demo RingCX', campaignId: DEMO_CAMPAIGNS.ringcx, areaCode: '305', aMinute: 7 },
    ...{ today: [...WELL, EXPIRED], before: WELL },
  },
  {
    // Its acceptance has fallen.
    ...{ company: 'Demo NewBridge', campaignId: DEMO_CAMPAIGNS.newbridge, areaCode: '212', aMinute: 4 },
    ...{ today: [...times(11, ACCEPTED), ...times(8, REJECTED), FAILED], before: WELL },
  },
  {
    ...{
      company: 'Demo RingCX with a JWT credential',
      campaignId: DEMO_CAMPAIGNS.ringcxJwt,
      areaCode: '786',
    },
    ...{ aMinute: 2, today: WELL, before: WELL },
  },
];

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MINUTES = 60;
const PARKED_LEADS = 4;
const VENDORS = ['Demo vendor A', 'Demo vendor B'];
const ROWS_AT_ONCE = 500;

/**
 * An hour of leads that look as if they had come: of the last hour, and of the same hour yesterday and a week ago. Also a few parked ones,
 * and numbers that have reached their caps. For the demo companies, in a database that has no leads yet.
 *
 * @returns how many
 */
export async function seedTraffic(database: Database, options: TrafficOptions): Promise<number> {
  let leads = 0;
  for (const flow of FLOWS) {
    const home = await homeOf(database, flow.company);
    const parked = flow.campaignId === DEMO_CAMPAIGNS.ringcx ? times(PARKED_LEADS, PARKED) : [];
    const rows = [
      ...leadsOf(flow, home, flow.today, 0, options),
      ...leadsOf(flow, home, flow.before, 1, options),
      ...leadsOf(flow, home, flow.before, 7, options),
      ...parked.map((ending, n) =>
        leadOf(flow, home, ending, options.nowMs - (20 + n) * MINUTE_MS, n, options),
      ),
    ];
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      // One row after the other takes the time; the trigger counts them by statement.
      await database.lead.createMany({ data: rows.slice(from, from + ROWS_AT_ONCE) });
    }
    leads += rows.length;
  }
  await wearOutNumbers(database);
  return leads;
}

interface Home {
  readonly companyId: string;
  readonly dialerId: string;
  readonly anis: readonly string[];
}

async function homeOf(database: Database, name: string): Promise<Home> {
  const company = await database.company.findUniqueOrThrow({
    where: { name },
    select: { id: true, dialer: { select: { id: true } }, anis: { select: { phone: true } } },
  });
  return {
    companyId: company.id,
    dialerId: company.dialer?.id ?? newId(),
    anis: company.anis.map(({ phone }) => phone),
  };
}

function leadsOf(
  flow: Flow,
  home: Home,
  endings: readonly Ending[],
  daysAgo: number,
  options: TrafficOptions,
) {
  const beganMs = options.nowMs - daysAgo * DAY_MS - MINUTES * MINUTE_MS;
  return Array.from({ length: MINUTES * flow.aMinute }, (_, n) => {
    // Spread, but not evenly.
    const atMs = beganMs + (n / flow.aMinute + Math.sin(n * 7) * 0.8) * MINUTE_MS;
    const ending = endings[(n * 17) % endings.length] ?? ACCEPTED;
    return leadOf(
      flow,
      home,
      ending,
      Math.min(atMs, options.nowMs - daysAgo * DAY_MS - 1_000),
      n + daysAgo * 10_000,
      options,
    );
  });
}

function leadOf(
  { campaignId, areaCode }: Flow,
  { companyId, dialerId, anis }: Home,
  { state, reason }: Ending,
  atMs: number,
  n: number,
  { keyring, digests }: TrafficOptions,
) {
  const receivedMs = Math.round(atMs);
  // Numbers reserved for fiction.
  const phone = `${areaCode}555${String(100 + (n % 100)).padStart(4, '0')}`;
  const tookMs = 180 + ((n * 37) % 400) + (n % 60 === 0 ? 2_600 : 0);
  const payload: LeadPayload = {
    phone,
    fields: { firstName: 'Demo', lastName: `Lead ${n}` },
    // Complete, so that they can be sent again.
    options: { ...UPLOAD_DEFAULTS } as LeadPayload['options'],
  };
  const wasSent = state !== 'ABANDONED' && state !== 'EXPIRED';
  const isKnown = state === 'ACCEPTED' || state === 'REJECTED';
  const response = {
    processingResult: state === 'ACCEPTED' ? 'OK' : 'Failed',
    ...{
      leadsSupplied: 1,
      leadsAccepted: state === 'ACCEPTED' ? 1 : 0,
      leadsInserted: state === 'ACCEPTED' ? 1 : 0,
    },
  };
  const at = (ms: number) => new Date(receivedMs + ms);
  return {
    ...{
      id: newId(receivedMs),
      companyId,
      dialerId,
      campaignId,
      source: VENDORS[n % VENDORS.length] ?? null,
    },
    ...{ state, reason, attempt: wasSent ? 1 : 0, promised: state === 'EXPIRED' },
    ...{ phoneDigest: digests.phone(companyId, phone), phoneLast2: phone.slice(-2) },
    payload: keyring.seal(JSON.stringify(payload), { companyId, column: SEALED.payload }),
    callerId: wasSent ? (anis[n % Math.max(1, anis.length)] ?? null) : null,
    aniTier: wasSent ? (n % 5 === 0 ? 'sticky' : 'area_code') : null,
    dialerResponse: isKnown
      ? keyring.seal(JSON.stringify(response), { companyId, column: SEALED.dialerResponse })
      : null,
    outcomeSource: isKnown ? 'answer' : null,
    ...{
      uploadSize: wasSent ? 1 : null,
      receivedAt: at(0),
      deadline: at(25_000),
      dueAt: at(0),
      expiresAt: at(DAY_MS),
    },
    finishedAt: at(tookMs),
  };
}

/** Of one company, all but two. */
async function wearOutNumbers(database: Database): Promise<void> {
  await database.$executeRaw`
    UPDATE anis SET used_on = (now() AT TIME ZONE time_zone)::date, used = ani_daily_cap, last_assigned_at = now()
    FROM companies WHERE companies.id = company_id AND name = 'Demo NewBridge'
      AND phone NOT IN (SELECT phone FROM anis WHERE company_id = companies.id ORDER BY phone DESC LIMIT 2)`;
}
