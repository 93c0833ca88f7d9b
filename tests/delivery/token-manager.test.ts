import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type CallFault,
  CREDENTIAL,
  type SimulatedSignIn,
  startSimulatedSignIn,
  type Use,
  type Worker,
} from '../kit/dialers/simulated-sign-in.ts';

let system: SimulatedSignIn;

beforeEach(async () => {
  system = await startSimulatedSignIn();
});
afterEach(() => system.close());

const LIFE_MS = 300_000;
const all = (workers: readonly Worker[]) => system.finish(Promise.all(workers.map(system.use)));
const workers = (count: number) => Array.from({ length: count }, system.addWorker);

describe('one token for all', () => {
  test('a hundred workers that start together make one exchange', async () => {
    expect(new Set(await all(workers(100)))).toEqual(new Set(['loaded']));
    expect(system.calls).toEqual({ 'sign-in': 1, exchange: 1, refresh: 0 });
  });

  test('it is renewed once, from 60% of its life on, and nobody waits for that', async () => {
    const some = workers(10);
    await all(some);
    await system.pass(LIFE_MS * 0.59);
    await all(some);
    expect(system.calls.refresh).toBe(0);
    await system.pass(LIFE_MS * 0.02);
    system.fail('refresh', 'slow', 1);
    const before = system.now();
    expect(new Set(await all(some))).toEqual(new Set(['loaded']));
    expect(system.now()).toBe(before);
    await system.pass(10_000);
    for (let n = 0; n < 20; n += 1) {
      await all(some);
      await system.pass(30_000);
    }
    expect(system.calls).toMatchObject({ 'sign-in': 1, exchange: 1 });
    // 610 s, of which a token covers 180 s.
    expect(system.calls.refresh).toBeLessThanOrEqual(4);
  });

  test('a worker that comes late takes the present token at once, and has it renewed', async () => {
    await all(workers(1));
    await system.pass(LIFE_MS * 0.7);
    system.fail('refresh', 'slow', 1);
    const before = system.now();
    expect(await all(workers(1))).toEqual(['loaded']);
    expect(system.now()).toBe(before);
    await system.pass(10_000);
    expect(system.calls).toEqual({ 'sign-in': 1, exchange: 1, refresh: 1 });
  });

  test('for two days of uploads no credential is sent more than once an hour', async () => {
    const some = workers(2);
    for (let n = 0; n < 48 * 30; n += 1) {
      expect(await all(some)).toEqual(['loaded', 'loaded']);
      await system.pass(120_000);
    }
    expect(system.calls['sign-in']).toBeLessThanOrEqual(49);
    expect(await system.excess()).toBe(0);
  });
});

describe('a person who tries the credential', () => {
  const anew = (worker: Worker) => system.finish(worker.manager.anew(CREDENTIAL));

  test.each<[CallFault]>([[429], [400], [503]])('ends the trouble of all: %s', async (fault) => {
    const some = workers(3);
    const [person] = workers(1) as [Worker];
    system.fail('exchange', fault, 1);
    expect(new Set(await all(some))).not.toContain('loaded');
    expect((await anew(person)).kind).toBe('token');
    expect(new Set(await all(some))).toEqual(new Set(['loaded']));
    expect(system.calls.exchange).toBe(2);
  });

  test('learns at once that the account refuses the new token', async () => {
    const [person] = workers(1) as [Worker];
    const first = await anew(person);
    const before = system.now();
    const second =
      first.kind === 'token' && (await system.finish(person.manager.renewed(CREDENTIAL, first.token)));
    expect(second).toMatchObject({ kind: 'token' });
    expect(second).not.toMatchObject({ token: first.kind === 'token' && first.token });
    expect(system.now()).toBe(before);
  });
});

