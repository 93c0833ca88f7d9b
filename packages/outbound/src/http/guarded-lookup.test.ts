import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { ADDRESS_REFUSED, guardedLookup, type Resolve } from './guarded-lookup.ts';

function resolving(...answers: readonly string[][]): Resolve {
  let asked = 0;
  return async () => {
    const answer = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    return answer.map((address) => ({
      address,
      family: address.includes(':') ? (6 as const) : (4 as const),
    }));
  };
}

function look(lookup: ReturnType<typeof guardedLookup>, all = true): Promise<unknown> {
  return new Promise((resolve, reject) => {
    lookup('hooks.test', { all }, (error, found: string | LookupAddress[]) =>
      error === null ? resolve(found) : reject(error),
    );
  });
}

const strict = { allowPrivate: false };
const refused = { code: ADDRESS_REFUSED };

describe('guardedLookup', () => {
  test('hands over exactly the addresses that it has looked at', async () => {
    const lookup = guardedLookup(strict, resolving(['8.8.8.8', '2606:2800:21f:cb07::1']));
    expect(await look(lookup)).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '2606:2800:21f:cb07::1', family: 6 },
    ]);
    expect(await look(lookup, false)).toBe('8.8.8.8');
  });

  test('a name that is private the second time (DNS rebinding) is refused the second time', async () => {
    const lookup = guardedLookup(strict, resolving(['8.8.8.8'], ['127.0.0.1']));
    await look(lookup);
    await expect(look(lookup)).rejects.toMatchObject(refused);
  });

  test('one private address among public ones refuses all', async () => {
    const lookup = guardedLookup(strict, resolving(['8.8.8.8', '::ffff:169.254.169.254']));
    await expect(look(lookup)).rejects.toMatchObject(refused);
    await expect(look(lookup, false)).rejects.toMatchObject(refused);
  });

  test('a name without an address is not found, and an error of DNS is passed on', async () => {
    await expect(look(guardedLookup(strict, resolving([])))).rejects.toMatchObject({ code: 'ENOTFOUND' });
    const failing: Resolve = () => Promise.reject(Object.assign(new Error('x'), { code: 'ESERVFAIL' }));
    await expect(look(guardedLookup(strict, failing))).rejects.toMatchObject({ code: 'ESERVFAIL' });
  });
});
