import type pg from 'pg';

/**
 * A session's settings that our statements and the driver depend on. They are set for each connection: what a server, a database or a role has
 * for a default changes nothing. `default_transaction_read_only` is not among them: that is for operators to say.
 */
const PINNED = {
  client_encoding: 'UTF8',
  // Prisma sends times without a zone, and leaves out the zone of what it reads.
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
  // Bounded by the limit of a statement, and by the pool.
  lock_timeout: '0',
  transaction_timeout: '0',
  idle_session_timeout: '0',
  idle_in_transaction_session_timeout: '60000',
  // Statements are short, and planned once.
  jit: 'off',
  plan_cache_mode: 'auto',
} as const;

/** PgBouncer gives these to every session that a transaction gets. */
const TRACKED = ['client_encoding', 'TimeZone', 'DateStyle', 'standard_conforming_strings'] as const;
/** Settings that make results wrong. Others only make statements slow or refused. */
const VITAL = [
  'IntervalStyle',
  'bytea_output',
  'array_nulls',
  'transform_null_equals',
  'default_transaction_isolation',
  'exit_on_error',
] as const;

export const PINNED_NAMES = [...Object.keys(PINNED), 'search_path', 'statement_timeout'];

/** Behind a pooler in transaction mode only defaults of the role or the database last. */
export class SessionSettingsError extends Error {
  override readonly name = 'SessionSettingsError';
}

export interface SessionOptions {
  readonly schema: string;
  readonly pooled: boolean;
  readonly statementTimeoutMs: number;
}

/**
 * To be awaited before a connection is used. Settings that a server does not have are left out.
 *
 * @throws SessionSettingsError behind a pooler, if a default is wrong that cannot be changed there
 */
export async function pinSession(
  client: pg.ClientBase,
  { schema, pooled, statementTimeoutMs }: SessionOptions,
): Promise<void> {
  const quoted = client.escapeIdentifier(schema);
  if (pooled) {
    await set(client, Object.fromEntries(TRACKED.map((name) => [name, PINNED[name]])));
    await expectDefaults(client, quoted, schema);
    return;
  }
  await set(client, { ...PINNED, search_path: quoted, statement_timeout: String(statementTimeoutMs) });
  // Callers are told that their lead is on disk.
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
    `behind a pooler in transaction mode, defaults have to be right; run this as the user in DATABASE_URL, and restart the pooler: ${statements}`,
  );
}
