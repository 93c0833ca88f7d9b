import type { LeadAnswer } from '@live-feed/tools/demo/post-lead';
import type { CallerKind } from '../judge/history.ts';

export interface LeadRequest {
  readonly kind: CallerKind;
  readonly phone: string;
  readonly idempotencyKey?: string;
  readonly prefer?: string;
  /** Leads of one phone with different names are different leads. */
  readonly firstName?: string;
}

/** How a caller of a kind submits one lead, from the first request to the last. */
export type Caller = (world: CallersWorld) => Promise<void>;

interface CallersWorld {
  ask(request: LeadRequest): Promise<LeadAnswer>;
  /** Puts a phone on the company's do-not-call list. @returns whether it is there; if not, it may be */
  suppress(phone: string): Promise<boolean>;
  /** The company refuses duplicates. */
  readonly refusesDuplicates: boolean;
  /** Ends early when the load does. */
  pause(ms: number): Promise<void>;
  isStopping(): boolean;
  nextPhone(): string;
  /** In [0, 1), seeded. */
  readonly random: () => number;
}

/** The least pause after a refusal. */
const AFTER_REFUSAL_MS = 250;
/** Most requests for one lead: a 429 is repeated; a keyed request is repeated until it has a final answer. */
const REPETITIONS = 4;
/** This caller does not wait for the dialing system, so it needs a pause of its own. */
const BETWEEN_PREFERENCES_MS = 400;

/** Like the vendor's clients: repeats after a 429 and its `Retry-After`, and after nothing else. */
export const waiting: Caller = async ({ ask, pause, isStopping, nextPhone }) => {
  const request = { kind: 'waiting', phone: nextPhone() } as const;
  for (let n = 0; n < REPETITIONS; n += 1) {
    const { status, retryAfterMs } = await ask(request);
    if (status !== 200) await pause(Math.max(retryAfterMs, AFTER_REFUSAL_MS));
    if (status !== 429 || isStopping()) return;
  }
};

const UNFINISHED: ReadonlySet<number | null> = new Set([null, 429, 503, 504]);

/** Repeats with its key until there is a final answer; sometimes sends two requests at once. */
const keyed: Caller = async ({ ask, pause, isStopping, nextPhone, random }) => {
  const phone = nextPhone();
  const request = { kind: 'keyed', phone, idempotencyKey: `key ${phone}` } as const;
  for (let n = 0; n < REPETITIONS; n += 1) {
    const atOnce = random() < 0.2;
    const [first] = await Promise.all([ask(request), ...(atOnce ? [ask(request)] : [])]);
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

/** Sends two or three equal requests at once, to different ingresses. */
const joining: Caller = async ({ ask, pause, nextPhone, random }) => {
  const request = { kind: 'joining', phone: nextPhone() } as const;
  const times = random() < 0.5 ? 2 : 3;
  const answers = await Promise.all(Array.from({ length: times }, () => ask(request)));
  const refused = answers.filter(({ status }) => status !== 200);
  if (refused.length > 0)
    await pause(Math.max(AFTER_REFUSAL_MS, ...refused.map(({ retryAfterMs }) => retryAfterMs)));
};

/** Sends different leads of one phone to a company that refuses duplicates: some at once, and one later. */
const rival: Caller = async (world) => {
  if (!world.refusesDuplicates) return waiting(world);
  const { ask, pause, nextPhone, random } = world;
  const phone = nextPhone();
  const lead = (firstName: string) => {
    const more = random() < 0.3 ? { idempotencyKey: `key ${phone} ${firstName}` } : {};
    return ask({
      kind: 'rival',
      phone,
      firstName,
      ...more,
      ...(random() < 0.2 ? { prefer: 'respond-async' } : {}),
    });
  };
  await Promise.all(['Ann', 'Bob', 'Cy'].map(lead));
  await pause(AFTER_REFUSAL_MS);
  const { retryAfterMs } = await lead('Dee');
  await pause(Math.max(retryAfterMs, AFTER_REFUSAL_MS));
};

/** Puts a phone on the do-not-call list, then sends a lead of it all the same. */
const suppressing: Caller = async ({ ask, suppress, pause, nextPhone, random }) => {
  const phone = nextPhone();
  if (await suppress(phone)) {
    await ask({ kind: 'suppressed', phone, ...(random() < 0.5 ? { prefer: 'respond-async' } : {}) });
  }
  await pause(BETWEEN_PREFERENCES_MS * (0.5 + random()));
};

/** Callers of all kinds, most of them waiting ones, as in production. */
export const mixedCallers: readonly Caller[] = [
  ...Array.from({ length: 48 }, () => waiting),
  ...Array.from({ length: 8 }, () => keyed),
  ...Array.from({ length: 4 }, () => preferring),
  ...Array.from({ length: 4 }, () => joining),
  ...Array.from({ length: 4 }, () => rival),
  ...Array.from({ length: 4 }, () => suppressing),
];
