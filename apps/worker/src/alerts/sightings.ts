import {
  seeArrivals,
  seeCampaignNames,
  seeCompanies,
  seeDialers,
  seeOutcomes,
  seeParked,
  seeWebhooksOff,
} from '@live-feed/database/alerts/alert-sightings';
import type { Database } from '@live-feed/database/connection/client';
import { aniCapsUsed } from '@live-feed/database/directory/dialer-figures';
import { type QueueBacklog, readBacklog } from '@live-feed/queue/jobs/queue-backlog';
import { dialerAddress } from '@live-feed/queue/limits/dialer-address';
import { createDialerHealth, type DialerStanding } from '@live-feed/queue/limits/dialer-health';
import { isReady, type Redis } from '@live-feed/queue/redis/redis';

/** What is to be seen now: each is read at most once, for all rules that look at it. */
export interface Sightings {
  companyNames(): Promise<ReadonlyMap<string, string>>;
  /** By `campaignKey`. */
  campaignNames(): Promise<ReadonlyMap<string, string>>;
  outcomes(forMs: number): ReturnType<typeof seeOutcomes>;
  parked(): ReturnType<typeof seeParked>;
  arrivals(of: 'company' | 'campaign'): ReturnType<typeof seeArrivals>;
  webhooksOff(): ReturnType<typeof seeWebhooksOff>;
  /** Used shares of today's caps, 0 to 1, by company. */
  capsUsed(): Promise<ReadonlyMap<string, number>>;
  /** By company. @throws SightingError while Redis is away */
  standings(): Promise<ReadonlyMap<string, DialerStanding>>;
  /** By company. @throws SightingError while Redis is away */
  backlogs(): Promise<ReadonlyMap<string, QueueBacklog>>;
}

/** It cannot be seen now; the message is for people. */
export class SightingError extends Error {
  override readonly name = 'SightingError';
}

export function campaignKey(companyId: string, campaignId: string): string {
  return `${companyId} ${campaignId}`;
}

const DIALERS_AT_ONCE = 100;

/** @param redis connected for the role `requests` */
export function openSightings(database: Database, redis: Redis): Sightings {
  const seen = new Map<string, Promise<unknown>>();
  function once<Seen>(what: string, see: () => Promise<Seen>): Promise<Seen> {
    const known = seen.get(what);
    if (known !== undefined) return known as Promise<Seen>;
    const seeing = see();
    seen.set(what, seeing);
    return seeing;
  }

  const dialers = () => once('dialers', () => seeDialers(database));
  const health = createDialerHealth(redis);

  async function ofDialers<Seen>(
    ask: (dialer: Awaited<ReturnType<typeof seeDialers>>[number]) => Promise<Seen>,
  ): Promise<ReadonlyMap<string, Seen>> {
    const found = new Map<string, Seen>();
    const all = await dialers();
    for (let at = 0; at < all.length; at += DIALERS_AT_ONCE) {
      if (!isReady(redis)) throw new SightingError('Redis cannot be reached.');
      const some = all.slice(at, at + DIALERS_AT_ONCE);
      const answers = await Promise.all(some.map(ask)).catch((cause: unknown) => {
        throw new SightingError('Redis did not answer.', { cause });
      });
      some.forEach(({ companyId }, place) => {
        const answer = answers[place];
        if (answer !== undefined) found.set(companyId, answer);
      });
    }
    return found;
  }

  return {
    companyNames: () =>
      once(
        'company names',
        async () => new Map((await seeCompanies(database)).map(({ id, name }) => [id, name])),
      ),
    campaignNames: () =>
      once(
        'campaign names',
        async () =>
          new Map(
            (await seeCampaignNames(database)).map(({ companyId, campaignId, name }) => [
              campaignKey(companyId, campaignId),
              name ?? campaignId,
            ]),
          ),
      ),
    outcomes: (forMs) => once(`outcomes of ${forMs} ms`, () => seeOutcomes(database, forMs)),
    parked: () => once('parked leads', () => seeParked(database)),
    arrivals: (of) => once(`arrivals by ${of}`, () => seeArrivals(database, of)),
    webhooksOff: () => once('webhooks', () => seeWebhooksOff(database)),
    capsUsed: () =>
      once('caps', async () => {
        const all = await dialers();
        const shares = await aniCapsUsed(
          database,
          all.map(({ id }) => id),
        );
        return new Map(all.map(({ id, companyId }) => [companyId, shares.get(id) ?? 0]));
      }),
    standings: () => once('standings', () => ofDialers((dialer) => health.describe(dialerAddress(dialer)))),
    backlogs: () => once('backlogs', () => ofDialers(({ id }) => readBacklog(redis, id))),
  };
}
