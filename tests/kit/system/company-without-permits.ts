import { bucketFor } from '@live-feed/core/limits/rate-windows';
import { bucketKey, dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createPermits } from '@live-feed/queue/limits/permits';
import { addCompany, type Company, type CompanyHome, type CompanyOptions } from './company.ts';
import type { Queues } from './queues.ts';

const ONE_AN_HOUR = [{ requests: 1, perMs: 3_600_000 }];

/** Its leads wait in their queue, and callers are not refused, as they would be while its dialer is paused or held. */
export async function addCompanyWithoutPermits(
  system: CompanyHome,
  queues: Pick<Queues, 'redis'>,
  options: CompanyOptions = {},
): Promise<Company> {
  const company = await addCompany(system, { ...options, uploadWindows: ONE_AN_HOUR });
  const dialer = await system.database.dialer.findUniqueOrThrow({ where: { id: company.dialerId } });
  await createPermits(queues.redis, 'upload').take(dialerAddress(dialer), bucketFor(ONE_AN_HOUR));
  return company;
}

/** One at once, and all the others as soon as workers have read the dialer again. */
export async function givePermits(
  system: CompanyHome,
  queues: Pick<Queues, 'redis'>,
  { dialerId }: Company,
): Promise<void> {
  const where = { id: dialerId };
  const dialer = await system.database.dialer.update({ where, data: { uploadWindows: [] } });
  await queues.redis.del(bucketKey(dialerAddress(dialer), 'upload'));
}
