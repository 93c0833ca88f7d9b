import { expect, test } from 'vitest';
import { createPlaces } from './places.ts';

const LONG_MS = 60_000;

test('a place that is given up goes to who has waited longest', async () => {
  const places = createPlaces({ places: 1, line: 2 });
  const first = await places.take(LONG_MS);
  const came: string[] = [];
  const taking = async (who: string) => {
    const leave = await places.take(LONG_MS);
    came.push(who);
    return leave;
  };
  const [second, third] = [taking('second'), taking('third')];
  expect(await places.take(LONG_MS)).toBeUndefined();
  first?.();
  first?.();
  (await second)?.();
  (await third)?.();
  expect(came).toEqual(['second', 'third']);
  expect(await places.take(LONG_MS)).toBeDefined();
});

test('who has waited too long has no place, and keeps none from others', async () => {
  const places = createPlaces({ places: 1, line: 1 });
  const first = await places.take(LONG_MS);
  expect(await places.take(1)).toBeUndefined();
  first?.();
  expect(await places.take(1)).toBeDefined();
});
