import { STATE_CODES } from '@live-feed/core/caller-id/places';
import { CANADA } from '@live-feed/operations/ani/ani-places';
import { expect, test } from 'vitest';
import { levelOf, percentUsed, TILES } from './tile-map.ts';

/** Territories are in the table only: their few numbers would make the map as wide as an ocean. */
const NOT_DRAWN = ['AS', 'GU', 'MP', 'VI'];

test('every state has one tile, and no two are in one place', () => {
  const drawn = TILES.map(({ place }) => place).sort();
  expect(drawn).toEqual([...STATE_CODES.filter((code) => !NOT_DRAWN.includes(code)), CANADA].sort());
  expect(new Set(TILES.map(({ x, y }) => `${x} ${y}`)).size).toBe(TILES.length);
});

test('a place is worn out only if nothing is left', () => {
  expect(levelOf(undefined)).toBe('none');
  expect(levelOf({ used: 79, capacity: 100 })).toBe('free');
  expect(levelOf({ used: 999, capacity: 1_000 })).toBe('near');
  expect(percentUsed({ used: 999, capacity: 1_000 })).toBe(99);
  expect(levelOf({ used: 100, capacity: 100 })).toBe('worn');
  // All of its numbers cool down or are paused.
  expect(levelOf({ used: 0, capacity: 0 })).toBe('worn');
  expect(percentUsed({ used: 0, capacity: 0 })).toBe(100);
});
