import { useOverlays } from '@live-feed/core/caller-id/overlays';
import { systemClock } from '@live-feed/core/clock';
import { createCompanyLine } from '@live-feed/core/company-line';
import { newId } from '@live-feed/core/ids';
import { findCampaignSync } from '@live-feed/database/directory/campaign-syncs';
import { findCampaign, findKey } from '@live-feed/database/directory/lookups';
import { writeRefused } from '@live-feed/database/refused/refused-requests';
import { createOutboundClient } from '@live-feed/outbound/http/outbound-client';
import { createLeadProducer } from '@live-feed/queue/jobs/lead-producer';
import { notifyIngresses, readAdmissionNotes } from '@live-feed/queue/limits/admission-notes';
import { readDialerStop } from '@live-feed/queue/limits/dialer-stops';
import { takeLeadOfKey } from '@live-feed/queue/limits/key-limits';
import { createKeptAnswers } from '@live-feed/queue/phone-checks/kept-answers';
import { isReady, redisTrouble } from '@live-feed/queue/redis/redis';
import { completionStream, readCompletions } from '@live-feed/queue/streams/completion-stream';
import { listenOn } from '@live-feed/runtime/configuration/listen-address';
import type { ProcessContext } from '@live-feed/runtime/main';
import { createMetrics } from '@live-feed/runtime/monitoring/metrics';
import { startOperationsServer } from '@live-feed/runtime/monitoring/operations-server';
import { observeStores } from '@live-feed/runtime/monitoring/store-metrics';
import { repeat } from '@live-feed/runtime/repeat';
import { createAdmission } from './admission/admission.ts';
import { createCallerCaps } from './admission/caller-caps.ts';
import { createCampaignLookups } from './admission/campaign-lookups.ts';
import { createDirectory } from './admission/directory.ts';
import { STATEMENT_LINE } from './admission/in-line.ts';
import { createKnownStops } from './admission/known-stops.ts';
import { createUnreportedBacklogs } from './admission/unreported-backlogs.ts';
import type { IngressEnvironment } from './environment.ts';
import { createWorkerErrands } from './errands/worker-errands.ts';
import type { Shortcomings } from './http/health-routes.ts';
import { LISTEN_BACKLOG } from './http/http-limits.ts';
import { buildIngress } from './ingress.ts';
import { createIngressMetrics } from './ingress-metrics.ts';
import { watchRows } from './outcome/row-watch.ts';
import { createWaitingCallers } from './outcome/waiting-callers.ts';
import { createPhoneChecks } from './phone-check/phone-checks.ts';
import { createRefusalRecord } from './refused/refusal-record.ts';
import { closeHttp, LAST_ANSWERS_MS } from './stopping/close-http.ts';
import { createDrain } from './stopping/drain.ts';
import { openDatabases, openRedis } from './stores.ts';
import { createPhoneLooks } from './submit/phone-looks.ts';
import { watchedProducer } from './watched-producer.ts';

/** A caller whose completion event was lost gets its answer this much later at most. */
const WATCH_EVERY_MS = 500;

/** The part of an ordered stop that is left for everything that is closed after HTTP. */
const OTHER_STEPS_MS = 2_000;

/** Refused leads are recorded in batches, off the way of their requests. */
const RECORD_EVERY_MS = 1_000;

/** The other ingresses hear of a refused request well before it can come back to one of them. */
const TELL_EVERY_MS = 100;

/**
 * Starts everything that the process is made of. Whatever is opened is registered with the lifecycle, which closes it.
 *
 * @returns the addresses it listens on, for the log
 */
