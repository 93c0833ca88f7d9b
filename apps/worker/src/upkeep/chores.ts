import type { Database } from '@live-feed/database/connection/client';
import { createSteadyClock, STEADY_EVERY_MS } from '@live-feed/database/connection/steady-clock';
import { aniCapsUsed, countParkedLeads } from '@live-feed/database/directory/dialer-figures';
import { forgetClaims } from '@live-feed/database/duplicates/phone-claims';
import { addChanges, forgetFigures, rollUp } from '@live-feed/database/figures/count-leads';
import { forgetKeys } from '@live-feed/database/leads/idempotency-keys';
import { forgetRefused } from '@live-feed/database/refused/refused-requests';
import type { RetentionCutoff } from '@live-feed/database/upkeep/retention-cutoff';
import type { LeadProducer } from '@live-feed/queue/jobs/lead-producer';
import { notifyIngresses } from '@live-feed/queue/limits/admission-notes';
import type { Redis } from '@live-feed/queue/redis/redis';
import type { Logger } from '@live-feed/runtime/logging/logger';
import { repeat } from '@live-feed/runtime/repeat';
import type { AccountTools } from '../account/account-tools.ts';
import { createCampaignTurns } from '../account/campaign-turns.ts';
import type { Errands } from '../account/errands.ts';
import { createLoadFilter } from '../lane/dialer-loads.ts';
import type { DialerFigures } from '../lane/lane-metrics.ts';
import type { DialerService } from '../lane/serve-dialers.ts';
import type { WorkerMetrics } from '../metrics/worker-metrics.ts';
import { reconcile } from './reconciler.ts';
import { createRetention, isStopped, type RetentionDays } from './retention.ts';

export interface ChoreOptions {
  readonly database: Database;
  /** Connected for the role `requests`. */
  readonly redis: Redis;
  readonly producer: LeadProducer;
  readonly service: DialerService;
  readonly account: AccountTools;
  readonly errands: Errands;
  readonly metrics: WorkerMetrics;
  readonly retentionDays: RetentionDays;
  readonly logger: Logger;
}

/** What a worker does besides delivering leads, again and again. */
export interface Chores {
  /** As they were counted last, by dialer. */
  readonly figures: () => DialerFigures;
  /** Lets what is under way end. */
  stop(): Promise<void>;
}

/** How soon the ingresses learn of a backlog. */
const LOADS_EVERY_MS = 250;
/** A caller waits for an errand. */
const ERRANDS_EVERY_MS = 100;
const RECONCILE_EVERY_MS = 2_000;
const CAMPAIGNS_EVERY_MS = 2_000;
const FIGURES_EVERY_MS = 10_000;
/** Old idempotency keys, and claims on phones, go in portions: 2,000 of each a second and worker. */
const FORGET_EVERY_MS = 5_000;
const FORGET_AT_ONCE = 10_000;
/** What has changed is added up in portions, 5,000 a second and worker; a portion is a statement of some tens of milliseconds. */
const ADD_UP_EVERY_MS = 1_000;
const ADD_UP_AT_ONCE = 5_000;
const ROLL_UP_EVERY_MS = 5_000;
/** Old leads go in pages: 1,000 a second and worker. */
const RETENTION_EVERY_MS = 2_000;
const DAY_MS = 86_400_000;
const SAY_STOPPED_EVERY_MS = 3_600_000;

export function startChores(options: ChoreOptions): Chores {
  const { database, redis, producer, service, metrics, retentionDays, logger } = options;
  const loadsToPublish = createLoadFilter(service.loads);
  let figures: DialerFigures = { parked: new Map(), aniCapsUsed: new Map() };

  async function publishLoads(): Promise<void> {
    const loads = loadsToPublish();
    if (loads.length > 0) await notifyIngresses(redis, { kind: 'loads', loads });
  }

  async function reconcileOnce(): Promise<void> {
    const restored = await reconcile(database, producer);
    metrics.restored(restored);
    if (restored > 0) logger.warn({ restored }, 'leads without a job got it back');
  }

  async function count(): Promise<void> {
    figures = {
      parked: await countParkedLeads(database),
      aniCapsUsed: await aniCapsUsed(database, service.served()),
    };
  }

  async function forget(): Promise<void> {
    await forgetKeys(database, FORGET_AT_ONCE);
    await forgetClaims(database, FORGET_AT_ONCE);
    await forgetRefused(database, FORGET_AT_ONCE);
  }

  async function addUp(): Promise<void> {
    await addChanges(database, ADD_UP_AT_ONCE);
  }

  async function rollUpFigures(): Promise<void> {
    await rollUp(database, ADD_UP_AT_ONCE);
    await forgetFigures(database, ADD_UP_AT_ONCE);
  }

  let saidStoppedAt = Number.NEGATIVE_INFINITY;
  function noteCutoff(cutoff: RetentionCutoff): void {
    metrics.retentionBehind(Math.max(0, cutoff.behindMs));
    if (!isStopped(cutoff) || performance.now() - saidStoppedAt < SAY_STOPPED_EVERY_MS) return;
    saidStoppedAt = performance.now();
    logger.error(
      {
        keptSince: new Date(cutoff.beforeMs),
        retentionDays: retentionDays.leads,
        behindDays: Math.round(cutoff.behindMs / DAY_MS),
      },
      'old leads are not removed: too many days at once. Check the clocks of this machine and of PostgreSQL, and ' +
        `WORKER_RETENTION_DAYS; if all are right, run: purge --older-than ${retentionDays.leads}d --dry-run, then with --yes`,
    );
  }

  const chore = (task: () => Promise<void>, everyMs: number, failure: string) =>
    repeat(task, everyMs, (err) => logger.warn({ err }, failure));
  const retain = createRetention(database, retentionDays, noteCutoff);
  const chores = [
    chore(publishLoads, LOADS_EVERY_MS, 'the backlogs could not be published to the ingresses'),
    chore(createSteadyClock(database), STEADY_EVERY_MS, 'time could not be counted'),
    chore(reconcileOnce, RECONCILE_EVERY_MS, 'the reconciler failed'),
    chore(options.errands.take, ERRANDS_EVERY_MS, 'errands of the ingresses could not be taken'),
    chore(
      createCampaignTurns(options.account),
      CAMPAIGNS_EVERY_MS,
      'it is not known whose campaigns are to be read',
    ),
    chore(count, FIGURES_EVERY_MS, 'parked leads and ANIs could not be counted'),
    chore(
      forget,
      FORGET_EVERY_MS,
      'old idempotency keys, claims on phones and refused requests could not be removed',
    ),
    chore(addUp, ADD_UP_EVERY_MS, 'ended leads could not be added to the figures'),
    chore(rollUpFigures, ROLL_UP_EVERY_MS, 'old figures could not be rolled up'),
    chore(retain, RETENTION_EVERY_MS, 'old leads could not be removed'),
  ];
  return {
    figures: () => figures,
    async stop() {
      await Promise.all(chores.map((each) => each.stop()));
    },
  };
}
