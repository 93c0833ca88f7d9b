import type pg from 'pg';
import type { TableSizes } from '../connection/statement-names.ts';

/** Of the tables of the application, as they are on disk. */
export async function readTableSizes(pool: pg.Pool): Promise<TableSizes> {
  const { rows } = await pool.query<{ table: string; bytes: number }>(`
    SELECT relname AS table, pg_relation_size(oid)::float8 AS bytes FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')`);
  return Object.fromEntries(rows.map(({ table, bytes }) => [table, bytes]));
}
