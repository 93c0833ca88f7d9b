import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstIdAt, idTimeMs, isId, newId } from './ids.ts';

const nothing = (length: number) => new Uint8Array(length);
const everything = (length: number) => new Uint8Array(length).fill(0xff);

describe('newId', () => {
  it('puts time, version, counter and variant where RFC 9562 §5.7 has them', () => {
    expect(newId(0x017f22e279b0, nothing)).toBe('017f22e2-79b0-7000-8000-000000000000');
    expect(newId(0x017f22e279b1, everything)).toBe('017f22e2-79b1-77ff-bfff-ffffffffffff');
  });

  it('keeps the order of creation within a millisecond', () => {
    const ids = Array.from({ length: 10_000 }, () => newId(1_700_000_000_000));
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('carries the counter from its low into its high bits', () => {
    const lowBitsFull = (length: number) =>
      length === 6 ? Uint8Array.of(0, 0, 0x3f, 0xff, 0xff, 0xff) : nothing(length);
    const before = newId(1_700_000_000_001, lowBitsFull);
    const after = newId(1_700_000_000_001, lowBitsFull);
    expect([before.slice(14, 23), after.slice(14, 23)]).toEqual(['7000-bfff', '7001-8000']);
  });

  it('keeps the order over milliseconds, whatever the random part', () => {
    expect(newId(1_700_000_000_002, everything) < newId(1_700_000_000_003, nothing)).toBe(true);
  });

  it('stays unique when the clock is set back', () => {
    const times = [1_700_000_000_010, 1_700_000_000_009, 1_700_000_000_010];
    expect(new Set(times.map((time) => newId(time))).size).toBe(3);
  });

  it.each([-1, 0.5, 2 ** 48, Number.NaN])('refuses the time %s', (time) => {
    expect(() => newId(time)).toThrow(RangeError);
  });

  it('makes ids that are ids and know their time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (timeMs) => {
        const id = newId(timeMs);
        expect(isId(id)).toBe(true);
        expect(idTimeMs(id)).toBe(timeMs);
      }),
    );
  });
});

describe('isId', () => {
  it.each([
    ['017f22e2-79b0-7cc3-98c4-dc0c0c07398f', true],
    ['017F22E2-79B0-7CC3-98C4-DC0C0C07398F', false],
    ['017f22e2-79b0-4cc3-98c4-dc0c0c07398f', false],
    ['017f22e2-79b0-7cc3-c8c4-dc0c0c07398f', false],
    ['017f22e279b07cc398c4dc0c0c07398f', false],
    ['017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n', false],
    ['', false],
  ])('%j: %s', (text, expected) => {
    expect(isId(text)).toBe(expected);
  });
});

describe('idTimeMs', () => {
  it('reads the time of the example of RFC 9562, appendix A.6', () => {
    expect(idTimeMs('017f22e2-79b0-7cc3-98c4-dc0c0c07398f')).toBe(Date.UTC(2022, 1, 22, 19, 22, 22));
  });

  it('refuses what is no id', () => {
    expect(() => idTimeMs('not an id')).toThrow(RangeError);
  });
});

describe('firstIdAt', () => {
  it('lies between the last id of the millisecond before and the first of its own', () => {
    const timeMs = 0x017f22e279b0;
    const first = firstIdAt(timeMs);
    expect(isId(first)).toBe(true);
    expect(idTimeMs(first)).toBe(timeMs);
    expect(first > newId(timeMs - 1, everything)).toBe(true);
    expect(first <= newId(timeMs, nothing)).toBe(true);
  });
});
