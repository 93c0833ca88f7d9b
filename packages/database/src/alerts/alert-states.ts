import {
  type AlertCondition,
  alertConditionSchema,
  beginAfterMs,
  conditionText,
  durationText,
} from '@live-feed/core/alert/alert-condition';
import type { AlertMessage } from '@live-feed/core/alert/alert-message';
import { type AlertStanding, nextStanding } from '@live-feed/core/alert/alert-standing';
import { newId } from '@live-feed/core/ids';
import type { Database } from '../connection/client.ts';
import { STEADY_NOW } from '../connection/steady-clock.ts';
import { Prisma } from '../generated/client.ts';
import { writeMessages } from './alert-outbox.ts';
import type { AlertScope } from './alert-rules.ts';

/**
 * Which alerts burn. A rule is claimed before it is looked at, and only its last claim may write; a change and the messages about it are one
 * commit. So each begins once and ends once, however many workers there are. Durations are of the steady clock: no clock that is set begins
 * or ends an alert.
 */

type Transaction = Prisma.TransactionClient;

/** What was seen of a company, one of its campaigns or of its webhooks. */
export interface AlertReading {
  readonly companyId: string;
  readonly companyName: string;
  /** The campaign's id at the dialing system, or the webhook's; empty: the company. */
  readonly subject: string;
  readonly subjectName: string | null;
  /** Undefined: it is not known. */
  readonly isMet: boolean | undefined;
  /** A sentence for people. */
  readonly known: string;
}

export interface ClaimedRule extends AlertScope {
  readonly id: string;
  readonly condition: AlertCondition;
  readonly endAfterMs: number;
  /** Of this claim. */
  readonly turn: number;
  /** The steady clock at the claim. */
  readonly nowMs: number;
}

const NOW_MS = Prisma.sql`COALESCE(${STEADY_NOW}, 0)`;

/** Rules that nobody has claimed for that long on the steady clock: each is one worker's. A value ahead is of a database that was restored. */
export async function claimAlertRules(
  database: Database,
  { everyMs, limit }: { readonly everyMs: number; readonly limit: number },
): Promise<ClaimedRule[]> {
  const rows = await database.$queryRaw<(Omit<ClaimedRule, 'condition'> & { condition: unknown })[]>`
    WITH due AS (
      SELECT id FROM alert_rules
      WHERE disabled_at IS NULL AND (claimed_ms IS NULL OR abs(${NOW_MS} - claimed_ms) >= ${everyMs}::int)
      ORDER BY claimed_ms NULLS FIRST LIMIT ${limit}::int FOR UPDATE SKIP LOCKED
    )
    UPDATE alert_rules SET claimed_ms = ${NOW_MS}, turn = turn + 1 FROM due WHERE alert_rules.id = due.id
    RETURNING alert_rules.id, condition, company_id AS "companyId", campaign_id AS "campaignId", per_campaign AS "perCampaign",
      end_after_ms AS "endAfterMs", turn, claimed_ms::float8 AS "nowMs"`;
  return rows.map((row) => ({ ...row, condition: alertConditionSchema.parse(row.condition) }));
}

/** Only a rule that is still claimed by this turn may be written about. @returns the time; undefined if it is not */
async function lockClaimed(transaction: Transaction, { id, turn }: ClaimedRule): Promise<Date | undefined> {
  const rows = await transaction.$queryRaw<{ at: Date }[]>`
    UPDATE alert_rules SET unread_since = NULL, unread_why = NULL WHERE id = ${id}::uuid AND turn = ${turn}::int
    RETURNING now() AS at`;
  return rows[0]?.at;
}

/** Nothing begins and nothing ends. What was about to end has to be clear anew: nobody knows what it was meanwhile. */
export async function noteUnread(database: Database, { id, turn }: ClaimedRule, why: string): Promise<void> {
  await database.$executeRaw`
    WITH unread AS (
      UPDATE alert_rules SET unread_since = COALESCE(unread_since, now()), unread_why = ${why}
      WHERE id = ${id}::uuid AND turn = ${turn}::int RETURNING id
    )
    UPDATE alert_states SET clear_ms = NULL FROM unread WHERE rule_id = unread.id AND clear_ms IS NOT NULL`;
}

