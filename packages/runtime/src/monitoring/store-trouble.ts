import type { Logger } from '../logging/logger.ts';

export interface StoreHealth {
  /** For people, such as `Redis`. */
  readonly name: string;
  /** Why it cannot be used, for people, without addresses or secrets; undefined if it can. */
  readonly why: () => string | undefined;
}

const LOOK_EVERY_MS = 250;
const SAY_AGAIN_MS = 30_000;

/**
 * Logs trouble with a process's stores when it begins or changes, every 30 s while it lasts, and when it is over.
 * It checks at once, so call it after the first health checks.
 *
 * @param options.lookEveryMs an argument for tests, like `sayAgainMs`
 */
export function logStoreTrouble(
  logger: Pick<Logger, 'info' | 'error'>,
  stores: readonly StoreHealth[],
  { lookEveryMs = LOOK_EVERY_MS, sayAgainMs = SAY_AGAIN_MS } = {},
): { stop(): void } {
  const said = new Map<string, { readonly why: string | undefined; readonly atMs: number }>();

  function look(): void {
    const nowMs = performance.now();
    for (const { name, why: ask } of stores) {
      const why = ask();
      const last = said.get(name);
      const isNews = last?.why !== why;
      if (!isNews && (why === undefined || nowMs - (last?.atMs ?? 0) < sayAgainMs)) continue;
      said.set(name, { why, atMs: nowMs });
      if (why === undefined) logger.info({ store: name }, `${name}: OK`);
      else logger.error({ store: name }, why);
    }
  }

  look();
  const timer = setInterval(look, lookEveryMs);
  return { stop: () => clearInterval(timer) };
}
