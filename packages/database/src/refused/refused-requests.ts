import type { Clock } from '@live-feed/core/clock';
import { firstIdAt } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { agreedNow } from '../leads/sql/lead-times.ts';

/** Requests for leads that were refused: masked, for a week, and not more than so many of a company in a minute. */

export interface RefusedRequest {
  /** UUIDv7. */
  readonly id: string;
  readonly at: Date;
  readonly companyId: string;
  readonly keyId: string;
  /** The key's label. */
  readonly source: string | null;
  readonly status: number;
  readonly code: string;
  /** For people; without data of a person. */
  readonly reason: string;
  readonly campaignId: string | null;
  /** As in `leads`; null where no phone could be read. */
  readonly phoneDigest: string | null;
  readonly phoneLast2: string | null;
}

/** Rows of one company in one minute, so that a flood does not fill the disk. Ingresses that write at the same moment may exceed it a little. */
export const MOST_A_MINUTE = 100;

const KEPT_FOR = Prisma.sql`interval '7 days'`;

/** Of a company that has its share of a minute already, the rest is left out. @returns how many were written */
export async function writeRefused(database: Database, refused: readonly RefusedRequest[]): Promise<number> {
  if (refused.length === 0) return 0;
  return database.$executeRaw`
    WITH input AS (
      SELECT *, date_trunc('minute', at) AS minute,
        row_number() OVER (PARTITION BY "companyId", date_trunc('minute', at) ORDER BY id) AS place
      FROM jsonb_to_recordset(${JSON.stringify(refused)}::jsonb) AS input(
        id uuid, at timestamptz, "companyId" uuid, "keyId" uuid, source text, status int, code text, reason text, "campaignId" text,
        "phoneDigest" text, "phoneLast2" text)
    )
    INSERT INTO refused_requests (id, at, company_id, key_id, source, status, code, reason, campaign_id, phone_digest, phone_last2)
    SELECT input.id, input.at, companies.id, "keyId", source, status, code, reason, "campaignId", "phoneDigest", "phoneLast2"
    FROM input JOIN companies ON companies.id = "companyId"
    WHERE place + (
      SELECT count(*) FROM refused_requests AS there
      WHERE there.company_id = companies.id AND there.at >= minute AND there.at < minute + interval '1 minute'
        AND there.id >= ${firstOf(refused)}::uuid
    ) <= ${MOST_A_MINUTE}
    ON CONFLICT (id) DO NOTHING`;
}

/** An id before those of the minutes that are written: older rows are not counted. */
function firstOf(refused: readonly RefusedRequest[]): string {
  const oldest = Math.min(...refused.map(({ at }) => at.getTime()));
  return firstIdAt(Math.max(0, oldest - 120_000));
}

export interface RefusedSearch {
  /** Undefined: of all companies. */
  readonly companyId: string | undefined;
  readonly phoneDigest?: string | undefined;
  readonly code?: string | undefined;
  readonly campaignId?: string | undefined;
  /** Only those older than the one of this id. */
  readonly olderThan?: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export async function findRefused(database: Database, search: RefusedSearch): Promise<RefusedRequest[]> {
  const { companyId, phoneDigest, code, campaignId, olderThan, limit } = search;
  return database.refusedRequest.findMany({
    where: {
      ...(companyId === undefined ? {} : { companyId }),
      ...(phoneDigest === undefined ? {} : { phoneDigest }),
      ...(code === undefined ? {} : { code }),
      ...(campaignId === undefined ? {} : { campaignId }),
      ...(olderThan === undefined ? {} : { id: { lt: olderThan } }),
    },
    orderBy: { id: 'desc' },
    take: limit,
  });
}

/** Removes those that are older than a week. @returns how many; at most `limit` */
export async function forgetRefused(database: Database, limit: number, clock?: Clock): Promise<number> {
  return database.$executeRaw`
    DELETE FROM refused_requests WHERE id IN (
      SELECT id FROM refused_requests WHERE at < ${agreedNow(clock)} - ${KEPT_FOR} ORDER BY at LIMIT ${limit} FOR UPDATE SKIP LOCKED)`;
}