export async function startIngressProcess(
  context: ProcessContext<IngressEnvironment>,
): Promise<Record<string, unknown>> {
  const { env, logger, lifecycle } = context;
  useOverlays(env.AREA_CODES_FILE);
  const metrics = createMetrics();
  const { database, reading, promises, databaseHealth } = await openDatabases(context, metrics);
  const { redis, streamRedis, notesRedis } = await openRedis(context);
  const onRedisError = (err: unknown) => logger.warn({ err }, 'redis reported an error');

  const waiting = createWaitingCallers();
  const ingressMetrics = createIngressMetrics(
    metrics,
    () => waiting.size,
    () => phoneChecks.unavailable,
  );
  const outbound = createOutboundClient({ allowPrivate: env.WEBHOOK_ALLOW_PRIVATE });
  lifecycle.onStop('outbound requests', async () => outbound.close());
  const refusals = createRefusalRecord({
    write: (refused) => writeRefused(database, refused),
    digests: env.PHONE_DIGEST_SECRET,
    now: databaseHealth.now,
    onNotRecorded: ingressMetrics.refusalNotRecorded,
  });
  const onUnrecorded = (err: unknown) => logger.warn({ err }, 'refused leads could not be recorded');
  const recording = repeat(refusals.flush, RECORD_EVERY_MS, onUnrecorded);
  lifecycle.onStop('record of refused leads', async () => {
    await recording.stop();
    await refusals.flush().catch(onUnrecorded);
  });
  const phoneChecks = createPhoneChecks({
    outbound,
    kept: createKeptAnswers(redis, databaseHealth.now),
    keyring: env.SEAL_KEYS,
    logger,
    now: databaseHealth.now,
    onVerdict: ingressMetrics.phoneChecked,
  });
  observeStores(metrics, { postgresql: databaseHealth.alive, redis: () => isReady(redis) });
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
  const publishing = repeat(
    async () => {
      const note = admission.toPublish();
      if (note !== undefined) await notifyIngresses(redis, note);
    },
    TELL_EVERY_MS,
    (err) =>
      logger.warn({ err }, 'the other ingresses could not be notified of requests that will come back'),
  );
  lifecycle.onStop('publishing of admission notes', () => publishing.stop());
  const producer = createLeadProducer(redis, onRedisError);
  lifecycle.onStop('queues', () => producer.close());

  const unreportedBacklogs = createUnreportedBacklogs({
    maxBacklog: env.INGRESS_MAX_BACKLOG,
    count: producer.count,
    onError: (err) => logger.warn({ err }, 'a queue could not be counted'),
  });

  function missing(): Shortcomings {
    const database = databaseHealth.why();
    const queue = redisTrouble(redis);
    return {
      ...(database === undefined ? {} : { database }),
      ...(queue === undefined ? {} : { queue }),
      ...(lifecycle.stopping ? { stopping: 'this process is stopping' } : {}),
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
  const errands = createWorkerErrands(redis, env.SEAL_KEYS, (err) =>
    logger.warn({ err }, 'an errand could not be sent, or its answer not be read'),
  );
  const directory = createDirectory({
    alive: databaseHealth.alive,
    findKey: (...digests) => findKey(database, ...digests),
    findCampaign: (companyId, campaignId) => findCampaign(database, companyId, campaignId),
  });
  const app = await buildIngress({
    errands,
    directory,
    campaignLookups: createCampaignLookups({
      directory,
      errands,
      isOn: async (dialerId) => (await findCampaignSync(database, dialerId)) !== null,
    }),
    database,
    reading,
    databaseHealth,
    missing,
    metrics: ingressMetrics,
    refusals,
    producer: watchedProducer(producer, ({ dialerId, leadId }, tookMs) => {
      ingressMetrics.queued(tookMs);
      unreportedBacklogs.queued(dialerId, leadId);
    }),
    takeLeadOfKey: (limits) => takeLeadOfKey(redis, limits, databaseHealth.now()),
    phoneChecks,
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
    maxBacklog: env.INGRESS_MAX_BACKLOG,
    stops: createKnownStops((address) => readDialerStop(redis, address)),
    drain,
    unreportedBacklogs,
    line: createCompanyLine(STATEMENT_LINE),
    phoneLooks: createPhoneLooks(),
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
  lifecycle.onStop('http', () => closeHttp(app, waiting.endWaits, drain), httpLimitMs);
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
