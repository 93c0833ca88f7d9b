import type { DialerName } from '@live-feed/database/directory/dialer-names';
import { expect, test, vi } from 'vitest';
import { type DialerFollower, followDialers } from './dialer-follower.ts';

const place = { companyId: 'c', baseUrl: 'https://dialer.example/api', accountId: '1' };
const acme: DialerName = { dialerId: 'a', family: 'ringcx', companyName: 'Acme', ...place };
const borealis: DialerName = { dialerId: 'b', family: 'newbridge', companyName: 'Borealis', ...place };

/** A follower of what `world` says, and the names that are up at the moment. */
function follow(world: { dialers: readonly DialerName[] | Error }) {
  const up = new Set<string>();
  const errors: unknown[] = [];
  const follower: DialerFollower = followDialers({
    everyMs: 1,
    async listDialers() {
      if (world.dialers instanceof Error) throw world.dialers;
      return world.dialers;
    },
    async onAppeared({ companyName }) {
      up.add(companyName);
      return async () => {
        up.delete(companyName);
      };
    },
    onError: (error) => errors.push(error),
  });
  return { follower, up, errors };
}

test('follows dialers that appear, are renamed and disappear', async () => {
  const world = { dialers: [acme] };
  const { follower, up } = follow(world);
  await vi.waitUntil(() => up.has('Acme'));
  world.dialers = [{ ...acme, companyName: 'Acme Solar' }, borealis];
  await vi.waitUntil(() => up.has('Borealis'));
  expect([...up]).toEqual(['Acme Solar', 'Borealis']);
  world.dialers = [borealis];
  await vi.waitUntil(() => up.size === 1);
  expect([...up]).toEqual(['Borealis']);
  await follower.close();
});

test('goes on after a look that failed, with what it has', async () => {
  const world: { dialers: readonly DialerName[] | Error } = { dialers: [acme] };
  const { follower, up, errors } = follow(world);
  await vi.waitUntil(() => up.size === 1);
  world.dialers = new Error('PostgreSQL is away.');
  await vi.waitUntil(() => errors.length > 0);
  expect([...up]).toEqual(['Acme']);
  world.dialers = [acme, borealis];
  await vi.waitUntil(() => up.size === 2);
  await follower.close();
});

test('gives everything back when it closes', async () => {
  const { follower, up } = follow({ dialers: [acme, borealis] });
  await vi.waitUntil(() => up.size === 2);
  await follower.close();
  expect(up.size).toBe(0);
});