describe('what goes wrong', () => {
  test('ten seconds of failing are over after half a minute at most, and five exchanges a minute are kept', async () => {
    const some = workers(2);
    system.fail('exchange', 503, Number.POSITIVE_INFINITY);
    const before = system.now();
    const seconds = async (count: number) => {
      for (let n = 0; n < count; n += 1) {
        await all(some);
        await system.pass(1_000);
      }
    };
    await seconds(10);
    system.heal();
    while (new Set(await all(some)).has('not now')) await system.pass(1_000);
    expect(system.now() - before).toBeLessThanOrEqual(30_000);
    system.expireTokens();
    system.fail('refresh', 401, Number.POSITIVE_INFINITY);
    system.fail('exchange', 503, Number.POSITIVE_INFINITY);
    await seconds(120);
    expect(await system.excess()).toBe(0);
  });

  test('a host that gives the refused token again is not asked for a third', async () => {
    const some = workers(1);
    await all(some);
    system.expireTokens();
    system.fail('refresh', 'same', Number.POSITIVE_INFINITY);
    expect(await all(some)).toEqual(['twice refused']);
    expect(system.calls).toEqual({ 'sign-in': 1, exchange: 1, refresh: 1 });
  });

  test('where renewals are throttled it is signed in anew: exchanges have a limit of their own', async () => {
    const some = workers(3);
    await all(some);
    system.expireTokens();
    system.fail('refresh', 429, 1);
    expect(new Set(await all(some))).toEqual(new Set(['loaded']));
    expect(system.calls).toEqual({ 'sign-in': 1, exchange: 2, refresh: 1 });
  });

  test('a token that has ended before its time is renewed once for all, and every upload goes again', async () => {
    const some = workers(20);
    await all(some);
    system.expireTokens();
    expect(new Set(await all(some))).toEqual(new Set(['loaded']));
    expect(system.calls).toEqual({ 'sign-in': 1, exchange: 1, refresh: 1 });
  });

  test('a refresh token that is lost, or spent, costs one exchange', async () => {
    const some = workers(3);
    await all(some);
    system.expireTokens();
    system.fail('refresh', 401, 1);
    expect(new Set(await all(some))).toEqual(new Set(['loaded']));
    expect(system.calls).toEqual({ 'sign-in': 1, exchange: 2, refresh: 1 });
    system.expireTokens();
    system.fail('refresh', 'lost', 1);
    expect(new Set(await all(some))).toEqual(new Set(['loaded']));
    expect(system.calls).toEqual({ 'sign-in': 1, exchange: 3, refresh: 2 });
    expect(system.reused()).toBe(0);
  });

  test('what Redis has lost is made anew when it is needed, and the present token is used until then', async () => {
    const some = workers(3);
    await all(some);
    system.store.lose();
    expect(new Set(await all(some))).toEqual(new Set(['loaded']));
    expect(system.calls.exchange).toBe(1);
    await all(workers(5));
    expect(system.calls.exchange).toBe(2);
  });

  test('a refused credential is refused to all, without asking again for half a minute', async () => {
    const some = workers(5);
    system.fail('sign-in', 400, 1);
    expect(new Set(await all(some))).toEqual(new Set(['refused']));
    await system.pass(29_000);
    expect(new Set(await all(workers(5)))).toEqual(new Set(['refused']));
    expect(system.calls['sign-in']).toBe(1);
    await system.pass(2_000);
    expect(new Set(await all(some))).toEqual(new Set(['loaded']));
  });

  test('a kept token of RingCentral that is refused is got again', async () => {
    const some = workers(1);
    await all(some);
    system.expireTokens();
    system.fail('refresh', 401, 1);
    system.fail('exchange', 401, 1);
    expect(await all(some)).toEqual(['loaded']);
    expect(system.calls).toEqual({ 'sign-in': 2, exchange: 3, refresh: 1 });
  });

  test.each<[CallFault]>([['unreachable'], ['lost'], [503], [429]])(
    'while signing in is %s nothing is sent, and leads wait',
    async (fault) => {
      const some = workers(5);
      system.fail('exchange', fault, 2);
      expect(new Set(await all(some))).toEqual(new Set(['not now']));
      await system.pass(130_000);
      await all(some);
      await system.pass(130_000);
      expect(new Set(await all(some))).toEqual(new Set(['loaded']));
      expect(await system.excess()).toBe(0);
    },
  );

  test('a worker that dies with the claim delays the others by its time, not longer', async () => {
    const [dying, ...others] = workers(3) as [Worker, ...Worker[]];
    system.fail('exchange', 'lost', 1);
    void dying.manager.present(CREDENTIAL);
    await system.pass(100);
    const before = system.now();
    await all(others);
    expect(system.now() - before).toBeLessThanOrEqual(10_100);
  });

  test('a stopwatch that stands still, or has run ahead, costs calls and no lead', async () => {
    const [slow, fast] = workers(2) as [Worker, Worker];
    await all([slow, fast]);
    fast.runAhead(LIFE_MS);
    await slow.standStill(LIFE_MS);
    expect(await all([slow, fast])).toEqual(['loaded', 'loaded']);
  });
});

