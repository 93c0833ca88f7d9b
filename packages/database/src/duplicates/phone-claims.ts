import type { Clock } from '@live-feed/core/clock';
import type { DuplicateRule } from '@live-feed/core/directory/duplicate-rule';
import type { LeadJob } from '@live-feed/core/lead/lead-job';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';
import { LEAD_ROW, type LeadRow } from '../leads/lead-rows.ts';
import { agreedNow, ms } from '../leads/sql/lead-times.ts';

/**
 * Where a company has duplicates looked for, a lead claims its phone before it is queued: one claim for each phone, by a unique key. So of
 * any number of leads that come at once, at whichever ingress, one goes through.
 *
 * A claim is over after the rule's window, and before that if its lead has ended without having been taken, or if it has no row and can get
 * none any more. As with idempotency keys, database's and process's clock must agree that time has passed.
 */

/** A lead without a row gets none once this has passed since its deadline: its ingress has promised or given it back by then. */
const NO_ROW_AFTER = Prisma.sql`interval '1 minute'`;

export interface PhoneClaim {
  readonly rule: Pick<DuplicateRule, 'windowMs' | 'scope'>;
  readonly lead: Pick<
    LeadJob,
    'leadId' | 'companyId' | 'campaignId' | 'phoneDigest' | 'joinKey' | 'deadlineMs'
  >;
}

/** A lead that has the phone. */
export interface EarlierLead {
  readonly leadId: string;
  /** Null if that is not known: it is still in the queue only, and may be of any campaign. */
  readonly campaignId: string | null;
  /** See `LeadJob`. */
  readonly joinKey: string | null;
  /** Null if it is still in the queue only. */
  readonly row: LeadRow | null;
}

export type PhoneClaimed = { readonly kind: 'ours' } | ({ readonly kind: 'duplicate' } & EarlierLead);

type Queries = Pick<Database, '$queryRaw' | '$executeRaw'>;

/** A claim can be over or given up between the insert and the read: very rarely once, never this often. */
const TRIES = 5;

/** Safe to repeat after a call whose result is not known. */
export async function claimPhone(database: Queries, claim: PhoneClaim, clock?: Clock): Promise<PhoneClaimed> {
  const { rule, lead } = claim;
  const { scope, phoneDigest, companyId } = keyOf(claim);
  const deadline = new Date(lead.deadlineMs);
  for (let tried = 0; tried < TRIES; tried += 1) {
    const claimed = await database.$queryRaw<unknown[]>`
      INSERT INTO phone_claims AS known (company_id, scope, phone_digest, lead_id, join_key, claimed_at, deadline, until)
      SELECT ${companyId}::uuid, ${scope}, ${phoneDigest}, ${lead.leadId}::uuid, ${lead.joinKey ?? null}, at, ${deadline}::timestamptz,
        at + ${ms(rule.windowMs)}
      FROM (SELECT ${agreedNow(clock)} AS at) AS present
      ON CONFLICT (company_id, scope, phone_digest) DO UPDATE SET lead_id = EXCLUDED.lead_id, join_key = EXCLUDED.join_key,
        claimed_at = EXCLUDED.claimed_at, deadline = EXCLUDED.deadline, until = EXCLUDED.until
      WHERE known.lead_id = EXCLUDED.lead_id OR ${isOver(rule, clock)}
      RETURNING 1`;
    if (claimed.length > 0) return { kind: 'ours' };
    const earlier = await findEarlierLead(database, claim, clock);
    if (earlier !== null) return { kind: 'duplicate', ...earlier };
  }
  throw new Error(`The claim on a phone ended between two statements, ${TRIES} times in a row.`);
}

/** Looks only. @returns the lead that the phone is claimed for; null if a lead of it would go through */
export async function findEarlierLead(
  database: Queries,
  claim: PhoneClaim,
  clock?: Clock,
): Promise<EarlierLead | null> {
  const { scope, phoneDigest, companyId } = keyOf(claim);
  const [found] = await database.$queryRaw<(Claimed & (LeadRow | { readonly id: null }))[]>`
    SELECT known.lead_id AS "leadId", COALESCE(leads.campaign_id, NULLIF(known.scope, '')) AS "campaignId",
      known.join_key AS "joinKey", ${LEAD_ROW}
    FROM phone_claims AS known LEFT JOIN leads ON leads.id = known.lead_id
    WHERE known.company_id = ${companyId}::uuid AND known.scope = ${scope} AND known.phone_digest = ${phoneDigest}::char(64)
      AND known.lead_id <> ${claim.lead.leadId}::uuid AND NOT ${isOver(claim.rule, clock)}`;
  if (found === undefined) return null;
  const { leadId, campaignId, joinKey, ...row } = found;
  return { leadId, campaignId, joinKey, row: row.id === null ? null : row };
}

