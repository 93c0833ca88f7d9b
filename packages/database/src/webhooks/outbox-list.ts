import type { Database } from '../connection/client.ts';

/** An event that its endpoint has not taken, for people. */
export interface WaitingEvent {
  readonly id: string;
  readonly type: string;
  /** Of the lead that it is about; null: it is about a dialer. */
  readonly leadId: string | null;
  readonly createdAt: Date;
  /** Deliveries that failed. */
  readonly attempt: number;
  /** Not delivered before that; null: not by itself any more. */
  readonly dueAt: Date | null;
}

/** Those that are due first, then those that were given up. */
export async function listWaitingEvents(
  database: Database,
  webhookId: string,
  limit: number,
): Promise<WaitingEvent[]> {
  return database.webhookEvent.findMany({
    where: { webhookId },
    select: { id: true, type: true, leadId: true, createdAt: true, attempt: true, dueAt: true },
    orderBy: { dueAt: { sort: 'asc', nulls: 'last' } },
    take: limit,
  });
}
