import pg from 'pg';
import { openConnection } from '../connection/connections.ts';
import { MigrationError } from './migration-history.ts';
import { lockMigrations } from './migration-lock.ts';

const INSUFFICIENT_PRIVILEGE = '42501';
const LOCK_LIMIT_MS = 60_000;

/**
 * Creates or updates the role that the processes connect as, with the URL's password. It may read and write rows, and change nothing of
 * the schema. Safe to repeat; needed after each migration that adds a table.
 *
 * @param ownerUrl connects as the owner of the tables, as for `migrate`
 * @param appUrl the same database, with the role's name and password
 * @returns the role's name
 * @throws MigrationError that says what to do
 */
export async function grantAppRole(ownerUrl: string, appUrl: string): Promise<string> {
  const { username, password } = new URL(appUrl);
  const role = decodeURIComponent(username);
  if (role === '')
    throw new MigrationError('APP_DATABASE_URL names no role: put its name and password before the host.');
  const client = await openConnection({
    url: ownerUrl,
    connectTimeoutMs: 10_000,
    statementTimeoutMs: 60_000,
    applicationName: 'live-feed-migrate',
  });
  try {
    await lockMigrations(client, LOCK_LIMIT_MS);
    await refuseOwner(client, role);
    await createOrAlterRole(client, role, decodeURIComponent(password));
    for (const statement of grants(client, role, await databaseOf(client))) await client.query(statement);
    await client.query('COMMIT');
    return role;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === INSUFFICIENT_PRIVILEGE) {
      throw new MigrationError(
        `DATABASE_URL's role may not create or change the role ${role}. Let a superuser create it (CREATE ROLE ${role} LOGIN PASSWORD '…'), or remove APP_DATABASE_URL and grant the rights by hand.`,
        { cause: error },
      );
    }
    throw error;
  } finally {
    await client.end();
  }
}

/** The owner must not lose the rights that migrations need. */
async function refuseOwner(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query<{ same: boolean }>('SELECT current_user = $1 AS same', [role]);
  if (rows[0]?.same) {
    throw new MigrationError(
      'APP_DATABASE_URL must name another role than DATABASE_URL, which owns the tables.',
    );
  }
}

async function createOrAlterRole(client: pg.Client, role: string, password: string): Promise<void> {
  const name = client.escapeIdentifier(role);
  const { rows } = await client.query<{ strong: boolean }>(
    'SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls AS strong FROM pg_roles WHERE rolname = $1',
    [role],
  );
  if (rows.length === 0) await client.query(`CREATE ROLE ${name} LOGIN`);
  if (rows[0]?.strong)
    await client.query(`ALTER ROLE ${name} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS`);
  // Without a password, the role authenticates in another way, such as by certificate.
  if (password !== '') await client.query(`ALTER ROLE ${name} PASSWORD ${client.escapeLiteral(password)}`);
}

async function databaseOf(
  client: pg.Client,
): Promise<{ readonly database: string; readonly schema: string }> {
  const { rows } = await client.query<{ database: string; schema: string }>(
    'SELECT current_database() AS database, current_schema() AS schema',
  );
  const [found] = rows;
  if (found === undefined) throw new Error('PostgreSQL did not return the name of the database.');
  return found;
}

function grants(
  client: pg.Client,
  role: string,
  names: { readonly database: string; readonly schema: string },
): readonly string[] {
  const [to, database, schema] = [role, names.database, names.schema].map((name) =>
    client.escapeIdentifier(name),
  );
  return [
    // Before PostgreSQL 15 every role may create tables there.
    `REVOKE CREATE ON SCHEMA ${schema} FROM PUBLIC`,
    `REVOKE ALL ON ALL TABLES IN SCHEMA ${schema} FROM ${to}`,
    `GRANT CONNECT ON DATABASE ${database} TO ${to}`,
    `GRANT USAGE ON SCHEMA ${schema} TO ${to}`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${to}`,
    `GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${to}`,
    // Who changed what is only added to.
    `REVOKE UPDATE ON TABLE ${schema}.audit_entries, ${schema}.audit_ends FROM ${to}`,
    // Only the owner migrates.
    `REVOKE ALL ON TABLE ${schema}._prisma_migrations FROM ${to}`,
  ];
}
