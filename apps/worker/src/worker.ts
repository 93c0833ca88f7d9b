import { setMaxListeners } from 'node:events';
import type { Clock } from '@live-feed/core/clock';
import type { Keyring } from '@live-feed/core/crypto/sealing';
import { newId } from '@live-feed/core/ids';
import type { Database } from '@live-feed/database/connection/client';
import type { DatabaseHealth } from '@live-feed/database/connection/health-check';
import { createIntents } from '@live-feed/database/leads/intents';
import { createOutcomes } from '@live-feed/database/leads/outcomes';
import type { LeadLoaders } from '@live-feed/dialers/lead-loaders';
import { createLeadProducer } from '@live-feed/queue/jobs/lead-producer';
import { noteSentAttempts } from '@live-feed/queue/jobs/sent-attempts';
import { createLeases } from '@live-feed/queue/leases/leases';
import { createDialerHealth } from '@live-feed/queue/limits/dialer-health';
import { createPermits } from '@live-feed/queue/limits/permits';
import { type Redis, redisTrouble } from '@live-feed/queue/redis/redis';
import type { Logger } from '@live-feed/runtime/logging/logger';
import type { Metrics } from '@live-feed/runtime/monitoring/metrics';
import { observeStores } from '@live-feed/runtime/monitoring/store-metrics';
import { repeat } from '@live-feed/runtime/repeat';
import type { AccountTools } from './account/account-tools.ts';
import { createErrands } from './account/errands.ts';
import { startAlerts } from './alerts/alerts.ts';
import type { AlertTools } from './alerts/send-alerts.ts';
import { createCallerNotifier } from './delivery/completions.ts';
import type { DeliveryPoint, DeliveryTools } from './delivery/delivery-tools.ts';
import { absenceAfterMs, type Settings } from './delivery/settings.ts';
import { createDialerDirectory } from './dialer/dialer-directory.ts';
import { createStartGate } from './dialer/start-gate.ts';
import { observeLanes } from './lane/lane-metrics.ts';
import { createDialerService } from './lane/serve-dialers.ts';
import { createAlertMetrics } from './metrics/alert-metrics.ts';
import { countedHealth, countedPermits } from './metrics/counted-permits.ts';
import { createWebhookMetrics } from './metrics/webhook-metrics.ts';
import { createWorkerMetrics } from './metrics/worker-metrics.ts';
import { startChores } from './upkeep/chores.ts';
import type { RetentionDays } from './upkeep/retention.ts';
import type { WebhookPoint, WebhookTools } from './webhooks/webhook-tools.ts';
import { startWebhooks } from './webhooks/webhooks.ts';

export interface WorkerDependencies {
  readonly database: Database;
  readonly databaseHealth: Pick<DatabaseHealth, 'alive' | 'why'>;
  /** Connected for the role `jobs`. */
  readonly jobsRedis: Redis;
  /** Connected for the role `requests`. */
  readonly eventsRedis: Redis;
  /** Connected for the role `stream`; used for nothing else. */
  readonly leasesRedis: Redis;
  readonly loaders: LeadLoaders;
  /** Of webhooks alone: connections to the database, and the client. */
  readonly webhooks: Pick<WebhookTools, 'database' | 'client'>;
  /** How people are told of alerts; the rest is that of webhooks. */
  readonly alerts: Pick<AlertTools, 'mailer' | 'pageUrl'>;
  readonly keyring: Keyring;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly settings: Settings;
  readonly random: () => number;
  readonly clock: Clock;
  /** How long a dead worker's leads stay locked, milliseconds; the same for all workers. */
  readonly lockMs: number;
  /** How long final leads are kept. */
  readonly retentionDays: RetentionDays;
  /** For tests: called at each point of a delivery, of leads or of webhooks. */
  readonly observe?: (point: DeliveryPoint | WebhookPoint) => void;
}

export interface Worker {
  /** What keeps it from delivering leads now, each with why, in words for people; empty if nothing does. */
  readonly missing: () => Record<string, string>;
  /** Takes no more leads, lets uploads under way end, gives the rest back. */
  close(): Promise<void>;
}

/** Uploads that begin at once, at most: their intents share statements. */
const STARTS_AT_ONCE = 64;

/** How soon a new, changed or removed dialer is noticed. */
const DIALERS_EVERY_MS = 1_000;

