import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';

export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** The migrations of the folder, in the order of their names. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** The table of Prisma's own runner. */
export async function createHistory(client: pg.Client): Promise<void> {
  await client.query(`
    CREATE TABLE IF NOT EXISTS _prisma_migrations (
      id                  VARCHAR(36) PRIMARY KEY NOT NULL,
      checksum            VARCHAR(64) NOT NULL,
      finished_at         TIMESTAMPTZ,
      migration_name      VARCHAR(255) NOT NULL,
      logs                TEXT,
      rolled_back_at      TIMESTAMPTZ,
      started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
      applied_steps_count INTEGER NOT NULL DEFAULT 0
    )`);
}

interface HistoryRow {
  readonly id: string;
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

/** @throws MigrationError if an applied migration was changed, or one began and did not finish */
export async function findPending(client: pg.Client, migrations: readonly Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<HistoryRow>(
    'SELECT id, migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  const recorded = new Map(rows.map((row) => [row.migration_name, row]));
  return migrations.filter(({ name, checksum }) => {
    const row = recorded.get(name);
    if (row === undefined) return true;
    if (row.finished_at === null) {
      throw new MigrationError(unfinished(row));
    }
    if (row.checksum !== checksum) {
      throw new MigrationError(
        `Migration ${name} was changed after it had been applied. Put the file back as it was and add a new migration.`,
      );
    }
    return false;
  });
}

function unfinished({ id, migration_name }: HistoryRow): string {
  return [
    `Migration ${migration_name} began but did not finish. Look at what it left behind.`,
    `If it is all there:  UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = '${id}';`,
    `If nothing is there: DELETE FROM _prisma_migrations WHERE id = '${id}';`,
    'Then migrate again.',
  ].join('\n');
}