type Event =
  | { readonly kind: 'use'; readonly worker: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | {
      readonly kind: 'fail';
      readonly step: 'sign-in' | 'exchange' | 'refresh';
      readonly fault: CallFault;
      readonly times: number;
    }
  | { readonly kind: 'replace' | 'run ahead' | 'stand still'; readonly worker: number; readonly ms: number }
  | { readonly kind: 'expire' | 'lose' };

const WORKERS = 3;
const worker = fc.nat({ max: WORKERS - 1 });
const fault = fc.constantFrom<CallFault>('unreachable', 'lost', 'slow', 400, 401, 429, 500, 503);
const events = (withLoss: boolean) =>
  fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('use' as const), worker }) },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('pass' as const),
          ms: fc.integer({ min: 0, max: 400_000 }),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant('fail' as const),
          step: fc.constantFrom('sign-in' as const, 'exchange' as const, 'refresh' as const),
          fault,
          times: fc.integer({ min: 1, max: 4 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constantFrom('replace' as const, 'run ahead' as const, 'stand still' as const),
          worker,
          ms: fc.nat({ max: 400_000 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: withLoss
            ? fc.constantFrom('expire' as const, 'lose' as const)
            : fc.constant('expire' as const),
        }),
      },
    ),
    { maxLength: 40 },
  );

describe.each([
  { withLoss: false, what: 'whatever happens, but for a Redis that forgets' },
  { withLoss: true, what: 'whatever happens, a Redis that forgets included' },
])('$what', ({ withLoss }) => {
  test('every use ends, no refresh token is used twice, five exchanges a minute are kept, and all is well afterwards', async () => {
    await fc.assert(
      fc.asyncProperty(events(withLoss), async (happening: readonly Event[]) => {
        const own = await startSimulatedSignIn();
        try {
          await check(own, happening, withLoss);
        } finally {
          await own.close();
        }
      }),
      { numRuns: 100 },
    );
  }, 120_000);
});

async function check(own: SimulatedSignIn, happening: readonly Event[], withLoss: boolean): Promise<void> {
  const crew = Array.from({ length: WORKERS }, own.addWorker);
  const uses: Promise<Use>[] = [];
  for (const event of happening) {
    switch (event.kind) {
      case 'use':
        uses.push(own.use(crew[event.worker] as Worker));
        break;
      case 'pass':
        await own.pass(event.ms);
        break;
      case 'fail':
        own.fail(event.step, event.fault, event.times);
        break;
      case 'replace':
        crew[event.worker] = own.addWorker();
        break;
      case 'run ahead':
        (crew[event.worker] as Worker).runAhead(event.ms);
        break;
      case 'stand still':
        await (crew[event.worker] as Worker).standStill(event.ms);
        break;
      case 'expire':
        own.expireTokens();
        break;
      case 'lose':
        own.store.lose();
        break;
    }
  }
  await own.finish(Promise.all(uses));
  expect(own.reused()).toBe(0);
  if (!withLoss) expect(await own.excess()).toBe(0);
  own.heal();
  await own.pass(90_000);
  expect(await own.finish(Promise.all(crew.map(own.use)))).toEqual(crew.map(() => 'loaded'));
}
