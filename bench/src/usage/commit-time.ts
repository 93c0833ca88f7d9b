import { performance } from 'node:perf_hooks';
import { percentile } from '@live-feed/tools/demo/percentile';
import type { Client } from 'pg';

const warmups = 50;
const commits = 300;

/** The median time of one row's insertion and commit over one connection, in milliseconds: what this machine's disk costs a transaction. */
export async function measureCommit(database: Client): Promise<number> {
  await database.query('CREATE TABLE bench_commits (n integer)');
  try {
    const times: number[] = [];
    for (let n = 0; n < warmups + commits; n += 1) {
      const startedMs = performance.now();
      await database.query('INSERT INTO bench_commits VALUES ($1)', [n]);
      if (n >= warmups) times.push(performance.now() - startedMs);
    }
    return percentile(times, 0.5);
  } finally {
    await database.query('DROP TABLE bench_commits');
  }
}
