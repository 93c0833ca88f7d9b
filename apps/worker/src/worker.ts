import type { Clock } from '@live-feed/core/clock';
import { newId } from '@live-feed/core/ids';
import type { Keyring } from '@live-feed/core/sealing';
import type { Upload } from '@live-feed/core/waiting-leads';
import type { Database } from '@live-feed/database/client';
import type { LeadLoaders } from '@live-feed/dialers/lead-loaders';
import { dialerAddress } from '@live-feed/queue/dialer-address';
import { createDialerHealth } from '@live-feed/queue/dialer-health';
import { createLeadProducer } from '@live-feed/queue/lead-producer';
import { openLeadSource } from '@live-feed/queue/lead-source';
import { createPermits } from '@live-feed/queue/permits';
import type { Redis } from '@live-feed/queue/redis';
import type { Logger } from '@live-feed/runtime/logger';
import { repeat } from '@live-feed/runtime/repeat';
import { createTellCallers } from './completions.ts';
import { type Delivered, deliver, uploadBucket } from './deliver.ts';
import type { DeliveryTools } from './delivery-tools.ts';
import { readDialers, type ServedDialer } from './dialer-directory.ts';
import { type Grant, type Lane, runLane } from './lane.ts';
import { type LaneLead, laneLead } from './lane-lead.ts';
import type { Settings } from './settings.ts';
import { sweep } from './sweep.ts';
import { verify } from './verify.ts';

export interface WorkerDependencies {
  readonly database: Database;
  /** Connected for the role `jobs`. */
  readonly jobsRedis: Redis;
  /** Connected for the role `requests`. */
  readonly eventsRedis: Redis;
  readonly loaders: LeadLoaders;
  readonly keyring: Keyring;
  readonly logger: Logger;
  readonly settings: Settings;
  readonly random: () => number;
  readonly clock: Clock;
  /** How long a dead worker's leads stay locked, milliseconds; the same for all workers. */
  readonly lockMs: number;
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

/** Leads whose outcome is being found out, at most; no more are taken beyond. */
const MOST_UNDER_VERIFICATION = 5_000;
const FULL_PAUSE_MS = 250;
/** Leads that a lane takes ahead of their permits, at most: the largest upload twenty times over. */
const LANE_CAPACITY = 10_000;

/** What serves one dialer; its configuration may change under it. */
interface Served {
  dialer: ServedDialer;
  readonly lane: Lane;
}

/** Serves the queues of all dialers. Dependencies stay their owner's to close. */
export function startWorker(dependencies: WorkerDependencies): Worker {
  const { database, jobsRedis, eventsRedis, keyring, loaders, logger, settings, random, clock } =
    dependencies;
  const stopping = new AbortController();
  const served = new Map<string, Served>();
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
    settings,
    logger,
    newId: () => newId(clock.now()),
    random,
    stopping: stopping.signal,
    observe: dependencies.observe ?? (() => undefined),
  };

  /** Leads that are verified hold no slot: a dialing system that is slow to answer must not stop what can go out. */
  const verifications = new Set<Promise<void>>();
  let underVerification = 0;

  async function deliverAndVerify(serving: Served, { leads, answered }: Upload<LaneLead>, grant: Grant) {
    const { dialer } = serving;
    let delivered: Delivered = { open: [], taken: false };
    try {
      delivered = await deliver(tools, dialer, leads, grant);
    } finally {
      answered(delivered.taken);
    }
    const { open } = delivered;
    if (open.length === 0) return;
    underVerification += open.length;
    const verified: Promise<void> = verify(tools, dialer, open, (refused) => serving.lane.resend(refused))
      .catch(onError)
      .finally(() => {
        underVerification -= open.length;
        verifications.delete(verified);
      });
    verifications.add(verified);
  }

  async function followDialers(): Promise<void> {
    const dialers = await readDialers(database, loaders, keyring);
    const present = new Set(dialers.map(({ record }) => record.id));
    for (const dialer of dialers) {
      const serving = served.get(dialer.record.id);
      if (serving === undefined) served.set(dialer.record.id, await serve(dialer));
      else serving.dialer = dialer;
    }
    for (const [id, { lane }] of served) {
      if (present.has(id)) continue;
      served.delete(id);
      await lane.close();
    }
    known = true;
  }

  async function serve(dialer: ServedDialer): Promise<Served> {
    const dialerId = dialer.record.id;
    const source = await openLeadSource({ redis: jobsRedis, dialerId, lockMs: dependencies.lockMs, onError });
    const lane = runLane({
      source,
      permit: async () =>
        underVerification >= MOST_UNDER_VERIFICATION
          ? { kind: 'wait', waitMs: FULL_PAUSE_MS }
          : tools.uploadPermits.take(dialerAddress(serving.dialer.record), uploadBucket(serving.dialer)),
      giveBack: (permit) => tools.uploadPermits.giveBack(permit),
      slots: () => serving.dialer.record.maxInFlight,
      maximum: () => serving.dialer.record.maxLeadsPerUpload,
      capacity: LANE_CAPACITY,
      read: (taken) => laneLead(keyring, taken),
      upload: (upload, grant) => deliverAndVerify(serving, upload, grant),
      expectsMore: () => verifications.size > 0,
      onError,
    });
    const serving: Served = { dialer, lane };
    return serving;
  }

  const following = repeat(followDialers, DIALERS_EVERY_MS, (error) =>
    logger.warn({ err: error }, 'the dialers could not be read'),
  );
  const sweeping = repeat(
    async () => {
      const restored = await sweep(database, producer);
      if (restored > 0) logger.warn({ restored }, 'leads without a job got it back');
    },
    SWEEP_EVERY_MS,
    (error) => logger.warn({ err: error }, 'the sweep failed'),
  );

  return {
    ready: () => known,
    async close() {
      stopping.abort();
      await Promise.all([following.stop(), sweeping.stop()]);
      await Promise.all(verifications);
      await Promise.all([...served.values()].map(({ lane }) => lane.close()));
      await Promise.all(verifications);
      await producer.close();
    },
  };
}
