import { describe, expect, it } from 'vitest';
import type { RateWindow } from '../directory/dialer-settings.ts';
import { bucketFor, UNLIMITED } from './rate-windows.ts';

const perSeconds = (requests: number, seconds: number): RateWindow => ({ requests, perMs: seconds * 1_000 });

describe('bucketFor', () => {
  it.each([
    ["RingCX's direct load", [perSeconds(30, 10), perSeconds(120, 60)], 11, 1.8],
    ["RingCX's lead search", [perSeconds(15, 10), perSeconds(60, 30)], 2, 1.27],
    ['windows in another order', [perSeconds(120, 60), perSeconds(30, 10)], 11, 1.8],
    ['one window', [perSeconds(100, 1)], 11, 44.9],
    ['a window of one call', [perSeconds(1, 59)], 1, 0.0166],
    ['ten calls an hour', [perSeconds(10, 3_600)], 2, 0.00249],
  ])('turns %s into one bucket', (_, windows, burst, ratePerSecond) => {
    const bucket = bucketFor(windows);
    expect(bucket.burst).toBe(burst);
    expect(bucket.ratePerMs * 1_000).toBeCloseTo(ratePerSecond, 9);
  });

  it('stays below the bound where that is a round number', () => {
    // r < 120 / 60 s at a burst of one; at exactly that rate the 121st call would come just within the window.
    const { burst, ratePerMs } = bucketFor([perSeconds(20, 10), perSeconds(120, 60)], 0);
    expect(Math.floor(burst + ratePerMs * 10_000)).toBeLessThanOrEqual(20);
    expect(Math.floor(burst + ratePerMs * 60_000)).toBeLessThanOrEqual(120);
  });

  it('does not limit where there is no window', () => {
    expect(bucketFor([])).toEqual(UNLIMITED);
  });

  it.each([
    perSeconds(0, 10),
    perSeconds(-1, 10),
    perSeconds(2.5, 10),
    perSeconds(10, 0),
    perSeconds(10, Number.NaN),
  ])('refuses %o', (window) => {
    expect(() => bucketFor([window])).toThrow(RangeError);
  });
});
