import type { Answered } from '../judge/history.ts';
import type { Wording } from './load.ts';

/** How a caller of a kind submits one lead, from the first request to the last. */
export type Caller = (world: CallersWorld) => Promise<void>;

interface CallersWorld {
  ask(wording: Wording): Promise<Answered>;
  /** Ends early when the load does. */
  pause(ms: number): Promise<void>;
  isStopping(): boolean;
  nextPhone(): string;
  /** In [0, 1), seeded. */
  readonly random: () => number;
}

/** After a refusal a caller thinks before it goes on. */
const AFTER_REFUSAL_MS = 250;
/** A 429 is asked again so often, a keyed request whatever has not ended. */
const REPETITIONS = 4;
/** Does not wait for the dialing system, and would ask without end. */
const BETWEEN_PREFERENCES_MS = 400;

/** As the vendor's clients do it: again after a 429, once the time that it tells has passed, and after nothing else. */
const waiting: Caller = async ({ ask, pause, isStopping, nextPhone }) => {
  const wording = { kind: 'waiting', phone: nextPhone() } as const;
  for (let n = 0; n < REPETITIONS; n += 1) {
    const { status, retryAfterMs } = await ask(wording);
    if (status !== 200) await pause(Math.max(retryAfterMs, AFTER_REFUSAL_MS));
    if (status !== 429 || isStopping()) return;
  }
};

const UNFINISHED: ReadonlySet<number | null> = new Set([null, 429, 503, 504]);

/** Repeats under its key what has no final answer; sometimes at once, without having waited for one. */
const keyed: Caller = async ({ ask, pause, isStopping, nextPhone, random }) => {
  const phone = nextPhone();
  const wording = { kind: 'keyed', phone, key: `key ${phone}` } as const;
  for (let n = 0; n < REPETITIONS; n += 1) {
    const atOnce = random() < 0.2;
    const [first] = await Promise.all([ask(wording), ...(atOnce ? [ask(wording)] : [])]);
    if (!UNFINISHED.has(first.status)) return;
    await pause(Math.max(first.retryAfterMs, AFTER_REFUSAL_MS));
    if (isStopping()) return;
  }
};

const preferring: Caller = async ({ ask, pause, nextPhone, random }) => {
  const prefer = random() < 0.5 ? 'respond-async' : 'wait=1';
  const { retryAfterMs } = await ask({ kind: 'preferring', phone: nextPhone(), prefer });
  await pause(Math.max(retryAfterMs, BETWEEN_PREFERENCES_MS * (0.5 + random())));
};

/** Asks for the same two or three times at once, at different ingresses. */
const joining: Caller = async ({ ask, pause, nextPhone, random }) => {
  const wording = { kind: 'joining', phone: nextPhone() } as const;
  const times = random() < 0.5 ? 2 : 3;
  const answers = await Promise.all(Array.from({ length: times }, () => ask(wording)));
  const refused = answers.filter(({ status }) => status !== 200);
  if (refused.length > 0)
    await pause(Math.max(AFTER_REFUSAL_MS, ...refused.map(({ retryAfterMs }) => retryAfterMs)));
};

/** Who calls: most wait, as most do. Four of each company for every one of the other kinds. */
export const callers: readonly Caller[] = [
  ...Array.from({ length: 48 }, () => waiting),
  ...Array.from({ length: 8 }, () => keyed),
  ...Array.from({ length: 4 }, () => preferring),
  ...Array.from({ length: 4 }, () => joining),
];
