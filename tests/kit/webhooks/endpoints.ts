import { adminOf } from '../processes/admin.ts';
import type { Company } from '../system/company.ts';
import type { System } from '../system/system.ts';

/** An endpoint that a company was given by the command line. */
export interface Endpoint {
  readonly id: string;
  readonly secret: string;
}

/** @param options of `webhook add` */
export async function addEndpoint(
  system: Pick<System, 'environment'>,
  company: Pick<Company, 'id'>,
  url: string,
  options: readonly string[] = [],
): Promise<Endpoint> {
  const admin = adminOf(() => system.environment);
  const { code, data, err } = await admin(['webhook', 'add', company.id, url, ...options, '--json']);
  if (code !== 0) throw new Error(`The endpoint was not added: ${err}`);
  return data;
}

/** What failed is tried again now, and nobody has a claim. */
export async function hurry(
  { database }: Pick<System, 'database'>,
  { id }: Pick<Endpoint, 'id'>,
): Promise<void> {
  await database.webhook.update({ where: { id }, data: { restsUntil: null, claimedUntil: null } });
  await database.webhookEvent.updateMany({
    where: { webhookId: id, dueAt: { not: null } },
    data: { dueAt: new Date(0) },
  });
}

/** Nothing is delivered until `hurry` is called. */
export async function rest(
  { database }: Pick<System, 'database'>,
  { id }: Pick<Endpoint, 'id'>,
): Promise<void> {
  await database.webhook.update({ where: { id }, data: { restsUntil: new Date(Date.now() + 3_600_000) } });
}