type Claimed = Pick<EarlierLead, 'leadId' | 'campaignId' | 'joinKey'>;

/** Gives up a lead's claim, for one that was not taken. */
export async function releasePhone(database: Queries, claim: PhoneClaim): Promise<void> {
  const { scope, phoneDigest, companyId } = keyOf(claim);
  await database.$executeRaw`
    DELETE FROM phone_claims WHERE company_id = ${companyId}::uuid AND scope = ${scope}
      AND phone_digest = ${phoneDigest}::char(64) AND lead_id = ${claim.lead.leadId}::uuid`;
}

/** Hands a lead's claim on to the lead that it has joined. */
export async function handOnPhone(database: Queries, claim: PhoneClaim, leadId: string): Promise<void> {
  const { scope, phoneDigest, companyId } = keyOf(claim);
  await database.$executeRaw`
    UPDATE phone_claims SET lead_id = ${leadId}::uuid WHERE company_id = ${companyId}::uuid AND scope = ${scope}
      AND phone_digest = ${phoneDigest}::char(64) AND lead_id = ${claim.lead.leadId}::uuid`;
}

/**
 * Removes claims that are over by every rule that looks at them: campaigns can compare with their whole company for longer than the rule by
 * which a phone was claimed, and rules change.
 *
 * @returns how many; at most `limit`
 */
export async function forgetClaims(database: Queries, limit: number, clock?: Clock): Promise<number> {
  const now = agreedNow(clock);
  return database.$executeRaw`
    WITH old AS (
      SELECT company_id, scope, phone_digest, claimed_at + ${LONGEST_WINDOW} * interval '1 millisecond' AS kept_until
      FROM phone_claims AS known WHERE until < ${now}
      ORDER BY until LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ),
    kept AS (
      UPDATE phone_claims AS known SET until = kept_until FROM old
      WHERE known.company_id = old.company_id AND known.scope = old.scope AND known.phone_digest = old.phone_digest
        AND kept_until >= ${now}
    )
    DELETE FROM phone_claims AS known USING old
    WHERE known.company_id = old.company_id AND known.scope = old.scope AND known.phone_digest = old.phone_digest
      AND (kept_until IS NULL OR kept_until < ${now})`;
}

/** Of the rules that look at a claim `known`, milliseconds; null if there is none any more. */
const LONGEST_WINDOW = Prisma.sql`(
  SELECT max((duplicates->>'windowMs')::float8) FROM (
    SELECT '' AS campaign_id, duplicates FROM companies WHERE id = known.company_id
    UNION ALL SELECT campaign_id, duplicates FROM campaigns WHERE company_id = known.company_id
  ) AS rules
  WHERE jsonb_typeof(duplicates) = 'object'
    AND CASE WHEN duplicates->>'scope' = 'company' THEN known.scope = '' ELSE known.scope <> '' AND campaign_id IN ('', known.scope) END)`;

function keyOf({ rule, lead: { companyId, campaignId, phoneDigest } }: PhoneClaim) {
  return { companyId, scope: rule.scope === 'company' ? '' : campaignId, phoneDigest };
}

/** Of a claim `known`. */
function isOver({ windowMs }: PhoneClaim['rule'], clock: Clock | undefined): Prisma.Sql {
  return Prisma.sql`(
    known.claimed_at < ${agreedNow(clock)} - ${ms(windowMs)}
    OR EXISTS (
      SELECT FROM leads AS claimant WHERE claimant.id = known.lead_id AND claimant.state IN ('REJECTED', 'FAILED', 'EXPIRED', 'ABANDONED'))
    OR (known.deadline < ${agreedNow(clock)} - ${NO_ROW_AFTER}
      AND NOT EXISTS (SELECT FROM leads AS claimant WHERE claimant.id = known.lead_id)))`;
}
