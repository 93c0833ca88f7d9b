import { setMaxListeners } from 'node:events';
import type { Clock } from '@live-feed/core/clock';
import { newId } from '@live-feed/core/ids';
import type { Keyring } from '@live-feed/core/sealing';
import type { Database } from '@live-feed/database/client';
import { forgetKeys } from '@live-feed/database/idempotency-keys';
import type { LeadLoaders } from '@live-feed/dialers/lead-loaders';
import { createDialerHealth } from '@live-feed/queue/dialer-health';
import { createLanes } from '@live-feed/queue/lanes';
import { createLeadProducer } from '@live-feed/queue/lead-producer';
import { createPermits } from '@live-feed/queue/permits';
import type { Redis } from '@live-feed/queue/redis';
import type { Logger } from '@live-feed/runtime/logger';
import { repeat } from '@live-feed/runtime/repeat';
import { createTellCallers } from './completions.ts';
import type { DeliveryTools } from './delivery-tools.ts';
import { createDialerDirectory } from './dialer-directory.ts';
import { createInTurn } from './in-turn.ts';
import { createRetention } from './retention.ts';
import { createDialerService } from './serve-dialers.ts';
import type { Settings } from './settings.ts';
import { sweep } from './sweep.ts';

export interface WorkerDependencies {
  readonly database: Database;
  /** Connected for the role `jobs`. */
  readonly jobsRedis: Redis;
  /** Connected for the role `requests`. */
  readonly eventsRedis: Redis;
  /** Connected for the role `stream`; used for nothing else. */
  readonly callsRedis: Redis;
  readonly loaders: LeadLoaders;
  readonly keyring: Keyring;
  readonly logger: Logger;
  readonly settings: Settings;
  readonly random: () => number;
  readonly clock: Clock;
  /** How long a dead worker's leads stay locked, milliseconds; the same for all workers. */
  readonly lockMs: number;
  /** How long final leads are kept. */
  readonly retentionDays: number;
  /** For tests: told each point of a delivery as it is passed. */
  readonly observe?: DeliveryTools['observe'];
}

export interface Worker {
  /** True once the dialers are known and their queues are listened to. */
  readonly ready: () => boolean;
  /** Takes no more leads, lets uploads under way end, gives the rest back. */
  close(): Promise<void>;
}

/** How soon a new, changed or removed dialer is noticed. */
const DIALERS_EVERY_MS = 1_000;
const SWEEP_EVERY_MS = 2_000;
/** Old idempotency keys go in portions: 2,000 a second and worker. */
const FORGET_EVERY_MS = 5_000;
const FORGET_AT_ONCE = 10_000;
/** Old leads go in pages: 1,000 a second and worker. */
const RETENTION_EVERY_MS = 2_000;

/** Serves the queues of all dialers. Dependencies stay their owner's to close. */
export function startWorker(dependencies: WorkerDependencies): Worker {
  const { database, jobsRedis, eventsRedis, keyring, loaders, logger, settings, random, clock } =
    dependencies;
  const stopping = new AbortController();
  // Every pause of a verification listens to it.
  setMaxListeners(0, stopping.signal);
  const onError = (error: unknown) => logger.warn({ err: error }, 'the queue reported an error');
  const producer = createLeadProducer(jobsRedis, onError);
  let known = false;

  const tools: DeliveryTools = {
    database,
    keyring,
    health: createDialerHealth(eventsRedis),
    uploadPermits: createPermits(eventsRedis, 'upload'),
    readBackPermits: createPermits(eventsRedis, 'read-back'),
    tellCallers: createTellCallers(eventsRedis, onError),
    inTurn: createInTurn(),
    settings,
    logger,
    newId: () => newId(clock.now()),
    random,
    stopping: stopping.signal,
    observe: dependencies.observe ?? (() => undefined),
  };

  const directory = createDialerDirectory(database, loaders, keyring);
  const service = createDialerService({
    tools,
    directory,
    redis: jobsRedis,
    lockMs: dependencies.lockMs,
    onError,
  });
  const following = repeat(
    async () => {
      await directory.refresh();
      known = true;
    },
    DIALERS_EVERY_MS,
    (error) => logger.warn({ err: error }, 'the dialers could not be read'),
  );
  const lanes = createLanes({
    redis: eventsRedis,
    blockingRedis: dependencies.callsRedis,
    workerId: newId(clock.now()),
    onClaim: (dialerId) => service.serve(dialerId),
    onError,
  });
  const sweeping = repeat(
    async () => {
      const restored = await sweep(database, producer);
      if (restored > 0) logger.warn({ restored }, 'leads without a job got it back');
    },
    SWEEP_EVERY_MS,
    (error) => logger.warn({ err: error }, 'the sweep failed'),
  );
  const forgetting = repeat(
    async () => {
      await forgetKeys(database, FORGET_AT_ONCE);
    },
    FORGET_EVERY_MS,
    (error) => logger.warn({ err: error }, 'old idempotency keys could not be removed'),
  );
  const retaining = repeat(
    createRetention(database, dependencies.retentionDays, clock),
    RETENTION_EVERY_MS,
    (error) => logger.warn({ err: error }, 'old leads could not be removed'),
  );

  return {
    ready: () => known,
    async close() {
      stopping.abort();
      await Promise.all([following.stop(), sweeping.stop(), forgetting.stop(), retaining.stop()]);
      // What is in doubt goes back first: a lane closes once its leads have been let go.
      await service.verified();
      await lanes.close();
      await service.verified();
      await producer.close();
    },
  };
}
