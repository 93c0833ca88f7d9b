import { describe, expect, test } from 'vitest';
import { type CompanyLine, createCompanyLine } from './company-line.ts';

/** Who has a place, in the order in which they got it. */
function queueUp(line: CompanyLine) {
  const began: string[] = [];
  return {
    began,
    enter(companyId: string, name: string) {
      const place = line.enter(companyId);
      if (place.turn === undefined) began.push(name);
      else void place.turn.then(() => began.push(name));
      return place;
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a line', () => {
  test('gives a company some of the places, and others the rest at once', () => {
    const { began, enter } = queueUp(createCompanyLine({ places: 3, ofCompany: 2 }));
    for (const name of ['a1', 'a2', 'a3', 'a4']) enter('a', name);
    enter('b', 'b1');
    enter('c', 'c1');
    expect(began).toEqual(['a1', 'a2', 'b1']);
  });

  test('calls one company after the other, whatever one of them has waiting', async () => {
    const { began, enter } = queueUp(createCompanyLine({ places: 1, ofCompany: 1 }));
    let place = enter('a', 'a0');
    const places = ['a1', 'a2', 'a3'].map((name) => enter('a', name));
    const others = ['b1', 'b2', 'c1'].map((name) => enter(name.slice(0, 1), name));
    const byName = new Map(
      ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((name, n) => [name, [...places, ...others][n]]),
    );
    for (let n = 0; n < 6; n += 1) {
      place.leave();
      await settled();
      place = byName.get(began.at(-1) ?? '') ?? place;
    }
    expect(began).toEqual(['a0', 'a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  test('forgets who has left before its turn', async () => {
    const { began, enter } = queueUp(createCompanyLine({ places: 1, ofCompany: 1 }));
    const first = enter('a', 'a1');
    enter('a', 'a2').leave();
    enter('b', 'b1').leave();
    enter('b', 'b2');
    first.leave();
    await settled();
    expect(began).toEqual(['a1', 'b2']);
  });

  test('a company at its limit waits, and the next one that is not is called', async () => {
    const { began, enter } = queueUp(createCompanyLine({ places: 2, ofCompany: 1 }));
    const a1 = enter('a', 'a1');
    const b1 = enter('b', 'b1');
    enter('a', 'a2');
    enter('c', 'c1');
    b1.leave();
    await settled();
    expect(began).toEqual(['a1', 'b1', 'c1']);
    a1.leave();
    await settled();
    expect(began).toEqual(['a1', 'b1', 'c1', 'a2']);
  });
});
