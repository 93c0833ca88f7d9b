import { accountName } from '@live-feed/core/directory/account-name';
import type { LeadSettings, RateWindow } from '@live-feed/core/directory/dialer-settings';
import { newId } from '@live-feed/core/ids';
import type { UploadOptions } from '@live-feed/core/lead/lead-request';
import type { LeadState } from '@live-feed/core/lead/lead-state';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { KNOWN_ABSENT } from '../leads/parked-leads.ts';

/** A dialer's account. */
export interface DialerPlace {
  readonly family: string;
  readonly baseUrl: string;
  readonly accountId: string;
}

/** Undefined: unchanged, or the default of a new dialer. */
export interface DialerSettings {
  /** Sealed, as the next two; null removes it. */
  readonly permanentToken?: string | null | undefined;
  readonly apiAuthToken?: string | null | undefined;
  readonly jwtCredential?: string | null | undefined;
  readonly uploadDefaults?: UploadOptions | undefined;
  readonly maxInFlight?: number | undefined;
  readonly maxLeadsPerUpload?: number | undefined;
  /** Null: the documented windows of the family. */
  readonly uploadWindows?: readonly RateWindow[] | null | undefined;
  readonly onUnverifiable?: 'park' | 'resend' | undefined;
  readonly leadSettings?: LeadSettings | undefined;
}

/** @throws if the company has a dialer already */
export async function addDialer(
  database: Database,
  companyId: string,
  { family, baseUrl, accountId }: DialerPlace,
  settings: DialerSettings,
): Promise<void> {
  const place = { family, baseUrl, accountId };
  await database.dialer.create({ data: { id: newId(), companyId, ...place, ...columns(settings) } });
}

/**
 * @param from the previous account, if it changes. Leads that may be on it are recorded as sent there, so that they are never looked for on
 * another account
 * @param isSameAccount an operator states that it is the same account at another address, so its leads are looked for there
 */
export async function changeDialer(
  database: Database,
  id: string,
  place: DialerPlace,
  settings: DialerSettings,
  from?: DialerPlace,
  isSameAccount = false,
): Promise<void> {
  const { family, baseUrl, accountId } = place;
  const change = database.dialer.update({
    where: { id },
    data: { family, baseUrl, accountId, ...columns(settings) },
  });
  if (from === undefined) {
    await change;
    return;
  }
  const sentTo = accountName(isSameAccount ? place : from);
  const remember = database.$executeRaw`
    UPDATE leads SET sent_to = ${sentTo}
    WHERE dialer_id = ${id}::uuid AND ${MAY_BE_THERE} AND (sent_to IS NULL OR (${isSameAccount} AND sent_to = ${accountName(from)}))`;
  await database.$transaction([remember, change]);
}

/** Leads that the dialing system may have, although their rows do not say so. */
const MAY_BE_THERE = Prisma.sql`(
  leads.state IN ('SENDING', 'UNKNOWN') OR (leads.state = 'PARKED' AND leads.reason NOT IN ${KNOWN_ABSENT}))`;

/** Number of leads that may be in the dialing system and must be looked for there. */
export async function countInDoubt(
  database: Database,
  companyId: string,
  dialerId: string,
): Promise<{ readonly open: number; readonly parked: number }> {
  const [row] = await database.$queryRaw<{ open: number; parked: number }[]>`
    SELECT
      (SELECT count(*) FROM leads WHERE dialer_id = ${dialerId}::uuid AND state IN ('SENDING', 'UNKNOWN'))::int AS open,
      (SELECT count(*) FROM leads WHERE company_id = ${companyId}::uuid AND dialer_id = ${dialerId}::uuid AND state = 'PARKED'
        AND ${MAY_BE_THERE})::int AS parked`;
  return row ?? { open: 0, parked: 0 };
}

/** Number of a dialer's leads in each state that is not final; states without leads are missing. */
export async function countUnfinished(
  database: Database,
  companyId: string,
  dialerId: string,
): Promise<Partial<Record<LeadState, number>>> {
  // Uses two partial indexes, which contain no finished leads.
  const rows = await database.$queryRaw<{ state: LeadState; count: number }[]>`
    SELECT state::text AS state, count(*)::int AS count FROM leads
    WHERE dialer_id = ${dialerId}::uuid AND state IN ('QUEUED', 'SENDING', 'UNKNOWN') GROUP BY state
    UNION ALL
    SELECT state::text, count(*)::int FROM leads
    WHERE company_id = ${companyId}::uuid AND dialer_id = ${dialerId}::uuid AND state = 'PARKED' GROUP BY state`;
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

function columns({ uploadDefaults, uploadWindows, leadSettings, ...plain }: DialerSettings) {
  const given = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
  return {
    ...given,
    ...(uploadDefaults === undefined ? {} : { uploadDefaults: { ...uploadDefaults } }),
    ...(leadSettings === undefined ? {} : { leadSettings: { ...leadSettings } }),
    ...(uploadWindows === undefined
      ? {}
      : { uploadWindows: uploadWindows?.map((window) => ({ ...window })) ?? Prisma.DbNull }),
  };
}