interface StateRow {
  readonly id: string;
  readonly companyId: string;
  readonly companyName: string;
  readonly subject: string;
  readonly subjectName: string | null;
  readonly sinceAt: Date;
  readonly sinceMs: number;
  readonly begunAt: Date | null;
  readonly clearMs: number | null;
  readonly known: string;
}

/**
 * Compares what was seen with what was told, and writes the difference. What was seen before and is missing now is not met any more.
 *
 * @returns how many alerts began and ended
 */
export async function applyReadings(
  database: Database,
  rule: ClaimedRule,
  readings: readonly AlertReading[],
): Promise<{ readonly begun: number; readonly ended: number }> {
  return database.$transaction(async (transaction) => {
    const told: AlertMessage[] = [];
    const at = await lockClaimed(transaction, rule);
    if (at === undefined) return { begun: 0, ended: 0 };
    const states = new Map(
      (await readStates(transaction, rule.id)).map((state) => [keyOf(state), state] as const),
    );
    const seen = new Set(readings.map(keyOf));
    const gone = [...states.values()]
      .filter((state) => !seen.has(keyOf(state)))
      .map((state) => goneOf(state, rule));
    for (const reading of [...readings, ...gone]) {
      if (told.length === MOST_AT_ONCE) break;
      const message = await applyReading(transaction, { rule, at }, states.get(keyOf(reading)), reading);
      if (message !== undefined) told.push(message);
    }
    await writeMessages(transaction, rule.id, told);
    const begun = told.filter(({ event }) => event === 'begun').length;
    return { begun, ended: told.length - begun };
  }, PATIENCE);
}

/** The rest follows with the next claim. */
const MOST_AT_ONCE = 100;
/** Many rows, on a busy machine. */
const PATIENCE = { maxWait: 5_000, timeout: 30_000 } as const;

const keyOf = ({ companyId, subject }: Pick<AlertReading, 'companyId' | 'subject'>) =>
  `${companyId} ${subject}`;

const goneOf = (
  { companyId, companyName, subject, subjectName }: StateRow,
  { condition }: ClaimedRule,
): AlertReading => ({
  ...{ companyId, companyName, subject, subjectName },
  isMet: false,
  known:
    condition.kind === 'acceptance'
      ? `Too few leads to judge by: none came in the last ${durationText(condition.forMs)}.`
      : 'Nothing of it is left to be seen.',
});

async function applyReading(
  transaction: Transaction,
  { rule, at }: { readonly rule: ClaimedRule; readonly at: Date },
  state: StateRow | undefined,
  reading: AlertReading,
): Promise<AlertMessage | undefined> {
  const before: AlertStanding | undefined = state && {
    phase: state.begunAt === null ? 'pending' : 'burning',
    sinceMs: state.sinceMs,
    clearMs: state.clearMs,
  };
  const patience = { beginAfterMs: beginAfterMs(rule.condition), endAfterMs: rule.endAfterMs };
  const { standing, event } = nextStanding(before, reading.isMet, rule.nowMs, patience);
  if (standing === undefined) {
    if (state === undefined) return undefined;
    await transaction.alertState.delete({ where: { id: state.id } });
    return event === 'ended' ? messageOf('ended', { rule, at }, state, reading) : undefined;
  }
  const { known, subjectName } = reading;
  const data = {
    ...{ subjectName, known, sinceMs: standing.sinceMs, clearMs: standing.clearMs },
    ...(event === 'begun' ? { begunAt: at } : {}),
  };
  if (state === undefined) {
    const { companyId, subject } = reading;
    const created = await transaction.alertState.create({
      data: { ...data, id: newId(), ruleId: rule.id, companyId, subject },
      select: { id: true, sinceAt: true },
    });
    return event === 'begun' ? messageOf('begun', { rule, at }, created, reading) : undefined;
  }
  const isSame =
    state.known === known && state.subjectName === subjectName && state.clearMs === standing.clearMs;
  // While it is not known, what was seen last stays.
  if (event === undefined && (isSame || reading.isMet === undefined)) return undefined;
  await transaction.alertState.update({ where: { id: state.id }, data });
  return event === 'begun' ? messageOf('begun', { rule, at }, state, reading) : undefined;
}

