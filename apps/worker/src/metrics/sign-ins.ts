import type { SignInOptions, SignInStep } from '@live-feed/dialers/family';
import type { Logger } from '@live-feed/runtime/logging/logger';
import type { Metrics } from '@live-feed/runtime/monitoring/metrics';

const STEPS: readonly SignInStep[] = ['sign-in', 'exchange', 'refresh'];
const RESULTS = ['done', 'refused', 'throttled', 'failing'] as const;

/** Counts the calls that get access tokens. */
export function observeSignIns(
  metrics: Metrics,
  logger: Pick<Logger, 'warn'>,
): NonNullable<SignInOptions['observe']> {
  const counter = metrics.counter(
    'live_feed_sign_ins_total',
    'Calls that get access tokens for dialers with a JWT credential. sign-in: at RingCentral; exchange: for one of RingCX; refresh: its renewal.',
    ['step', 'result'],
  );
  for (const step of STEPS) for (const result of RESULTS) counter.inc({ step, result }, 0);
  return (step, result, reason) => {
    counter.inc({ step, result });
    if (result !== 'done') logger.warn({ step, result, reason }, 'no access token was got');
  };
}
