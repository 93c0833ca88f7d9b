import { useOverlays } from '@live-feed/core/caller-id/overlays';
import { systemClock } from '@live-feed/core/clock';
import { newId } from '@live-feed/core/ids';
import { createDatabase, type PoolHandle } from '@live-feed/database/connection/client';
import { startPulse } from '@live-feed/database/connection/pulse';
import { campaignExists, findKey } from '@live-feed/database/directory/lookups';
import { promise } from '@live-feed/database/leads/promise';
import { createLeadProducer } from '@live-feed/queue/jobs/lead-producer';
import { readAdmissionNotes, tellIngresses } from '@live-feed/queue/limits/admission-notes';
import { readDialerStop } from '@live-feed/queue/limits/dialer-stops';
import {
  closeRedis,
  connectRedis,
  isReady,
  redisHealth,
  redisTrouble,
  whenReady,
} from '@live-feed/queue/redis/redis';
import { completionStream, readCompletions } from '@live-feed/queue/streams/completion-stream';
import { listenOn } from '@live-feed/runtime/listen-address';
import type { ProcessContext } from '@live-feed/runtime/main';
import { createMetrics } from '@live-feed/runtime/metrics';
import { startOperationsServer } from '@live-feed/runtime/operations-server';
import { repeat } from '@live-feed/runtime/repeat';
import { observePool, observeStores } from '@live-feed/runtime/store-metrics';
import { logStoreTrouble } from '@live-feed/runtime/store-trouble';
import { createAdmission } from './admission/admission.ts';
import { createCallerCaps } from './admission/caller-caps.ts';
import { createDirectory } from './admission/directory.ts';
import { createKnownStops } from './admission/known-stops.ts';
import { createUntoldBacklogs } from './admission/untold-backlogs.ts';
import { createDrain } from './drain.ts';
import type { IngressEnvironment } from './environment.ts';
import { closeHttp, LAST_ANSWERS_MS } from './http/close-http.ts';
import { LISTEN_BACKLOG } from './http/http-limits.ts';
import { buildIngress } from './ingress.ts';
import { createIngressMetrics } from './ingress-metrics.ts';
import type { Shortcomings } from './openapi/answer-schemas.ts';
import { createPromiseWriter } from './outcome/promise-writer.ts';
import { watchRows } from './outcome/row-watch.ts';
import { createWaitingLeads } from './outcome/waiting-leads.ts';
import { watchedProducer } from './outcome/watched-producer.ts';

/** A caller whose completion event was lost is answered this much later at most. */
const WATCH_EVERY_MS = 500;

/** Of an ordered stop, for all that is closed after HTTP. */
const OTHER_STEPS_MS = 2_000;

/** At deadlines, and when the process stops, leads have to be promised whatever else is being asked. Two statements carry thousands in a second. */
const PROMISE_CONNECTIONS = 2;

/** Well before anybody who was told to come back can be back. */
const TELL_EVERY_MS = 100;

