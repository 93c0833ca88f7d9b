import { z } from 'zod';
import { isReady, type Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';

/**
 * What companies' checks said of phones, for all ingresses. By the phone's keyed digest, never by the phone. The answers of a check are in one hash for
 * each period as long as they hold, so those of two periods are looked at, and both are bounded.
 */
export interface KeptAnswers {
  /** @returns undefined also if Redis does not answer */
  read(check: CheckedPhone): Promise<KeptAnswer | undefined>;
  /** @throws Error if Redis does not take it */
  keep(check: CheckedPhone, answer: KeptAnswer): Promise<void>;
}

export interface CheckedPhone {
  /** Of the check; another URL has another one. */
  readonly checkId: string;
  readonly phoneDigest: string;
  /** How long an answer holds. */
  readonly cacheMs: number;
}

const answerSchema = z.object({
  allow: z.boolean(),
  /** Of a refusal; sealed. */
  reason: z.string().nullable(),
  /** When it was given, milliseconds since the epoch. */
  atMs: z.number(),
});

export type KeptAnswer = z.infer<typeof answerSchema>;

/** Answers of one period of a check: about 20 MB. */
const MOST_ANSWERS = 100_000;
/** 128 bits of the digest: two phones of a company do not meet. */
const DIGITS = 32;

const keepAnswer = redisScript(new URL('./keep-answer.lua', import.meta.url));

/**
 * @param redis connected for the role `requests`
 * @param most replaces the bound in tests
 */
export function createKeptAnswers(redis: Redis, now: () => number, most = MOST_ANSWERS): KeptAnswers {
  const keyOf = ({ checkId, cacheMs }: CheckedPhone, periodsAgo: number) =>
    `{lf:check:${checkId}}:${cacheMs}:${Math.floor(now() / cacheMs) - periodsAgo}`;

  return {
    async read(check) {
      if (!isReady(redis)) return undefined;
      const phone = check.phoneDigest.slice(0, DIGITS);
      const found = await Promise.all([0, 1].map((ago) => redis.hget(keyOf(check, ago), phone)));
      return found.map(parsed).find((answer) => answer !== undefined && holds(answer, check.cacheMs, now()));
    },
    async keep(check, answer) {
      if (!isReady(redis)) return;
      const phone = check.phoneDigest.slice(0, DIGITS);
      const args = [phone, JSON.stringify(answer), most, 2 * check.cacheMs];
      await keepAnswer.run(redis, [keyOf(check, 0)], args);
    },
  };
}

/** One from the future is of a clock that was wrong. */
function holds({ atMs }: KeptAnswer, cacheMs: number, nowMs: number): boolean {
  return atMs <= nowMs + MOST_APART_MS && atMs + cacheMs > nowMs;
}

/** Clocks of two ingresses. */
const MOST_APART_MS = 60_000;

function parsed(text: string | null): KeptAnswer | undefined {
  if (text === null) return undefined;
  try {
    return answerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