/** Serves the queues of all dialers. Dependencies stay their owner's to close. */
export function startWorker(dependencies: WorkerDependencies): Worker {
  const {
    database,
    databaseHealth,
    jobsRedis,
    eventsRedis,
    keyring,
    loaders,
    logger,
    settings,
    random,
    clock,
  } = dependencies;
  const stopping = new AbortController();
  // Every pause of a verification listens to it.
  setMaxListeners(0, stopping.signal);
  const onError = (error: unknown) => logger.warn({ err: error }, 'the queue reported an error');
  const producer = createLeadProducer(jobsRedis, onError);
  const heldUntil = new Map<string, number>();
  const noteHold = (dialerId: string, ms: number) => heldUntil.set(dialerId, performance.now() + ms);
  const directory = createDialerDirectory(database, loaders, keyring, ({ id: dialerId, companyId }, err) =>
    logger.error({ dialerId, companyId, err }, 'the token of a dialer cannot be unsealed'),
  );
  const metrics = createWorkerMetrics(dependencies.metrics, (id) => directory.known(id)?.record.family);

  const { sendWindowMs } = settings;
  const { observe = () => undefined } = dependencies;
  const tools: DeliveryTools = {
    database,
    intents: createIntents(database, { sendWindowMs, absenceAfterMs: absenceAfterMs(settings) }, clock),
    outcomes: createOutcomes(database),
    keyring,
    health: countedHealth(createDialerHealth(eventsRedis), metrics, noteHold),
    uploadPermits: countedPermits(createPermits(eventsRedis, 'upload'), metrics.uploadPermits, noteHold),
    readBackPermits: countedPermits(createPermits(eventsRedis, 'read-back'), metrics.readBackPermits),
    notifyCallers: createCallerNotifier(eventsRedis, onError),
    noteSent: (dialerId, sent) => noteSentAttempts(eventsRedis, dialerId, sent),
    startGate: createStartGate(STARTS_AT_ONCE),
    settings,
    logger,
    metrics,
    clock,
    newId: () => newId(clock.now()),
    random,
    stopping: stopping.signal,
    observe,
  };

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
      metrics.dialers.follow(directory.families().keys());
      for (const dialerId of heldUntil.keys()) {
        if (directory.known(dialerId) === undefined) heldUntil.delete(dialerId);
      }
    },
    DIALERS_EVERY_MS,
    (error) => logger.warn({ err: error }, 'the dialers could not be read'),
  );
  const leases = createLeases({
    redis: eventsRedis,
    blockingRedis: dependencies.leasesRedis,
    workerId: newId(clock.now()),
    onClaim: (dialerId) => service.serve(dialerId),
    onError,
  });
  const account: AccountTools = {
    database,
    directory,
    loaders,
    campaignPermits: createPermits(eventsRedis, 'campaigns'),
    leadControlPermits: createPermits(eventsRedis, 'lead-control'),
    readBackPermits: tools.readBackPermits,
    lookPermits: createPermits(eventsRedis, 'look'),
    logger,
    metrics,
    stopping: stopping.signal,
  };
  const errands = createErrands(account, eventsRedis, keyring);
  const chores = startChores({
    account,
    errands,
    database,
    redis: eventsRedis,
    producer,
    service,
    metrics,
    retentionDays: dependencies.retentionDays,
    logger,
  });

  const webhooks = startWebhooks(
    {
      ...dependencies.webhooks,
      keyring,
      logger,
      metrics: createWebhookMetrics(dependencies.metrics),
      clock,
      newId: tools.newId,
      random,
      stopping: stopping.signal,
      observe,
    },
    eventsRedis,
    dependencies.lockMs,
  );

  const alerts = startAlerts(
    {
      ...dependencies.webhooks,
      ...dependencies.alerts,
      keyring,
      logger,
      metrics: createAlertMetrics(dependencies.metrics),
      random,
    },
    eventsRedis,
  );

  const queueTrouble = () => redisTrouble(jobsRedis, eventsRedis);
  observeStores(dependencies.metrics, {
    postgresql: databaseHealth.alive,
    redis: () => queueTrouble() === undefined,
  });
  observeLanes(dependencies.metrics, {
    families: directory.families,
    backlog: service.backlog,
    lanes: () => service.served().length,
    pausedCampaigns: (dialerId) => directory.pausedCampaigns(dialerId).size,
    heldUntil,
    underVerification: service.underVerification,
    figures: chores.figures,
    now: clock.now,
  });

  return {
    missing: () => {
      const database = databaseHealth.why();
      const queue = queueTrouble();
      return {
        ...(database === undefined ? {} : { database }),
        ...(queue === undefined ? {} : { queue }),
        ...(stopping.signal.aborted ? { stopping: 'this process is stopping' } : {}),
      };
    },
    async close() {
      stopping.abort();
      const outboundClosed = Promise.all([webhooks.close(), alerts.close()]);
      await chores.stop();
      // What is in doubt goes back first: a lane closes once its leads have been let go.
      await service.verified();
      await leases.close();
      await service.verified();
      await errands.idle();
      // To the end: a worker that has stopped looking would say that PostgreSQL is away.
      await following.stop();
      await producer.close();
      await outboundClosed;
    },
  };
}
