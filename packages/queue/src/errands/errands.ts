import { setTimeout as pause } from 'node:timers/promises';
import { type Errand, errandSchema } from '@live-feed/core/directory/errand';
import { newId } from '@live-feed/core/ids';
import { z } from 'zod';
import { isReady, type Redis } from '../redis/redis.ts';
import { redisScript } from '../redis/redis-script.ts';

/**
 * Errands of ingresses, which any worker takes: a list in Redis, and a key for each answer. Both sides poll, since errands are rare and a blocking
 * read would cost each process a connection. An errand that is lost with its worker is not repeated: its ingress says that nothing is known.
 */

const TAG = '{lf:errands}';
const WAITING = `${TAG}:waiting`;
const answerKey = (id: string) => `${TAG}:answer:${id}`;
const onceKey = (name: string) => `${TAG}:once:${name}`;

/** Errands that wait for a worker, at most; more are refused. */
const MOST_WAITING = 500;
/** Nobody waits for longer. */
const KEEP_ANSWER_MS = 30_000;
/** How often an ingress looks for an answer. */
const LOOK_EVERY_MS = 50;

const addErrand = redisScript(new URL('./add-errand.lua', import.meta.url));
const takeErrandsScript = redisScript(new URL('./take-errands.lua', import.meta.url));

export type AddedErrand =
  | { readonly kind: 'added'; readonly id: string }
  /** Too many wait already. */
  | { readonly kind: 'full' }
  /** The like was added a moment ago, and has this id. */
  | { readonly kind: 'recent'; readonly id: string; readonly againInMs: number }
  /** Redis did not say in time whether it was added: it may be carried out. */
  | { readonly kind: 'unsure'; readonly error: unknown };

export interface ErrandOptions {
  /** How long its answer will be waited for; a worker begins it within that time or never. */
  readonly waitMs: number;
  /** Errands of one name are added once in `everyMs` only, by all processes together. */
  readonly once?: { readonly name: string; readonly everyMs: number };
}

/**
 * @param redis connected for the role `requests`
 * @throws at once while Redis is unavailable
 */
export async function sendErrand(
  redis: Redis,
  errand: Errand,
  { waitMs, once }: ErrandOptions,
): Promise<AddedErrand> {
  if (!isReady(redis)) throw new Error('There are no errands while Redis is unavailable.');
  const id = newId();
  const keys = [WAITING, onceKey(once?.name ?? '')];
  const args = [JSON.stringify({ id, errand }), Math.ceil(waitMs), MOST_WAITING, once?.everyMs ?? 0, id];
  try {
    const [kind, againInMs, like] = addedSchema.parse(await addErrand.run(redis, keys, args));
    if (kind === 'added') return { kind, id };
    return kind === 'full' ? { kind } : { kind, id: like, againInMs };
  } catch (error) {
    return { kind: 'unsure', error };
  }
}

const addedSchema = z.tuple([z.enum(['added', 'full', 'recent']), z.number(), z.string()]);

/** @returns the sealed answer; undefined if there is none in time, or Redis has become unavailable */
export async function errandAnswer(redis: Redis, id: string, waitMs: number): Promise<string | undefined> {
  const endsAt = performance.now() + waitMs;
  do {
    await pause(LOOK_EVERY_MS);
    const answer = isReady(redis) ? await redis.get(answerKey(id)).catch(() => null) : null;
    if (answer !== null) return answer;
  } while (performance.now() < endsAt);
  return undefined;
}

export interface TakenErrand {
  readonly id: string;
  readonly errand: Errand;
  /** How long its answer is waited for from now on. */
  readonly leftMs: number;
}

const entrySchema = z.object({ id: z.string(), errand: errandSchema });

/**
 * At most `most` of those that wait. One that cannot be read, of another release, is dropped.
 *
 * @param redis connected for the role `requests`
 */
export async function takeErrands(redis: Redis, most: number): Promise<TakenErrand[]> {
  if (!isReady(redis)) return [];
  const taken = z
    .array(z.union([z.number(), z.string()]))
    .parse(await takeErrandsScript.run(redis, [WAITING], [most]));
  const errands: TakenErrand[] = [];
  for (let at = 0; at < taken.length; at += 2) {
    const entry = entrySchema.safeParse(parsed(String(taken[at + 1])));
    if (entry.success) errands.push({ ...entry.data, leftMs: Number(taken[at]) });
  }
  return errands;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param answer sealed */
export async function answerErrand(redis: Redis, id: string, answer: string): Promise<void> {
  await redis.set(answerKey(id), answer, 'PX', KEEP_ANSWER_MS);
}
