import { describe, expect, test } from 'vitest';
import { createPhoneLooks } from './phone-looks.ts';

const EARLIER = { leadId: 'a', campaignId: null, joinKey: null, row: null };

describe('looks at a phone', () => {
  test('that come while one is under way share it; the next one is asked anew', async () => {
    const looks = createPhoneLooks();
    let asked = 0;
    const ask = async () => {
      asked += 1;
      return EARLIER;
    };
    const found = await Promise.all(Array.from({ length: 1_000 }, () => looks.look('1', ask)));
    expect([asked, new Set(found)]).toEqual([1, new Set([EARLIER])]);
    await Promise.all([looks.look('1', ask), looks.look('2', ask)]);
    expect(asked).toBe(3);
  });

  test('that fail are forgotten', async () => {
    const looks = createPhoneLooks();
    await expect(looks.look('1', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await looks.look('1', async () => null)).toBeNull();
  });
});

describe('claiming a phone', () => {
  test.each([
    ['succeeds', () => Promise.resolve('ours')],
    ['fails', () => Promise.reject(new Error('away'))],
  ])('is over when it %s, and concerns no other phone', async (_, attempt) => {
    const looks = createPhoneLooks();
    const result = looks.claim('1', attempt).catch((error: unknown) => error);
    const claiming = looks.claiming('1');
    expect([claiming === undefined, looks.claiming('2')]).toEqual([false, undefined]);
    await Promise.all([result, claiming]);
    expect(looks.claiming('1')).toBeUndefined();
  });
});
