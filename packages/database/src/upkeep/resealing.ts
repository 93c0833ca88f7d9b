import { NO_COMPANY } from '@live-feed/core/alert/alert-channel';
import { firstIdAt } from '@live-feed/core/ids';
import { SEALED } from '@live-feed/core/lead/lead-job';
import type { Database } from '../connection/client.ts';
import { Prisma } from '../generated/client.ts';

/**
 * Reads and replaces sealed texts, to change the encryption key while the system runs. Every write is a compare-and-set on the old
 * text, so it never overwrites another process's change; the next pass finds that.
 */

export type SealedColumn = (typeof SEALED)[keyof typeof SEALED];

export interface SealedText {
  readonly column: SealedColumn;
  readonly sealed: string;
}

/** A row's texts that are not sealed with the current key. */
export interface SealedRow {
  readonly id: string;
  readonly companyId: string;
  readonly texts: readonly SealedText[];
}

export interface SealedPage {
  /** Number of rows read. */
  readonly seen: number;
  /** Undefined if there were no rows. */
  readonly lastId: string | undefined;
  readonly rows: readonly SealedRow[];
}

/**
 * The next leads by id, with their texts that are not sealed with the current key. A page costs the same anywhere in the table.
 *
 * @param page.afterId undefined: from the beginning
 */
export async function findLeadsToReseal(
  database: Database,
  page: { readonly currentKeyId: string; readonly afterId: string | undefined; readonly limit: number },
): Promise<SealedPage> {
  const current = `v1.${page.currentKeyId}.`;
  const leads = await database.$queryRaw<
    {
      id: string;
      companyId: string;
      payload: string | null;
      dialerResponse: string | null;
      reason: string | null;
    }[]
  >`
    SELECT id, company_id AS "companyId",
      CASE WHEN NOT starts_with(payload, ${current}) THEN payload END AS payload,
      CASE WHEN NOT starts_with(dialer_response, ${current}) THEN dialer_response END AS "dialerResponse",
      CASE WHEN NOT starts_with(phone_check ->> 'reason', ${current}) THEN phone_check ->> 'reason' END AS reason
    FROM leads WHERE id > ${page.afterId ?? FIRST}::uuid ORDER BY id LIMIT ${page.limit}`;
  return {
    seen: leads.length,
    lastId: leads.at(-1)?.id,
    rows: leads.flatMap(({ id, companyId, payload, dialerResponse, reason }) =>
      rowOf(id, companyId, [
        [SEALED.payload, payload],
        [SEALED.dialerResponse, dialerResponse],
        [SEALED.phoneCheckReason, reason],
      ]),
    ),
  };
}

/** Leaves out what needs no other key. */
function unlessSealedWith(keyId: string): (sealed: string | null) => string | null {
  const current = `v1.${keyId}.`;
  return (sealed) => (sealed?.startsWith(current) ? null : sealed);
}

/** All at once, because there are few dialers. */
export async function findDialersToReseal(database: Database, currentKeyId: string): Promise<SealedRow[]> {
  const other = unlessSealedWith(currentKeyId);
  const dialers = await database.dialer.findMany({
    select: { id: true, companyId: true, permanentToken: true, apiAuthToken: true, jwtCredential: true },
    orderBy: { id: 'asc' },
  });
  return dialers.flatMap(({ id, companyId, permanentToken, apiAuthToken, jwtCredential }) =>
    rowOf(id, companyId, [
      [SEALED.permanentToken, other(permanentToken)],
      [SEALED.apiAuthToken, other(apiAuthToken)],
      [SEALED.jwtCredential, other(jwtCredential)],
    ]),
  );
}

/** All at once, because there are at most three for a company. */
export async function findWebhooksToReseal(database: Database, currentKeyId: string): Promise<SealedRow[]> {
  const other = unlessSealedWith(currentKeyId);
  const webhooks = await database.webhook.findMany({
    select: { id: true, companyId: true, headers: true, secret: true, oldSecret: true },
    orderBy: { id: 'asc' },
  });
  return webhooks.flatMap(({ id, companyId, headers, secret, oldSecret }) =>
    rowOf(id, companyId, [
      [SEALED.webhookHeaders, other(headers)],
      [SEALED.webhookSecret, other(secret)],
      [SEALED.webhookOldSecret, other(oldSecret)],
    ]),
  );
}

