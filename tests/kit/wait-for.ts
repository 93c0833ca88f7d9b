import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until `condition` returns something truthy, and returns that. Throws after `timeoutMs` (default 30 s), with what
 * the condition threw last, if it did.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 30_000, everyMs = 20, what = 'the condition' } = {},
): Promise<Exclude<Awaited<T>, undefined | null | false | 0 | ''>> {
  const endsAt = performance.now() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const value = await condition();
      if (value) return value as Exclude<Awaited<T>, undefined | null | false | 0 | ''>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await delay(everyMs);
  } while (performance.now() < endsAt);
  throw new Error(`${what} did not come true within ${timeoutMs / 1000} s`, { cause });
}
