import type { DoubtfulAttempt } from '../delivery/attempt.ts';
import type { DeliveryTools } from '../delivery/delivery-tools.ts';
import type { ServedDialer } from '../dialer/dialer-directory.ts';
import type { ResendInHalves } from './pending-attempts.ts';
import { createVerification, type Verification } from './verification.ts';

/** Verifies leads, those of one campaign of a dialer together. */
export interface Verifier {
  /**
   * @param dialer as it is configured at the moment
   * @param attempts of one upload
   */
  verify(
    dialer: () => ServedDialer,
    campaignId: string,
    attempts: readonly DoubtfulAttempt[],
    resendInHalves: ResendInHalves,
  ): void;
  /** Leads whose outcome is being found out. */
  underVerification(): number;
  /** Resolves once nothing is verified any more. */
  idle(): Promise<void>;
}

export function createVerifier(tools: DeliveryTools): Verifier {
  const verifications = new Map<string, Verification>();
  const runs = new Set<Promise<void>>();

  function follow(run: Promise<void>): void {
    const followed: Promise<void> = run.finally(() => {
      runs.delete(followed);
      // One that pauses stays, for the leads that come back to it.
      for (const [key, { size, pausedForMs }] of verifications) {
        if (size === 0 && pausedForMs < -FORGET_AFTER_MS) verifications.delete(key);
      }
    });
    runs.add(followed);
  }

  return {
    verify(dialer, campaignId, attempts, resendInHalves) {
      const key = `${dialer().record.id} ${campaignId}`;
      let verification = verifications.get(key);
      if (verification === undefined) {
        verification = createVerification({ tools, campaignId, dialer, onRun: follow });
        verifications.set(key, verification);
      }
      verification.add(attempts, resendInHalves);
    },
    underVerification() {
      let leads = 0;
      for (const { size } of verifications.values()) leads += size;
      return leads;
    },
    async idle() {
      while (runs.size > 0) await Promise.all(runs);
    },
  };
}

/** Time for leads that were put back to come again. */
const FORGET_AFTER_MS = 60_000;
