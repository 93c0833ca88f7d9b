import type { RateWindow } from '@live-feed/core/dialer-settings';
import { newId } from '@live-feed/core/ids';
import type { UploadOptions } from '@live-feed/core/lead-request';
import type { LeadState } from '@live-feed/core/lead-state';
import type { Database } from './client.ts';
import { Prisma } from './generated/client.ts';

/** Where a dialer's leads go. */
export interface DialerPlace {
  readonly family: string;
  readonly baseUrl: string;
  readonly accountId: string;
}

/** How they go there. Left out: as it was, or the default. */
export interface DialerSettings {
  /** Sealed. */
  readonly permanentToken?: string | undefined;
  /** Sealed. */
  readonly apiAuthToken?: string | undefined;
  readonly uploadDefaults?: UploadOptions | undefined;
  readonly maxInFlight?: number | undefined;
  readonly maxLeadsPerUpload?: number | undefined;
  /** Null: those documented for the family. */
  readonly uploadWindows?: readonly RateWindow[] | null | undefined;
  readonly onUnverifiable?: 'park' | 'resend' | undefined;
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

export async function changeDialer(
  database: Database,
  id: string,
  { family, baseUrl, accountId }: DialerPlace,
  settings: DialerSettings,
): Promise<void> {
  const place = { family, baseUrl, accountId };
  await database.dialer.update({ where: { id }, data: { ...place, ...columns(settings) } });
}

/** How many of a dialer's leads are in each state that is not final; states without any are left out. */
export async function countUnfinished(
  database: Database,
  companyId: string,
  dialerId: string,
): Promise<Partial<Record<LeadState, number>>> {
  // Two partial indexes, neither of which knows finished leads.
  const rows = await database.$queryRaw<{ state: LeadState; count: number }[]>`
    SELECT state::text AS state, count(*)::int AS count FROM leads
    WHERE dialer_id = ${dialerId}::uuid AND state IN ('QUEUED', 'SENDING', 'UNKNOWN') GROUP BY state
    UNION ALL
    SELECT state::text, count(*)::int FROM leads
    WHERE company_id = ${companyId}::uuid AND dialer_id = ${dialerId}::uuid AND state = 'PARKED' GROUP BY state`;
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

function columns({ uploadDefaults, uploadWindows, ...plain }: DialerSettings) {
  const given = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined));
  return {
    ...given,
    ...(uploadDefaults === undefined ? {} : { uploadDefaults: { ...uploadDefaults } }),
    ...(uploadWindows === undefined
      ? {}
      : { uploadWindows: uploadWindows?.map((window) => ({ ...window })) ?? Prisma.DbNull }),
  };
}
