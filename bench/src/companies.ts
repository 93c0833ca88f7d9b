import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { digestApiKey, hintOf, issueApiKey } from '@live-feed/core/crypto/api-key';
import { parseKeyring } from '@live-feed/core/crypto/sealing';
import { newId } from '@live-feed/core/ids';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { createDatabase } from '@live-feed/database/connection/client';
import type { Stack } from '@live-feed/tools/stack';

/** A company of the benchmark's own, with a dialer that nobody else uses. */
export interface Company {
  readonly apiKey: string;
  readonly campaignId: string;
}

/** Workers notice new dialers within a second. */
const noticedMs = 1_500;
/** The simulator's accounts and campaigns are numbers. */
let nextNumber = 50_000_000;

/** @param keepWindows whether Live Feed keeps RingCX's documented windows for them */
export async function addCompanies(
  { databaseUrl, simulatorUrl, adminEnvironment }: Stack,
  count: number,
  { keepWindows }: { readonly keepWindows: boolean },
): Promise<Company[]> {
  const keyring = parseKeyring(adminEnvironment['SEAL_KEYS'] ?? '');
  const added = Array.from({ length: count }, () => {
    const number = String(nextNumber++);
    return { id: newId(), apiKey: issueApiKey(), campaignId: number, accountId: number };
  });
  const database = createDatabase({
    url: databaseUrl,
    poolSize: 1,
    statementTimeoutMs: 30_000,
    connectTimeoutMs: 10_000,
    applicationName: 'bench',
  });
  try {
    await database.company.createMany({ data: added.map(({ id }) => ({ id, name: `Bench ${id}` })) });
    await database.apiKey.createMany({
      data: added.map(({ id, apiKey }) => ({
        ...{ id: newId(), companyId: id, type: 'universal' },
        ...{ digest: digestApiKey(apiKey), hint: hintOf(apiKey) },
      })),
    });
    await database.campaign.createMany({
      data: added.map(({ id, campaignId }) => ({ id: newId(), companyId: id, campaignId })),
    });
    await database.ani.createMany({
      data: added.map(({ id, accountId }) => ({ id: newId(), companyId: id, phone: `30${accountId}` })),
    });
    await database.dialer.createMany({
      data: added.map(({ id, accountId }) => ({
        id: newId(),
        companyId: id,
        family: 'ringcx',
        baseUrl: `${simulatorUrl}/voice/api`,
        accountId,
        permanentToken: keyring.seal(`aws80:${randomUUID()}`, {
          companyId: id,
          column: SEALED.permanentToken,
        }),
        ...(keepWindows ? {} : { uploadWindows: [] }),
      })),
    });
  } finally {
    await database.$disconnect();
  }
  await delay(noticedMs);
  return added.map(({ apiKey, campaignId }) => ({ apiKey, campaignId }));
}
