import { expect, test } from 'vitest';
import { createInTurn } from './in-turn.ts';

function createGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test('works of one key run one after the other, whether they fail or not; another key does not wait', async () => {
  const inTurn = createInTurn();
  const gate = createGate();
  const done: string[] = [];
  const first = inTurn.run('a', async () => {
    await gate.opened;
    done.push('first');
    throw new Error('It failed.');
  });
  const second = inTurn.run('a', async () => done.push('second'));
  const free = inTurn.free('a').then(() => done.push('free'));
  await inTurn.run('b', async () => done.push('other'));
  expect(done).toEqual(['other']);
  gate.open();
  await expect(first).rejects.toThrow('It failed.');
  await Promise.all([second, free]);
  expect(done).toEqual(['other', 'first', 'second', 'free']);
  await inTurn.free('a');
});
