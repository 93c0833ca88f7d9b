import type { CampaignSettings } from '@live-feed/database/directory/lookups';
import { LRUCache } from 'lru-cache';
import { ApiError } from '../answers/api-error.ts';
import type { WorkerErrands } from '../errands/worker-errands.ts';
import { createCallerCaps } from './caller-caps.ts';
import { type Directory, MISSED_MS } from './directory.ts';

/** Looks up campaigns that are not known on the dialing system, where workers read its campaigns by themselves. */
export interface CampaignLookups {
  /**
   * Called for a campaign that is not known. However many callers name one, the dialing system is asked once a minute for a company at most;
   * those that come while it is being asked wait for the same answer.
   *
   * @throws ApiError 429 if too many wait
   */
  lookUp(
    whose: { readonly companyId: string; readonly dialerId: string },
    campaignId: string,
  ): Promise<Lookup>;
}

export type Lookup =
  | { readonly kind: 'known'; readonly campaign: CampaignSettings }
  /** Its company's campaigns are not looked up. */
  | { readonly kind: 'off' }
  /** Still not known. It can be looked up again by then, whole seconds. */
  | { readonly kind: 'unknown'; readonly againInS: number };

export interface LookupOptions {
  readonly directory: Pick<Directory, 'recheckCampaign'>;
  readonly errands: WorkerErrands;
  /** Whether workers read the dialer's campaigns. */
  readonly isOn: (dialerId: string) => Promise<boolean>;
}

/** How often the dialing system is asked for a company, at most, by all processes together. */
const EVERY_MS = 60_000;
/** How long a caller waits for it. */
const WAIT_MS = 5_000;
/** How long it is remembered whether a dialer's campaigns are read. */
const ON_MS = 5_000;
/** Callers that wait at once: a company's batches for a new campaign, and some of other companies. */
const AT_ONCE = { ofIngress: 5_000, ofCompany: 2_000, unknown: () => 0 };
const MOST_COMPANIES = 10_000;

/** Times of `performance.now()`. */
interface Asked {
  /** When the answer came, or was not waited for any more. */
  readonly overAt: number;
  /** When the dialing system may be asked again. */
  readonly againAt: number;
}

export function createCampaignLookups({ directory, errands, isOn }: LookupOptions): CampaignLookups {
  const on = new LRUCache<string, Promise<boolean>>({ max: MOST_COMPANIES, ttl: ON_MS });
  const lastAsked = new LRUCache<string, Asked>({ max: MOST_COMPANIES, ttl: EVERY_MS });
  const underWay = new Map<string, Promise<Asked>>();
  const waiting = createCallerCaps(AT_ONCE);

  /** A burst of callers makes one query. */
  function isSwitchedOn(dialerId: string): Promise<boolean> {
    const known = on.get(dialerId) ?? isOn(dialerId).catch(() => false);
    on.set(dialerId, known, { noUpdateTTL: true });
    return known;
  }

  /** Has the dialing system asked, if it was not within the last minute. */
  async function ask(companyId: string, dialerId: string): Promise<Asked> {
    const beganAt = performance.now();
    const once = { name: `campaigns:${companyId}`, everyMs: EVERY_MS };
    const run = await errands.run({ kind: 'campaigns', companyId, dialerId }, { waitMs: WAIT_MS, once });
    const overAt = performance.now();
    if (run.kind === 'not_sent') return { overAt, againAt: overAt + WAIT_MS };
    const asked = { overAt, againAt: run.kind === 'recent' ? overAt + run.againInMs : beganAt + EVERY_MS };
    lastAsked.set(companyId, asked);
    return asked;
  }

  /** Of many callers in one process the first one asks. */
  function askOnce(companyId: string, dialerId: string): Promise<Asked> {
    const asked =
      underWay.get(companyId) ?? ask(companyId, dialerId).finally(() => underWay.delete(companyId));
    underWay.set(companyId, asked);
    return asked;
  }

  /** @returns what was asked last, if asking now would bring nothing: the campaign was still missing after the answer */
  function answered(companyId: string): Asked | undefined {
    const asked = lastAsked.get(companyId);
    if (asked === undefined) return undefined;
    const now = performance.now();
    return now < asked.againAt && now >= asked.overAt + MISSED_MS ? asked : undefined;
  }

  async function waitFor(companyId: string, dialerId: string, campaignId: string): Promise<Lookup> {
    const cap = waiting.enter(companyId);
    if (cap !== undefined) {
      throw new ApiError('OVERLOADED', { about: cap === 'ingress' ? 'callers' : 'callers of the company' });
    }
    try {
      const { againAt } = await askOnce(companyId, dialerId);
      const campaign = await directory.recheckCampaign(companyId, campaignId);
      if (campaign !== null) return { kind: 'known', campaign };
      return { kind: 'unknown', againInS: secondsUntil(againAt) };
    } finally {
      waiting.leave(companyId);
    }
  }

  return {
    async lookUp({ companyId, dialerId }, campaignId) {
      if (!(await isSwitchedOn(dialerId))) return { kind: 'off' };
      const asked = answered(companyId);
      if (asked !== undefined) return { kind: 'unknown', againInS: secondsUntil(asked.againAt) };
      return waitFor(companyId, dialerId, campaignId);
    },
  };
}

function secondsUntil(at: number): number {
  return Math.max(1, Math.ceil((at - performance.now()) / 1_000));
}
