import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { createLifecycle } from './lifecycle.ts';
import { createLogger } from './logging/logger.ts';

function createProcess(options: { graceMs?: number; sameSignalMs?: number } = {}) {
  const events = new EventEmitter();
  const lines: string[] = [];
  const closed: string[] = [];
  const exit = vi.fn<(code: number) => void>();
  const exited = new Promise<number>((resolve) => exit.mockImplementation(resolve));
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ name: 'test', level: 'info', destination });
  const lifecycle = createLifecycle({ logger, graceMs: 10_000, exit, events, ...options });
  return { lifecycle, events, closed, lines, exit, exited };
}

const never = () => new Promise<never>(() => {});

describe('a lifecycle', () => {
  it.each(['SIGTERM', 'SIGINT'])(
    'closes in reverse order and one after the other on %s, then exits with 0',
    async (signal) => {
      const { lifecycle, events, closed, exited } = createProcess();
      lifecycle.onStop('database', () => closed.push('database'));
      lifecycle.onStop('queue', async () => {
        closed.push('queue begins');
        await new Promise(setImmediate);
        closed.push('queue ends');
      });
      lifecycle.onStop('server', () => closed.push('server'));

      expect(lifecycle.stopping).toBe(false);
      events.emit(signal, signal);
      expect(lifecycle.stopping).toBe(true);
      expect(await exited).toBe(0);
      expect(closed).toEqual(['server', 'queue begins', 'queue ends', 'database']);
    },
  );

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
      10_000,
    ],
    ['rejects', () => Promise.reject(new Error('no')), 10_000],
    ['hangs over its own limit', never, 1],
  ])('closes the rest and exits with 1 when a step %s', async (_name, close, limitMs) => {
    const { lifecycle, events, closed, lines, exited } = createProcess();
    lifecycle.onStop('database', () => closed.push('database'));
    lifecycle.onStop('stubborn', close, limitMs);
    events.emit('SIGTERM', 'SIGTERM');
    expect(await exited).toBe(1);
    expect(closed).toEqual(['database']);
    expect(lines.join('')).toContain('"step":"stubborn"');
  });

  it('exits within the grace time when every step hangs, and asks each of them', async () => {
    const { lifecycle, closed, exited } = createProcess({ graceMs: 50 });
    for (const name of ['a', 'b', 'c']) {
      lifecycle.onStop(name, () => {
        closed.push(name);
        return never();
      });
    }
    void lifecycle.stop('test');
    expect(await exited).toBe(1);
    expect(closed).toEqual(['c', 'b', 'a']);
  });

  it('closes what is opened while it stops', async () => {
    const { lifecycle, closed, exited } = createProcess();
    lifecycle.onStop('server', () => lifecycle.onStop('late', () => closed.push('late')));
    void lifecycle.stop('test');
    expect(await exited).toBe(0);
    expect(closed).toEqual(['late']);
  });

  it('exits at once with 1 on a second signal', async () => {
    const { lifecycle, events, exit } = createProcess({ sameSignalMs: -1 });
    lifecycle.onStop('hanging', never);
    events.emit('SIGINT', 'SIGINT');
    expect(exit).not.toHaveBeenCalled();
    events.emit('SIGINT', 'SIGINT');
    expect(exit.mock.calls).toEqual([[1]]);
  });

  it('one Ctrl-C that arrives twice is one signal', async () => {
    const { lifecycle, events, closed, exited } = createProcess({ sameSignalMs: 60_000 });
    lifecycle.onStop('database', () => closed.push('database'));
    events.emit('SIGINT', 'SIGINT');
    events.emit('SIGTERM', 'SIGTERM');
    expect(await exited).toBe(0);
    expect(closed).toEqual(['database']);
  });

  it.each(['unhandledRejection', 'uncaughtException'])(
    'logs an %s and stops in order, with 1',
    async (fault) => {
      const { lifecycle, events, closed, lines, exited } = createProcess();
      lifecycle.onStop('database', () => closed.push('database'));
      events.emit(fault, new Error('nobody caught this'));
      expect(await exited).toBe(1);
      expect(closed).toEqual(['database']);
      expect(lines[0]).toContain('nobody caught this');
    },
  );

  it('a fault while stopping turns the exit code into 1', async () => {
    const { lifecycle, events, exit, exited } = createProcess();
    lifecycle.onStop('server', () => void events.emit('uncaughtException', new Error('late')));
    events.emit('SIGTERM', 'SIGTERM');
    expect(await exited).toBe(1);
    expect(exit).toHaveBeenCalledTimes(1);
  });

  it('stops once and lets go of the process, however often it is asked', async () => {
    const { lifecycle, events, closed, exit } = createProcess();
    lifecycle.onStop('database', () => closed.push('database'));
    await Promise.all([lifecycle.stop('one'), lifecycle.stop('two'), lifecycle.stop('three')]);
    expect(closed).toEqual(['database']);
    expect(exit).toHaveBeenCalledTimes(1);
    expect(events.eventNames()).toEqual([]);
  });
});