/** All at once, because there is at most one for a company. Their ids are those of the companies. */
export async function findPhoneChecksToReseal(
  database: Database,
  currentKeyId: string,
): Promise<SealedRow[]> {
  const other = unlessSealedWith(currentKeyId);
  const checks = await database.phoneCheck.findMany({ select: { companyId: true, headers: true } });
  return checks.flatMap(({ companyId, headers }) =>
    rowOf(companyId, companyId, [[SEALED.phoneCheckHeaders, other(headers)]]),
  );
}

/** All at once, because they are few. */
export async function findAlertChannelsToReseal(
  database: Database,
  currentKeyId: string,
): Promise<SealedRow[]> {
  const other = unlessSealedWith(currentKeyId);
  const channels = await database.alertChannel.findMany({ select: { id: true, target: true } });
  return channels.flatMap(({ id, target }) => rowOf(id, NO_COMPANY, [[SEALED.alertTarget, other(target)]]));
}

/** All at once, because there are as many as an operator has colleagues and clients. What is theirs is sealed for them, by their ids. */
export async function findPeopleToReseal(database: Database, currentKeyId: string): Promise<SealedRow[]> {
  const other = unlessSealedWith(currentKeyId);
  const people = await database.person.findMany({ select: { id: true, totpSecret: true } });
  return people.flatMap(({ id, totpSecret }) => rowOf(id, id, [[SEALED.totpSecret, other(totpSecret)]]));
}

/**
 * The next suppressed phones, as `findLeadsToReseal`. Their ids are those of the company and of the phone, for `writeResealed`.
 *
 * @param page.afterId undefined: from the beginning
 */
export async function findPhonesToReseal(
  database: Database,
  page: { readonly currentKeyId: string; readonly afterId: string | undefined; readonly limit: number },
): Promise<SealedPage> {
  const [companyId = FIRST, phoneDigest = ''] = page.afterId?.split('/') ?? [];
  const current = `v1.${page.currentKeyId}.`;
  const phones = await database.$queryRaw<{ id: string; companyId: string; entry: string | null }[]>`
    SELECT concat(company_id, '/', phone_digest) AS id, company_id AS "companyId",
      CASE WHEN NOT starts_with(entry, ${current}) THEN entry END AS entry
    FROM suppressed_phones WHERE (company_id, phone_digest) > (${companyId}::uuid, ${phoneDigest}::char(64))
    ORDER BY company_id, phone_digest LIMIT ${page.limit}`;
  return {
    seen: phones.length,
    lastId: phones.at(-1)?.id,
    rows: phones.flatMap(({ id, companyId, entry }) =>
      rowOf(id, companyId, [[SEALED.suppressedPhone, entry]]),
    ),
  };
}

/** A text, and the same text under the current key. */
export interface Resealed extends SealedText {
  readonly id: string;
  readonly becomes: string;
}

/** @returns how many texts were replaced; another process has changed the others */
export async function writeResealed(database: Database, texts: readonly Resealed[]): Promise<number> {
  let written = 0;
  for (const column of Object.values(SEALED)) {
    const own = texts.filter((text) => text.column === column);
    if (own.length > 0) written += await WRITERS[column](database, own);
  }
  return written;
}

