import pg from 'pg';
import { onTestFinished } from 'vitest';

/** A connection of the present test's own. Transactions and locks that it has left end with the test. */
export async function openSession(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}
