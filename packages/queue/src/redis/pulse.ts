import { keySlot } from './key-slot.ts';
import { mastersOf, type RedisClient, slotMasters } from './redis-client.ts';

/** Written, never read. */
const KEY = '{lf:pulse}';
const EXPIRES_MS = 60_000;
/** Enough for a key on each of a hundred masters. */
const MOST_KEYS = 1_000;

/** Writes something: in a cluster on every master, because each dialer's queue is on one of them. @throws what Redis answers */
export async function writePulse(redis: RedisClient): Promise<void> {
  await Promise.all(pulseKeys(redis).map((key) => redis.set(key, '', 'PX', EXPIRES_MS)));
}

function pulseKeys(redis: RedisClient): readonly string[] {
  const masters = slotMasters(redis);
  if (masters === undefined) return [KEY];
  const count = mastersOf(redis).length;
  const keys = new Map<string | undefined, string>();
  for (let n = 0; keys.size < count && n < MOST_KEYS; n += 1) {
    const key = `{lf:pulse:${n}}`;
    const master = masters[keySlot(key)];
    if (!keys.has(master)) keys.set(master, key);
  }
  return [...keys.values()];
}