async function readStates(transaction: Transaction, ruleId: string): Promise<StateRow[]> {
  return transaction.$queryRaw<StateRow[]>`
    SELECT alert_states.id, company_id AS "companyId", companies.name AS "companyName", subject, subject_name AS "subjectName",
      since_at AS "sinceAt", since_ms::float8 AS "sinceMs", begun_at AS "begunAt", clear_ms::float8 AS "clearMs", known
    FROM alert_states JOIN companies ON companies.id = company_id WHERE rule_id = ${ruleId}::uuid ORDER BY alert_states.id`;
}

function messageOf(
  event: 'begun' | 'ended',
  { rule, at }: { readonly rule: Pick<ClaimedRule, 'id' | 'condition'>; readonly at: Date },
  state: Pick<StateRow, 'id' | 'sinceAt'>,
  reading: Omit<AlertReading, 'isMet'>,
): AlertMessage {
  const { companyId, companyName, subject, subjectName, known } = reading;
  const { id: ruleId, condition } = rule;
  const isWebhook = condition.kind === 'webhook_off';
  return {
    event,
    alertId: state.id,
    ruleId,
    kind: condition.kind,
    condition: conditionText(condition),
    company: { id: companyId, name: companyName },
    campaign: subject === '' || isWebhook ? null : { id: subject, name: subjectName ?? subject },
    endpoint: isWebhook ? subjectName : null,
    known,
    since: state.sinceAt.toISOString(),
    until: event === 'ended' ? at.toISOString() : null,
  };
}

/** Ends all alerts of a rule that a person changes. Their rule is locked. */
export async function endAlerts(transaction: Transaction, ruleId: string, why: string): Promise<void> {
  const row = await transaction.alertRule.findUniqueOrThrow({ where: { id: ruleId } });
  const rule = { id: ruleId, condition: alertConditionSchema.parse(row.condition) };
  const [{ at } = { at: new Date() }] = await transaction.$queryRaw<{ at: Date }[]>`SELECT now() AS at`;
  const burning = (await readStates(transaction, ruleId)).filter(({ begunAt }) => begunAt !== null);
  const told = burning.map((state) => messageOf('ended', { rule, at }, state, { ...state, known: why }));
  await writeMessages(transaction, ruleId, told);
  await transaction.alertState.deleteMany({ where: { ruleId } });
}

export interface BurningAlert {
  readonly id: string;
  readonly ruleId: string;
  readonly condition: AlertCondition;
  readonly company: { readonly id: string; readonly name: string };
  readonly subject: string;
  readonly subjectName: string | null;
  readonly since: Date;
  readonly begunAt: Date;
  /** The condition is not met any more, and it ends soon. */
  readonly isClearing: boolean;
  readonly known: string;
}

/** Those that have begun and not ended, oldest first. @param companyId undefined: of all companies */
export async function listBurning(
  database: Database,
  companyId: string | undefined,
  limit: number,
): Promise<BurningAlert[]> {
  const rows = await database.alertState.findMany({
    where: { begunAt: { not: null }, ...(companyId === undefined ? {} : { companyId }) },
    include: { rule: { select: { condition: true } }, company: { select: { id: true, name: true } } },
    orderBy: { begunAt: 'asc' },
    take: limit,
  });
  return rows.flatMap(
    ({ id, ruleId, rule, company, subject, subjectName, sinceAt, begunAt, clearMs, known }) =>
      begunAt === null
        ? []
        : [
            {
              ...{ id, ruleId, company, subject, subjectName, since: sinceAt, begunAt, known },
              condition: alertConditionSchema.parse(rule.condition),
              isClearing: clearMs !== null,
            },
          ],
  );
}