const WRITERS: Record<SealedColumn, (database: Database, texts: readonly Resealed[]) => Promise<number>> = {
  [SEALED.payload]: (database, texts) => database.$executeRaw`
    WITH input AS (${inputOf(texts)}),
    locked AS (SELECT input.* FROM input JOIN leads USING (id) ORDER BY leads.id FOR UPDATE OF leads)
    UPDATE leads SET payload = becomes FROM locked WHERE leads.id = locked.id AND leads.payload = sealed`,
  [SEALED.dialerResponse]: (database, texts) => database.$executeRaw`
    WITH input AS (${inputOf(texts)}),
    locked AS (SELECT input.* FROM input JOIN leads USING (id) ORDER BY leads.id FOR UPDATE OF leads)
    UPDATE leads SET dialer_response = becomes FROM locked WHERE leads.id = locked.id AND leads.dialer_response = sealed`,
  [SEALED.phoneCheckReason]: (database, texts) => database.$executeRaw`
    WITH input AS (${inputOf(texts)}),
    locked AS (SELECT input.* FROM input JOIN leads USING (id) ORDER BY leads.id FOR UPDATE OF leads)
    UPDATE leads SET phone_check = jsonb_set(phone_check, '{reason}', to_jsonb(becomes))
    FROM locked WHERE leads.id = locked.id AND leads.phone_check ->> 'reason' = sealed`,
  [SEALED.phoneCheckHeaders]: (database, texts) => database.$executeRaw`
    UPDATE phone_checks SET headers = becomes FROM (${inputOf(texts)}) AS input
    WHERE phone_checks.company_id = input.id AND phone_checks.headers = sealed`,
  [SEALED.permanentToken]: (database, texts) => database.$executeRaw`
    UPDATE dialers SET permanent_token = becomes FROM (${inputOf(texts)}) AS input
    WHERE dialers.id = input.id AND dialers.permanent_token = sealed`,
  [SEALED.apiAuthToken]: (database, texts) => database.$executeRaw`
    UPDATE dialers SET api_auth_token = becomes FROM (${inputOf(texts)}) AS input
    WHERE dialers.id = input.id AND dialers.api_auth_token = sealed`,
  [SEALED.jwtCredential]: (database, texts) => database.$executeRaw`
    UPDATE dialers SET jwt_credential = becomes FROM (${inputOf(texts)}) AS input
    WHERE dialers.id = input.id AND dialers.jwt_credential = sealed`,
  [SEALED.webhookHeaders]: (database, texts) => database.$executeRaw`
    UPDATE webhooks SET headers = becomes FROM (${inputOf(texts)}) AS input
    WHERE webhooks.id = input.id AND webhooks.headers = sealed`,
  [SEALED.webhookSecret]: (database, texts) => database.$executeRaw`
    UPDATE webhooks SET secret = becomes FROM (${inputOf(texts)}) AS input
    WHERE webhooks.id = input.id AND webhooks.secret = sealed`,
  [SEALED.webhookOldSecret]: (database, texts) => database.$executeRaw`
    UPDATE webhooks SET old_secret = becomes FROM (${inputOf(texts)}) AS input
    WHERE webhooks.id = input.id AND webhooks.old_secret = sealed`,
  [SEALED.alertTarget]: (database, texts) => database.$executeRaw`
    UPDATE alert_channels SET target = becomes FROM (${inputOf(texts)}) AS input
    WHERE alert_channels.id = input.id AND alert_channels.target = sealed`,
  [SEALED.totpSecret]: (database, texts) => database.$executeRaw`
    UPDATE people SET totp_secret = becomes FROM (${inputOf(texts)}) AS input
    WHERE people.id = input.id AND people.totp_secret = sealed`,
  [SEALED.suppressedPhone]: (database, texts) => database.$executeRaw`
    WITH input AS (
      SELECT split_part(id, '/', 1)::uuid AS company_id, split_part(id, '/', 2)::char(64) AS phone_digest, sealed, becomes
      FROM (${inputOf(texts, Prisma.sql`text`)}) AS texts
    ),
    locked AS (
      SELECT input.* FROM input JOIN suppressed_phones USING (company_id, phone_digest)
      ORDER BY company_id, phone_digest FOR UPDATE OF suppressed_phones
    )
    UPDATE suppressed_phones AS phones SET entry = becomes FROM locked
    WHERE phones.company_id = locked.company_id AND phones.phone_digest = locked.phone_digest AND phones.entry = sealed`,
};

function inputOf(texts: readonly Resealed[], idType = Prisma.sql`uuid`): Prisma.Sql {
  return Prisma.sql`SELECT * FROM jsonb_to_recordset(${JSON.stringify(texts)}::jsonb) AS texts(id ${idType}, sealed text, becomes text)`;
}

function rowOf(
  id: string,
  companyId: string,
  columns: readonly (readonly [SealedColumn, string | null])[],
): SealedRow[] {
  const texts = columns.flatMap(([column, sealed]) => (sealed === null ? [] : [{ column, sealed }]));
  return texts.length === 0 ? [] : [{ id, companyId, texts }];
}

const FIRST = firstIdAt(0);
