import {
  changedIntake,
  type IntakeChange,
  type IntakeSettings,
  readIntakeSettings,
} from '@live-feed/core/directory/intake-settings';
import type { Database } from '../connection/client.ts';

/** A person waits for it. */
const PATIENCE = { maxWait: 15_000, timeout: 15_000 } as const;

/** How a company's leads may come in. */
export async function findIntake(database: Database, companyId: string): Promise<IntakeSettings> {
  const { intake } = await database.company.findUniqueOrThrow({
    where: { id: companyId },
    select: { intake: true },
  });
  return readIntakeSettings(intake);
}

/** Of two people at once neither undoes what the other changes. @returns the settings as they are now */
export function changeIntake(
  database: Database,
  companyId: string,
  change: IntakeChange,
): Promise<IntakeSettings> {
  return database.$transaction(async (transaction) => {
    const [row] = await transaction.$queryRaw<{ intake: unknown }[]>`
      SELECT intake FROM companies WHERE id = ${companyId}::uuid FOR UPDATE`;
    const intake = changedIntake(row?.intake ?? null, change);
    await transaction.company.update({ where: { id: companyId }, data: { intake } });
    return readIntakeSettings(intake);
  }, PATIENCE);
}
