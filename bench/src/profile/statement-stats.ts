import type { Client } from 'pg';

export interface StatementCost {
  /** With its values as `$1`, `$2` …, on one line. */
  readonly statement: string;
  readonly calls: number;
  readonly rows: number;
  /** On the server, in milliseconds. */
  readonly totalMs: number;
}

const mostStatements = 12;

/** What the statements of this database cost since `begin`. Throws where the server has no pg_stat_statements. */
export function statementStats(database: Client) {
  return {
    async begin(): Promise<void> {
      await database.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
      await database.query('SELECT pg_stat_statements_reset()');
    },
    /** The most expensive ones. */
    async end(): Promise<StatementCost[]> {
      const { rows } = await database.query<StatementCost>(
        `SELECT regexp_replace(query, '\\s+', ' ', 'g') AS statement, calls::float8, rows::float8,
                total_exec_time AS "totalMs"
         FROM pg_stat_statements
         WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND query NOT LIKE '%pg_stat_statements%'
         ORDER BY total_exec_time DESC LIMIT $1`,
        [mostStatements],
      );
      return rows;
    },
  };
}
