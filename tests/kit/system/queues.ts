import { type InspectedQueue, openInspectedQueue } from '@live-feed/queue/jobs/inspected-queue';
import { createLeadProducer, type LeadProducer } from '@live-feed/queue/jobs/lead-producer';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth, type DialerStanding } from '@live-feed/queue/limits/dialer-health';
import { closeRedis, connectRedis, type Redis, whenReady } from '@live-feed/queue/redis/redis';
import { serverIn } from '../services/redis-environment.ts';
import type { Company } from './company.ts';
import type { System } from './system.ts';

/** Connections of a test's own, to read and change the queues. */
export interface Queues {
  readonly redis: Redis;
  readonly producer: LeadProducer;
  of(company: Company): Promise<InspectedQueue>;
  standing(company: Company): Promise<DialerStanding>;
  close(): Promise<void>;
}

/** Tests stop Redis: the connection opens again by itself, and a command that needed it fails. */
const ignore = () => {};

export async function openQueues(system: Pick<System, 'database' | 'environment'>): Promise<Queues> {
  const redis = connectRedis(serverIn(system.environment), 'jobs', ignore);
  await whenReady(redis, 10_000);
  const health = createDialerHealth(redis);
  const producer = createLeadProducer(redis, ignore);
  const opened = new Map<string, InspectedQueue>();
  return {
    redis,
    producer,
    async of({ dialerId }) {
      await whenReady(redis, 30_000);
      const queue = opened.get(dialerId) ?? (await openInspectedQueue(redis, dialerId, ignore));
      opened.set(dialerId, queue);
      return queue;
    },
    async standing({ dialerId }) {
      const dialer = await system.database.dialer.findUniqueOrThrow({ where: { id: dialerId } });
      return health.describe(dialerAddress(dialer));
    },
    async close() {
      await Promise.all([...opened.values()].map((queue) => queue.close()));
      await producer.close();
      await closeRedis(redis);
    },
  };
}
