import { expect, test } from 'vitest';
import { createOwner, StoppedError } from './owner.ts';

test('what was started last is stopped first, and a failing stop keeps nothing else from stopping', async () => {
  const stopped: string[] = [];
  const owner = createOwner();
  for (const name of ['database', 'worker', 'ingress']) {
    await owner.own({
      async stop() {
        stopped.push(name);
        if (name === 'worker') throw new Error('stuck');
      },
    });
  }
  await expect(owner.stop()).rejects.toThrow(AggregateError);
  await expect(owner.stop()).rejects.toThrow(AggregateError);
  expect(stopped).toEqual(['ingress', 'worker', 'database']);
});

test('what is ready only after the stop is stopped, too', async () => {
  const owner = createOwner();
  await owner.stop();
  let stops = 0;
  const late = owner.own({
    async stop() {
      stops += 1;
    },
  });
  await expect(late).rejects.toThrow(StoppedError);
  expect(stops).toBe(1);
});
