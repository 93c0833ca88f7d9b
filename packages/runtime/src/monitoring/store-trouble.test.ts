import { expect, onTestFinished, test, vi } from 'vitest';
import { logStoreTrouble } from './store-trouble.ts';

test('says what is wrong at once, when it changes, again while it lasts, and that it is over', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const lines: string[] = [];
  const log = (_facts: unknown, message: string) => void lines.push(message);
  let why: string | undefined = 'Nobody listens there.';
  const watching = logStoreTrouble({ info: log, error: log } as never, [{ name: 'Redis', why: () => why }], {
    lookEveryMs: 100,
    sayAgainMs: 1_000,
  });
  expect(lines).toEqual(['Nobody listens there.']);

  vi.advanceTimersByTime(900);
  expect(lines).toHaveLength(1);
  vi.advanceTimersByTime(1_200);
  expect(lines).toHaveLength(3);

  why = 'It is a replica.';
  vi.advanceTimersByTime(100);
  expect(lines.slice(3)).toEqual(['It is a replica.']);

  why = undefined;
  vi.advanceTimersByTime(5_000);
  expect(lines.slice(4)).toEqual(['Redis: OK']);

  watching.stop();
  why = 'It is gone.';
  vi.advanceTimersByTime(5_000);
  expect(lines).toHaveLength(5);
});
