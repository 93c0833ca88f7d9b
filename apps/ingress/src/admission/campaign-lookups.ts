import { setTimeout as pause } from 'node:timers/promises';
import type { CampaignSettings } from '@live-feed/database/directory/lookups';
import { LRUCache } from 'lru-cache';
import type { WorkerErrands } from '../errands/worker-errands.ts';
import { type CallerCaps, createCallerCaps } from './caller-caps.ts';
import type { Directory } from './directory.ts';

/** Looks up campaigns that are not known on the dialing system, where workers read its campaigns by themselves. */
export interface CampaignLookups {
  /**
   * Called for a campaign that is not known. However many callers name one, the dialing system is asked once a minute for a company at most;
   * those that come while it is being asked wait for the same answer.
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
/** How often a caller that waits for another process's question looks for the campaign. */
const LOOK_EVERY_MS = 250;
/** How long it is remembered whether a dialer's campaigns are read. */
const ON_MS = 5_000;

/** Times of `performance.now()`. */
interface Asked {
  /** When the dialing system may be asked again. */
  readonly againAt: number;
  /** Until when an answer may come that another process waits for. */
  readonly overAt: number;
}

export function createCampaignLookups({ directory, errands, isOn }: LookupOptions): CampaignLookups {
  const on = new LRUCache<string, boolean>({ max: 10_000, ttl: ON_MS });
  const underWay = new Map<string, Promise<Asked>>();
  const waiting: CallerCaps = createCallerCaps({ ofIngress: 500, ofCompany: 100, unknown: () => 0 });

  async function isSwitchedOn(dialerId: string): Promise<boolean> {
    const known = on.get(dialerId) ?? (await isOn(dialerId).catch(() => false));
    on.set(dialerId, known);
    return known;
  }

  /** Has the dialing system asked, if it was not within the last minute. */
  async function ask(companyId: string, dialerId: string): Promise<Asked> {
    const beganAt = performance.now();
    const once = { name: `campaigns:${companyId}`, everyMs: EVERY_MS };
    const run = await errands.run({ kind: 'campaigns', companyId, dialerId }, { waitMs: WAIT_MS, once });
    if (run.kind === 'not_sent') return { againAt: performance.now() + WAIT_MS, overAt: beganAt };
    const againAt = run.kind === 'recent' ? performance.now() + run.againInMs : beganAt + EVERY_MS;
    // Another process may have asked just now, and wait for the answer.
    return { againAt, overAt: run.kind === 'recent' ? againAt - EVERY_MS + WAIT_MS : beganAt };
  }

  /** Of many callers in one process the first one asks. */
  function askOnce(companyId: string, dialerId: string): Promise<Asked> {
    const asked =
      underWay.get(companyId) ?? ask(companyId, dialerId).finally(() => underWay.delete(companyId));
    underWay.set(companyId, asked);
    return asked;
  }

  async function waitFor(companyId: string, dialerId: string, campaignId: string): Promise<Lookup> {
    const { againAt, overAt } = await askOnce(companyId, dialerId);
    for (;;) {
      const campaign = await directory.recheckCampaign(companyId, campaignId);
      if (campaign !== null) return { kind: 'known', campaign };
      if (performance.now() >= overAt) return { kind: 'unknown', againInS: secondsUntil(againAt) };
      await pause(LOOK_EVERY_MS);
    }
  }

  return {
    async lookUp({ companyId, dialerId }, campaignId) {
      if (!(await isSwitchedOn(dialerId))) return { kind: 'off' };
      if (waiting.enter(companyId) !== undefined) {
        return { kind: 'unknown', againInS: WAIT_MS / 1_000 };
      }
      try {
        return await waitFor(companyId, dialerId, campaignId);
      } finally {
        waiting.leave(companyId);
      }
    },
  };
}

function secondsUntil(at: number): number {
  return Math.max(1, Math.ceil((at - performance.now()) / 1_000));
}
