import type pg from 'pg';
import type { TableSizes } from './statement-names.ts';

/** Bytes on disk of each of the application's tables. */
export async function readTableSizes(pool: pg.Pool): Promise<TableSizes> {
  const { rows } = await pool.query<{ table: string; bytes: number }>(`
    SELECT relname AS table, pg_relation_size(oid)::float8 AS bytes FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')`);
  return Object.fromEntries(rows.map(({ table, bytes }) => [table, bytes]));
}
