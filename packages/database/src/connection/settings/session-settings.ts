import type pg from 'pg';

/**
 * Session settings that our statements and the driver depend on. They are set for each connection, so defaults of a server, a database
 * or a role have no effect. Operators may set `default_transaction_read_only`, so it is not among them.
 */
const PINNED = {
  client_encoding: 'UTF8',
  // Prisma sends and reads times without a zone.
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  standard_conforming_strings: 'on',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
  array_nulls: 'on',
  transform_null_equals: 'off',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  exit_on_error: 'off',
  // The limits of statements and of the pool apply.
  transaction_timeout: '0',
  idle_session_timeout: '0',
  idle_in_transaction_session_timeout: '60000',
  // Statements are short, and planned once.
  jit: 'off',
  plan_cache_mode: 'auto',
} as const;

/** PgBouncer sets these in each session that it gives to a transaction. */
const TRACKED = ['client_encoding', 'TimeZone', 'DateStyle', 'standard_conforming_strings'] as const;
/** Wrong values of these make results wrong. Other settings only make statements slow or refused. */
const VITAL = [
  'IntervalStyle',
  'bytea_output',
  'array_nulls',
  'transform_null_equals',
  'default_transaction_isolation',
  'exit_on_error',
] as const;

export const PINNED_NAMES = [...Object.keys(PINNED), 'search_path', 'statement_timeout', 'lock_timeout'];

/** A wrong default behind a pooler in transaction mode, where only defaults of the role or the database last. */
export class SessionSettingsError extends Error {
  override readonly name = 'SessionSettingsError';
}

export interface SessionOptions {
  readonly schema: string;
  readonly pooled: boolean;
  readonly statementTimeoutMs: number;
  /** 0: no limit of its own. */
  readonly lockTimeoutMs: number;
}

/**
 * Await it before a connection is used. Settings that the server does not know are skipped.
 *
 * @throws SessionSettingsError if a default is wrong that cannot be set behind a pooler
 */
export async function pinSession(
  client: pg.ClientBase,
  { schema, pooled, statementTimeoutMs, lockTimeoutMs }: SessionOptions,
): Promise<void> {
  const quoted = client.escapeIdentifier(schema);
  if (pooled) {
    await set(client, Object.fromEntries(TRACKED.map((name) => [name, PINNED[name]])));
    await expectDefaults(client, quoted, schema);
    return;
  }
  await set(client, {
    ...PINNED,
    search_path: quoted,
    statement_timeout: String(statementTimeoutMs),
    lock_timeout: String(lockTimeoutMs),
  });
  // A response means that the lead is on disk.
  await client.query(
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
  );
}

async function set(client: pg.ClientBase, settings: Readonly<Record<string, string>>): Promise<void> {
  await client.query(
    `SELECT set_config(name, value, false) FROM unnest($1::text[], $2::text[]) AS wanted (name, value)
     WHERE current_setting(name, true) IS NOT NULL`,
    [Object.keys(settings), Object.values(settings)],
  );
}

async function expectDefaults(client: pg.ClientBase, quoted: string, schema: string): Promise<void> {
  const { rows } = await client.query<{ name: string; value: string | null; schema: string | null }>(
    'SELECT name, current_setting(name, true) AS value, current_schema() AS schema FROM unnest($1::text[]) AS name',
    [VITAL],
  );
  const wanted: Readonly<Record<string, string>> = PINNED;
  const wrong = rows
    .filter(({ name, value }) => value !== null && value !== wanted[name])
    .map(({ name }) => `SET ${name} = '${wanted[name]}'`);
  if (rows[0]?.schema !== schema) wrong.push(`SET search_path = ${quoted}`);
  if (wrong.length === 0) return;
  const statements = wrong.map((change) => `ALTER ROLE CURRENT_USER ${change};`).join(' ');
  throw new SessionSettingsError(
    `a pooler in transaction mode needs other defaults: run this as the user in DATABASE_URL, then restart the pooler: ${statements}`,
  );
}
