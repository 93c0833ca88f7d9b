import type { Clock } from '@live-feed/core/clock';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { LEAD_ROW, type LeadRow } from './lead-rows.ts';
import { INSERTED, INSERTED_FROM_INPUT, inputOf, REFUSED } from './sql/lead-input.ts';
import { agreedNow } from './sql/lead-times.ts';

/**
 * Which lead a caller's key stands for. A key has expired only if the database's clock and the process's clock agree: a clock that is
 * set forward must not turn a repeated request into a second lead. Tests pass a `clock` that replaces the process's.
 */

const KEPT_FOR = Prisma.sql`interval '24 hours'`;

/** A lead that may be submitted again under its key. One whose phone is suppressed may not: its caller gets the same response again. */
const IS_GIVEN_BACK = Prisma.sql`(leads.state = 'ABANDONED' AND leads.reason IS DISTINCT FROM 'PHONE_SUPPRESSED')`;

/** A key and the request that it came with. */
export interface KeyedRequest {
  readonly companyId: string;
  /** See `KeyedDigests` in core. */
  readonly keyDigest: string;
  readonly requestDigest: string;
  /** As the previous release wrote them; valid for 24 hours, and not written any more. */
  readonly former: { readonly keyDigest: string; readonly requestDigest: string };
}

export type KeyClaim =
  | { readonly kind: 'ours' }
  | {
      readonly kind: 'taken';
      /** The key was first used with an equal request. */
      readonly sameRequest: boolean;
      /** The caller got 202: the lead is promised, its outcome not known yet. */
      readonly acknowledged: boolean;
      readonly row: LeadRow;
    };

/** A key can be removed between the insert and the read: very rarely once, never this often. */
const TRIES = 5;

/**
 * Takes the key and promises the lead, both or neither: (no row) → QUEUED, or ABANDONED if its phone was refused. A key is free if it was never used, has expired, or stands
 * for a lead that was given back. Safe to repeat after a call whose result is not known.
 *
 * @param acknowledged the caller gets 202 at once, before the outcome is known
 */
export async function claimKey(
  database: Pick<Database, '$queryRaw'>,
  keyed: KeyedRequest,
  lead: LeadJob,
  acknowledged: boolean,
  clock?: Clock,
): Promise<KeyClaim> {
  const { companyId, keyDigest, requestDigest, former } = keyed;
  const taken =
    lead.phoneCheck?.result === 'refused' ? REFUSED : Prisma.sql`'QUEUED', true, NULL, now(), NULL`;
  for (let tried = 0; tried < TRIES; tried += 1) {
    const claimed = await database.$queryRaw<unknown[]>`
      WITH claimed AS (
        INSERT INTO idempotency_keys AS known (company_id, key_digest, request_digest, lead_id, told_kept, created_at)
        SELECT ${companyId}::uuid, ${keyDigest}, ${requestDigest}, ${lead.leadId}::uuid, ${acknowledged}::boolean, now()
        WHERE NOT EXISTS (
          SELECT FROM idempotency_keys AS old JOIN leads ON leads.id = old.lead_id
          WHERE old.company_id = ${companyId}::uuid AND old.key_digest = ${former.keyDigest}
            AND old.created_at >= ${agreedNow(clock)} - ${KEPT_FOR} AND NOT ${IS_GIVEN_BACK})
        ON CONFLICT (company_id, key_digest) DO UPDATE SET request_digest = EXCLUDED.request_digest,
          lead_id = EXCLUDED.lead_id, told_kept = EXCLUDED.told_kept, created_at = EXCLUDED.created_at
        WHERE known.created_at < ${agreedNow(clock)} - ${KEPT_FOR}
          OR EXISTS (SELECT FROM leads WHERE leads.id = known.lead_id AND ${IS_GIVEN_BACK})
        RETURNING 1
      ),
      stored AS (
        INSERT INTO leads (${INSERTED}, state, promised, reason, due_at, finished_at)
        SELECT ${INSERTED_FROM_INPUT}, ${taken} FROM (${inputOf([lead])}) AS input, claimed
      )
      SELECT * FROM claimed`;
    if (claimed.length > 0) return { kind: 'ours' };
    const known = await findClaim(database, keyed);
    if (known?.row.id === lead.leadId) return { kind: 'ours' };
    if (known !== undefined) return known;
  }
  throw new Error(`An idempotency key was taken and removed, ${TRIES} times in a row.`);
}

/** Whether the key already stands for a lead. If so, the request adds none and gets that lead's response. */
export async function isKeyTaken(
  database: Database,
  { companyId, keyDigest, former }: KeyedRequest,
  clock?: Clock,
): Promise<boolean> {
  const taken = await database.$queryRaw<unknown[]>`
    SELECT 1 FROM idempotency_keys AS known JOIN leads ON leads.id = known.lead_id
    WHERE known.company_id = ${companyId}::uuid AND known.key_digest IN (${keyDigest}, ${former.keyDigest})
      AND known.created_at >= ${agreedNow(clock)} - ${KEPT_FOR} AND NOT ${IS_GIVEN_BACK}`;
  return taken.length > 0;
}

/** As `isKeyTaken`. @returns the lead that the key stands for */
export async function findTakenKey(
  database: Database,
  keyed: KeyedRequest,
): Promise<Extract<KeyClaim, { kind: 'taken' }> | undefined> {
  return (await isKeyTaken(database, keyed)) ? findClaim(database, keyed) : undefined;
}

async function findClaim(
  database: Pick<Database, '$queryRaw'>,
  { companyId, keyDigest, requestDigest, former }: KeyedRequest,
): Promise<Extract<KeyClaim, { kind: 'taken' }> | undefined> {
  const [found] = await database.$queryRaw<(LeadRow & { sameRequest: boolean; acknowledged: boolean })[]>`
    SELECT known.request_digest IN (${requestDigest}, ${former.requestDigest}) AS "sameRequest", known.told_kept AS "acknowledged", ${LEAD_ROW}
    FROM idempotency_keys AS known JOIN leads ON leads.id = known.lead_id
    WHERE known.company_id = ${companyId}::uuid AND known.key_digest IN (${keyDigest}, ${former.keyDigest})
    ORDER BY known.created_at DESC LIMIT 1`;
  if (found === undefined) return undefined;
  const { sameRequest, acknowledged, ...row } = found;
  return { kind: 'taken', sameRequest, acknowledged, row };
}

/** From now on, repeated requests get 202 as well. */
export async function noteAcknowledged(
  database: Database,
  { companyId, keyDigest, former }: KeyedRequest,
  leadId: string,
): Promise<void> {
  await database.idempotencyKey.updateMany({
    where: { companyId, keyDigest: { in: [keyDigest, former.keyDigest] }, leadId, acknowledged: false },
    data: { acknowledged: true },
  });
}

/** Removes expired keys. @returns how many; at most `limit` */
export async function forgetKeys(database: Database, limit: number, clock?: Clock): Promise<number> {
  return database.$executeRaw`
    WITH old AS (
      SELECT company_id, key_digest FROM idempotency_keys WHERE created_at < ${agreedNow(clock)} - ${KEPT_FOR}
      ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )
    DELETE FROM idempotency_keys AS known USING old
    WHERE known.company_id = old.company_id AND known.key_digest = old.key_digest`;
}
