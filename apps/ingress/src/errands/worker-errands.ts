import type { Keyring } from '@live-feed/core/crypto/sealing';
import {
  ERRAND_ANSWER,
  type Errand,
  type ErrandAnswer,
  errandAnswerSchema,
} from '@live-feed/core/directory/errand';
import {
  type AddedErrand,
  type ErrandOptions,
  errandAnswer,
  sendErrand,
} from '@live-feed/queue/errands/errands';
import type { Redis } from '@live-feed/queue/redis/redis';

/** Has workers, which hold the dialers' tokens, do what this process cannot. */
export interface WorkerErrands {
  /** Never throws. */
  run(errand: Errand, options: ErrandOptions): Promise<ErrandRun>;
}

export type ErrandRun =
  | ErrandAnswer
  /** It was sent, or may have been, and not answered in time: it may have been done. */
  | { readonly kind: 'no_answer' }
  /** It was not sent: Redis is away, or too many errands wait. */
  | { readonly kind: 'not_sent' }
  /** The like was sent a moment ago, so this one was not. Its answer has come, or is not waited for any more. */
  | { readonly kind: 'recent'; readonly againInMs: number };

export function createWorkerErrands(
  redis: Redis,
  keyring: Keyring,
  onError: (error: unknown) => void,
): WorkerErrands {
  /** Waits for as long as whoever sent it does. @returns how long after that the like may be sent again */
  async function answerOfLike(
    { id, againInMs }: Extract<AddedErrand, { kind: 'recent' }>,
    { waitMs, once }: ErrandOptions,
  ): Promise<number> {
    const beganAt = performance.now();
    const leftMs = againInMs - ((once?.everyMs ?? 0) - waitMs);
    if (leftMs > 0) await errandAnswer(redis, id, leftMs);
    return againInMs - (performance.now() - beganAt);
  }

  return {
    async run(errand, options) {
      const sent = await sendErrand(redis, errand, options).catch((error: unknown) => {
        onError(error);
        return { kind: 'full' } as const;
      });
      if (sent.kind === 'recent') return { kind: 'recent', againInMs: await answerOfLike(sent, options) };
      if (sent.kind === 'full') return { kind: 'not_sent' };
      if (sent.kind === 'unsure') {
        onError(sent.error);
        return { kind: 'no_answer' };
      }
      const sealed = await errandAnswer(redis, sent.id, options.waitMs);
      if (sealed === undefined) return { kind: 'no_answer' };
      try {
        const { companyId } = errand;
        return errandAnswerSchema.parse(
          JSON.parse(keyring.unseal(sealed, { companyId, column: ERRAND_ANSWER })),
        );
      } catch (error) {
        onError(error);
        return { kind: 'no_answer' };
      }
    },
  };
}
