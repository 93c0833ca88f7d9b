import { setTimeout as delay } from 'node:timers/promises';
import type { DialerAddress } from '@live-feed/queue/limits/dialer-address';
import type { DialerStanding } from '@live-feed/queue/limits/dialer-health';
import { expect, test } from 'vitest';
import { createDialerStandings, type DialerStandingsOptions } from './dialer-standings.ts';

const address = (dialerId: string): DialerAddress => ({ dialerId, host: 'dialer.example', accountId: '1' });
const held: DialerStanding = {
  heldForMs: 60_000,
  heldUntil: new Date('2026-11-25T12:03:10.000Z'),
  reason: 'throttled',
  note: null,
  failures: 0,
  probing: false,
};

/** Standings of what `world` says, and what was asked about. */
function standingsOf(
  world: { troubled: readonly string[] | Error },
  options: Partial<Pick<DialerStandingsOptions, 'maxAgeMs' | 'limitMs'>> & { readonly takesMs?: number } = {},
) {
  const { maxAgeMs = 0, limitMs = 60_000, takesMs } = options;
  const asked: string[] = [];
  const described: string[] = [];
  const errors: unknown[] = [];
  const standings = createDialerStandings({
    maxAgeMs,
    limitMs,
    health: {
      async isTroubled({ dialerId }) {
        asked.push(dialerId);
        if (takesMs !== undefined) await delay(takesMs);
        if (world.troubled instanceof Error) throw world.troubled;
        return world.troubled.includes(dialerId);
      },
      async describe({ dialerId }) {
        described.push(dialerId);
        return held;
      },
    },
    onError: (error) => errors.push(error),
  });
  return { standings, asked, described, errors };
}

test('asks more only about dialers that are in trouble', async () => {
  const { standings, asked, described } = standingsOf({ troubled: ['b'] });
  const [a, b] = [standings.watch(address('a')), standings.watch(address('b'))];
  await standings.refresh();
  expect([asked, described]).toEqual([['a', 'b'], ['b']]);
  expect([a.standing(), b.standing()]).toEqual([undefined, held]);
});

test('asks once for many who look at the same time, and for all within its age', async () => {
  const { standings, asked } = standingsOf({ troubled: [] }, { maxAgeMs: 600_000 });
  standings.watch(address('a'));
  await Promise.all([standings.refresh(), standings.refresh(), standings.refresh()]);
  await standings.refresh();
  expect(asked).toEqual(['a']);
});

test('asks again once its answer is too old, and forgets a trouble that is over', async () => {
  const world = { troubled: ['a'] };
  const { standings } = standingsOf(world);
  const a = standings.watch(address('a'));
  await standings.refresh();
  expect(a.standing()).toEqual(held);
  world.troubled = [];
  await standings.refresh();
  expect(a.standing()).toBeUndefined();
});

test('asks no more about a dialer that is gone', async () => {
  const { standings, asked } = standingsOf({ troubled: [] });
  standings.watch(address('a')).drop();
  standings.watch(address('b'));
  await standings.refresh();
  expect(asked).toEqual(['b']);
});

test('tells nothing rather than what was so once, when Redis is away', async () => {
  const world: { troubled: readonly string[] | Error } = { troubled: ['a'] };
  const { standings, errors } = standingsOf(world);
  const a = standings.watch(address('a'));
  await standings.refresh();
  world.troubled = new Error('Redis is away.');
  await standings.refresh();
  expect([a.standing(), errors]).toEqual([undefined, [world.troubled]]);
});

test('does not have every request ask a Redis that fails', async () => {
  const { standings, asked } = standingsOf({ troubled: new Error('Redis is away.') }, { maxAgeMs: 600_000 });
  standings.watch(address('a'));
  await standings.refresh();
  await standings.refresh();
  expect(asked).toEqual(['a']);
});

test('has no request wait for all of many dialers on a Redis that is slow', async () => {
  const { standings, asked, errors } = standingsOf({ troubled: [] }, { limitMs: 10, takesMs: 20 });
  for (let n = 0; n < 250; n += 1) standings.watch(address(String(n)));
  await standings.refresh();
  expect(asked).toHaveLength(100);
  expect(errors).toHaveLength(1);
});
