import { setTimeout as delay } from 'node:timers/promises';
import { createDatabase } from '@live-feed/database/connection/client';
import { type Company, addCompanies as insertCompanies } from '@live-feed/tests/kit/system/company';
import type { Stack } from '@live-feed/tools/stack';

/** Workers notice new dialers within a second. */
const NOTICED_MS = 1_500;

/** Adds companies to the stack and waits until workers know them. @param keepWindows whether Live Feed keeps RingCX's documented windows */
export async function addCompanies(
  { databaseUrl, simulatorUrl, adminEnvironment }: Stack,
  count: number,
  { keepWindows }: { readonly keepWindows: boolean },
): Promise<Company[]> {
  const database = createDatabase({
    url: databaseUrl,
    poolSize: 1,
    statementTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    applicationName: 'bench',
  });
  try {
    const home = { database, environment: adminEnvironment, simulatorUrl };
    const added = await insertCompanies(home, count, { uploadWindows: keepWindows ? 'of the family' : [] });
    await delay(NOTICED_MS);
    return added;
  } finally {
    await database.$disconnect();
  }
}
