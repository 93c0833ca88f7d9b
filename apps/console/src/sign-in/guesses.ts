import type { Logger } from '@live-feed/runtime/logging/logger';
import type { FastifyRequest } from 'fastify';
import type { ConsoleMetrics } from '../console-metrics.ts';
import { clientAddress, countedAddress } from './client-address.ts';
import type { SignInLimit } from './sign-in-limit.ts';

/** How something that could be guessed was judged. */
export type Judged =
  | { readonly is: 'right' }
  | { readonly is: 'wrong' }
  | { readonly is: 'blocked'; readonly forMs: number };

/** Judges passwords and codes, each address and account so often at most. */
export interface Guesses {
  /**
   * @param account a person's id, or what stands for an unknown name
   * @param isRight asked only if the attempt is allowed
   * @param last whether the person is in when it is right, so that former failures are forgotten
   */
  judge(
    request: FastifyRequest,
    account: string,
    isRight: () => Promise<boolean>,
    last: boolean,
  ): Promise<Judged>;
}

export function createGuesses(options: {
  readonly limit: SignInLimit;
  readonly logger: Logger;
  readonly metrics: ConsoleMetrics;
}): Guesses {
  const { limit, logger, metrics } = options;
  return {
    async judge(request, account, isRight, last) {
      const ip = clientAddress(request);
      const attempt = { address: countedAddress(ip), account };
      // Between checking the limit and counting there is no await, so that requests at the same time cannot evade it.
      const forMs = limit.blockedForMs(attempt);
      if (forMs > 0) return { is: 'blocked', forMs };
      limit.begin(attempt);
      if (!(await isRight())) {
        metrics.signInFailed();
        // Without the name: it may be a password in the wrong field.
        logger.warn({ ip }, 'a sign-in failed');
        return { is: 'wrong' };
      }
      if (last) limit.succeeded(attempt);
      else limit.takeBack(attempt);
      return { is: 'right' };
    },
  };
}
