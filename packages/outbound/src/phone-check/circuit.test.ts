import { expect, test } from 'vitest';
import { createCircuit } from './circuit.ts';

function circuitAt() {
  const clock = { ms: 0 };
  return { clock, circuit: createCircuit(() => clock.ms) };
}

function opened() {
  const { clock, circuit } = circuitAt();
  const failed = Array.from({ length: 5 }, () => circuit.failed('usual'));
  return { clock, circuit, failed };
}

test('opens at the fifth failure in a row, and says so once', () => {
  const { circuit } = circuitAt();
  for (let n = 0; n < 4; n += 1) circuit.failed('usual');
  expect(circuit.answered()).toBe(false);
  expect(Array.from({ length: 6 }, () => circuit.failed('usual'))).toEqual([
    ...[false, false, false, false, true, false],
  ]);
  expect(circuit.ask()).toBeUndefined();
});

test('lets one question through each time that it has rested, longer each time, a minute at most', () => {
  const { clock, circuit } = opened();
  for (const restMs of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
    clock.ms += restMs - 1;
    expect(circuit.ask()).toBeUndefined();
    clock.ms += 1;
    expect([circuit.ask(), circuit.ask()]).toEqual(['probe', undefined]);
    expect(circuit.failed('probe')).toBe(false);
  }
});

test('what was under way when it opened does not prolong its rest', () => {
  const { clock, circuit, failed } = opened();
  expect(failed).toEqual([false, false, false, false, true]);
  for (let n = 0; n < 30; n += 1) circuit.failed('usual');
  clock.ms += 5_000;
  expect(circuit.ask()).toBe('probe');
});

test('closes with an answer, and counts anew', () => {
  const { clock, circuit } = opened();
  clock.ms += 5_000;
  circuit.ask();
  expect(circuit.answered()).toBe(true);
  expect([circuit.isOpen, circuit.ask(), circuit.failed('usual')]).toEqual([false, 'usual', false]);
});

test('a probe of which nothing is heard keeps no other one away for ever', () => {
  const { clock, circuit } = opened();
  clock.ms += 5_000;
  circuit.ask();
  clock.ms += 5_000;
  expect(circuit.ask()).toBe('probe');
});
