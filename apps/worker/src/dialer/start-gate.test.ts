import { expect, test } from 'vitest';
import { createStartGate, type Start } from './start-gate.ts';

const LONG_MS = 60_000;
const never = new AbortController().signal;

/** Notes who is let in, in order. */
function observed(most: number) {
  const gate = createStartGate(most);
  const inside = new Map<string, Start>();
  const order: string[] = [];
  return {
    order,
    async enter(name: string, companyId: string, limitMs = LONG_MS, signal = never) {
      const start = await gate.enter(companyId, limitMs, signal);
      order.push(start === undefined ? `${name} gave up` : name);
      if (start !== undefined) inside.set(name, start);
    },
    leave(name: string) {
      inside.get(name)?.leave();
    },
  };
}

test('one company begins one upload after the other; another does not wait for it', async () => {
  const { enter, leave, order } = observed(8);
  const [first, second, other] = [enter('a1', 'a'), enter('a2', 'a'), enter('b1', 'b')];
  await Promise.all([first, other]);
  expect(order).toEqual(['a1', 'b1']);
  leave('a1');
  await second;
  expect(order).toEqual(['a1', 'b1', 'a2']);
});

test('no more begin at once than may, and who came first is first', async () => {
  const { enter, leave, order } = observed(2);
  const entering = ['a', 'b', 'c', 'd', 'e'].map((name) => enter(name, name));
  await Promise.all(entering.slice(0, 2));
  expect(order).toEqual(['a', 'b']);
  leave('b');
  await entering[2];
  leave('b'); // a second time, which lets nobody in
  leave('a');
  await entering[3];
  expect(order).toEqual(['a', 'b', 'c', 'd']);
  leave('c');
  await entering[4];
  expect(order).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('who gave up, or is to stop, is not waited for', async () => {
  const { enter, leave, order } = observed(1);
  await enter('a', 'a');
  const stopping = new AbortController();
  const stopped = enter('b', 'b', LONG_MS, stopping.signal);
  const impatient = enter('c', 'c', 1);
  const patient = enter('d', 'd');
  stopping.abort();
  await Promise.all([stopped, impatient]);
  await enter('e', 'e', LONG_MS, stopping.signal);
  leave('a');
  await patient;
  expect(order).toEqual(['a', 'b gave up', 'c gave up', 'e gave up', 'd']);
});