/** Everything that the process is made of; what is opened is registered with the lifecycle, which closes it. */
export async function startIngressProcess({
  env,
  logger,
  lifecycle,
}: ProcessContext<IngressEnvironment>): Promise<Record<string, unknown>> {
  const onRedisError = (err: unknown) => logger.warn({ err }, 'redis reported an error');
  // What it means is told by `logStoreTrouble`, in words and not at every attempt.
  const onConnectionError = (err: unknown) => logger.debug({ err }, 'a connection to redis failed');
  const metrics = createMetrics();
  useOverlays(env.AREA_CODES_FILE);

  const pools: PoolHandle[] = [];
  const connections = {
    url: env.DATABASE_URL,
    // A caller is told that the database is away within 2 s.
    statementTimeoutMs: 1_000,
    connectTimeoutMs: 1_000,
    onConnectionLost: (error: Error) => pulse.look(error),
    onServerFault: (error: unknown) => pulse.look(error),
  };
  const database = createDatabase({
    ...connections,
    poolSize: env.INGRESS_DATABASE_CONNECTIONS,
    applicationName: 'live-feed-ingress',
    onPool: (pool) => {
      pools.push(pool);
      observePool(metrics, pool.use);
    },
  });
  lifecycle.onStop('database', () => database.$disconnect());
  const promiseDatabase = createDatabase({
    ...connections,
    poolSize: PROMISE_CONNECTIONS,
    applicationName: 'live-feed-ingress-promises',
    onPool: (pool) => pools.push(pool),
  });
  lifecycle.onStop('database for promises', () => promiseDatabase.$disconnect());
  const promises = createPromiseWriter({
    write: (batch) => promise(promiseDatabase, batch),
    onError: (err, leads) => logger.warn({ err, leads }, 'promises could not be written'),
    statements: PROMISE_CONNECTIONS,
  });
  lifecycle.onStop('promises', () => promises.close());
  const reading = createDatabase({
    ...connections,
    poolSize: env.INGRESS_STATUS_CONNECTIONS,
    applicationName: 'live-feed-ingress-status',
    onPool: (pool) => pools.push(pool),
  });
  lifecycle.onStop('database for status', () => reading.$disconnect());
  const pulse = await startPulse({
    url: env.DATABASE_URL,
    applicationName: 'live-feed-ingress-pulse',
    intervalMs: 500,
    limitMs: 1_500,
    onTrouble: (why, err) => logger.warn({ err }, why),
    onRecovery: () => logger.info('the database takes writes'),
    onReadOnly: () => {
      for (const pool of pools) pool.renew();
    },
  });
  lifecycle.onStop('database pulse', () => pulse.stop());

  const redis = connectRedis(env.REDIS_URL, 'requests', onConnectionError);
  lifecycle.onStop('redis for requests', () => closeRedis(redis));
  const streamRedis = connectRedis(env.REDIS_URL, 'stream', onConnectionError);
  lifecycle.onStop('redis for completions', () => closeRedis(streamRedis));
  const notesRedis = connectRedis(env.REDIS_URL, 'stream', onConnectionError);
  lifecycle.onStop('redis for admission', () => closeRedis(notesRedis));
  await whenReady(redis, 2_000);
  const trouble = logStoreTrouble(logger, redisHealth(redis));
  lifecycle.onStop('redis trouble', () => trouble.stop());

  const waiting = createWaitingLeads();
  const ingressMetrics = createIngressMetrics(metrics, () => waiting.size);
  observeStores(metrics, { postgresql: pulse.alive, redis: () => isReady(redis) });
  const ingressId = newId();
  const replyTo = completionStream(ingressId);
  const reader = readCompletions(
    streamRedis,
    replyTo,
    (outcomes) => {
      for (const outcome of outcomes) waiting.settle(outcome);
    },
    onRedisError,
  );
  lifecycle.onStop('completion reader', () => reader.close());
  const watching = repeat(
    () => watchRows(database, waiting),
    WATCH_EVERY_MS,
    (err) => logger.warn({ err }, 'the rows of waiting leads could not be read'),
  );
  lifecycle.onStop('row watch', () => watching.stop());
  const admission = createAdmission({
    ingressId,
    deadlineMs: env.INGRESS_DEADLINE_MS,
    maxBacklog: env.INGRESS_MAX_BACKLOG,
  });
  const notes = readAdmissionNotes(notesRedis, (note) => admission.note(note), onRedisError);
  lifecycle.onStop('admission notes', () => notes.close());
  const telling = repeat(
    async () => {
      const note = admission.toTell();
      if (note !== undefined) await tellIngresses(redis, note);
    },
    TELL_EVERY_MS,
    (err) => logger.warn({ err }, 'the other ingresses could not be told who comes back'),
  );
  lifecycle.onStop('admission notes of its own', () => telling.stop());
  const producer = createLeadProducer(redis, onRedisError);
  lifecycle.onStop('queues', () => producer.close());

  const untoldBacklogs = createUntoldBacklogs({
    maxBacklog: env.INGRESS_MAX_BACKLOG,
    count: producer.count,
    onError: (err) => logger.warn({ err }, 'a queue could not be counted'),
  });

  function missing(): Shortcomings {
    const database = pulse.why();
    const queue = redisTrouble(redis);
    return {
      ...(database === undefined ? {} : { database }),
      ...(queue === undefined ? {} : { queue }),
      ...(lifecycle.stopping ? { stopping: 'this process was told to stop' } : {}),
    };
  }
  const operations = await listenOn(
    {
      host: env.INGRESS_METRICS_HOST,
      port: env.INGRESS_METRICS_PORT,
      variables: { host: 'INGRESS_METRICS_HOST', port: 'INGRESS_METRICS_PORT' },
    },
    (address) => startOperationsServer({ ...address, metrics, missing }),
  );
  lifecycle.onStop('metrics', () => operations.close());

  const httpLimitMs = env.STOP_GRACE_MS - OTHER_STEPS_MS;
  const drain = createDrain({ drainMs: env.INGRESS_DRAIN_MS, answersMs: httpLimitMs - LAST_ANSWERS_MS });
  const app = await buildIngress({
    database,
    reading,
    pulse,
    missing,
    metrics: ingressMetrics,
    directory: createDirectory({
      alive: pulse.alive,
      findKey: (...digests) => findKey(database, ...digests),
      campaignExists: (companyId, campaignId) => campaignExists(database, companyId, campaignId),
    }),
    producer: watchedProducer(producer, ({ dialerId, leadId }, tookMs) => {
      ingressMetrics.queued(tookMs);
      untoldBacklogs.queued(dialerId, leadId);
    }),
    waiting,
    promises,
    keyring: env.SEAL_KEYS,
    digests: env.PHONE_DIGEST_SECRET,
    logger,
    clock: systemClock,
    stopping: () => lifecycle.stopping,
    replyTo,
    deadlineMs: env.INGRESS_DEADLINE_MS,
    maxAgeMs: env.INGRESS_MAX_AGE_MS,
    admission,
    stops: createKnownStops((address) => readDialerStop(redis, address)),
    drain,
    untoldBacklogs,
    caps: createCallerCaps({
      ofIngress: env.INGRESS_MAX_WAITING,
      ofCompany: env.INGRESS_MAX_WAITING_PER_COMPANY,
      unknown: () => promises.size,
    }),
    maxLoopDelayMs: env.INGRESS_MAX_LOOP_DELAY_MS,
    requestTimeoutMs: env.INGRESS_REQUEST_TIMEOUT_MS,
    keepAliveMs: env.INGRESS_KEEP_ALIVE_MS,
    maxConnections: env.INGRESS_MAX_CONNECTIONS,
  });
  lifecycle.onStop('http', () => closeHttp(app, waiting, drain), httpLimitMs);
  const url = await listenOn(
    {
      host: env.INGRESS_HOST,
      port: env.INGRESS_PORT,
      variables: { host: 'INGRESS_HOST', port: 'INGRESS_PORT' },
    },
    (address) => app.listen({ ...address, backlog: LISTEN_BACKLOG }),
  );
  return { url, metricsUrl: operations.url };
}
