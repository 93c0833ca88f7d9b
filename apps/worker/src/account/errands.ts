import type { Keyring } from '@live-feed/core/crypto/sealing';
import { ERRAND_ANSWER, type Errand, type ErrandAnswer } from '@live-feed/core/directory/errand';
import { findCampaignSync } from '@live-feed/database/directory/campaign-syncs';
import { answerErrand, type TakenErrand, takeErrands } from '@live-feed/queue/errands/errands';
import type { Redis } from '@live-feed/queue/redis/redis';
import type { AccountTools } from './account-tools.ts';
import { cancelLead, lookAtLead } from './lead-errands.ts';
import { syncCampaigns } from './sync-campaigns.ts';

/**
 * Errands that this worker has under way; no more are taken beyond. More than an ingress has questions under way: those of a few companies
 * whose dialing systems are slow must not hold up the others.
 */
const MOST_AT_ONCE = 64;
/** Lists of campaigns among them, which take longest. */
const MOST_LISTS = 16;

export interface Errands {
  /** Takes those that wait, as far as there is room. They go on after that. */
  take(): Promise<void>;
  /** Resolves once none is under way. */
  idle(): Promise<void>;
}

/** @param redis connected for the role `requests` */
export function createErrands(tools: AccountTools, redis: Redis, keyring: Keyring): Errands {
  const underWay = new Set<Promise<void>>();
  let lists = 0;

  async function answerOf(errand: Errand, giveUpAt: number): Promise<ErrandAnswer> {
    switch (errand.kind) {
      case 'campaigns':
        if (lists >= MOST_LISTS) return { kind: 'campaigns', read: false };
        lists += 1;
        return readCampaigns(tools, errand.dialerId).finally(() => {
          lists -= 1;
        });
      case 'progress':
        return lookAtLead(tools, errand, giveUpAt);
      case 'cancel':
        return cancelLead(tools, errand, giveUpAt);
    }
  }

  async function run({ id, errand, leftMs }: TakenErrand): Promise<void> {
    const { kind, companyId } = errand;
    try {
      const answer = await answerOf(errand, performance.now() + leftMs);
      const sealed = keyring.seal(JSON.stringify(answer), { companyId, column: ERRAND_ANSWER });
      await answerErrand(redis, id, sealed);
      tools.logger.info({ errand: kind, companyId, answer: answer.kind }, 'an errand was answered');
    } catch (err) {
      // Its ingress says that nothing is known.
      tools.logger.warn({ errand: kind, companyId, err }, 'an errand failed');
    }
  }

  return {
    async take() {
      const room = tools.stopping.aborted ? 0 : MOST_AT_ONCE - underWay.size;
      if (room <= 0) return;
      for (const taken of await takeErrands(redis, room)) {
        const running: Promise<void> = run(taken).finally(() => underWay.delete(running));
        underWay.add(running);
      }
    },
    async idle() {
      await Promise.all(underWay);
    },
  };
}

/** Only where it is switched on: this errand comes from a caller, who has named an unknown campaign. */
async function readCampaigns(tools: AccountTools, dialerId: string): Promise<ErrandAnswer> {
  if ((await findCampaignSync(tools.database, dialerId)) === null) return { kind: 'campaigns', read: false };
  await syncCampaigns(tools, dialerId);
  const sync = await findCampaignSync(tools.database, dialerId);
  return { kind: 'campaigns', read: sync !== null && sync.failure === null };
}
