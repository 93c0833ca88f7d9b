import { expect, test } from 'vitest';
import { createStatementNames, type TableSizes } from './statement-names.ts';

const KIB = 1_024;

/** Names of a database whose tables can be made to grow; `second()` lets one pass, and what is asked be answered. */
function namesOf(sizes: TableSizes | Error) {
  let present = sizes;
  let nowMs = 0;
  let asked = 0;
  const nameOf = createStatementNames(
    async () => {
      asked += 1;
      if (present instanceof Error) throw present;
      return present;
    },
    () => nowMs,
  );
  return {
    nameOf: (sql: string) => nameOf({ sql }),
    timesAsked: () => asked,
    grow(to: TableSizes | Error) {
      present = to;
    },
    async second() {
      nowMs += 1_000;
      nameOf({ sql: 'SELECT 1' });
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('equal texts have one name, others another', async () => {
  const { nameOf, second } = namesOf({ leads: 0 });
  await second();
  const [first, other] = [nameOf('SELECT 1'), nameOf('SELECT 2')];
  expect(nameOf('SELECT 1')).toBe(first);
  expect(other).not.toBe(first);
});

test('texts without end do not fill the memory, here or in PostgreSQL', () => {
  const { nameOf } = namesOf({ leads: 0 });
  const first = nameOf('SELECT 0');
  const names = new Set(Array.from({ length: 1_000 }, (_, n) => nameOf(`SELECT ${n}`)));
  expect(names.size).toBe(201); // and the empty one, under which nothing is kept
  expect(names.has('')).toBe(true);
  expect(nameOf('SELECT 0')).toBe(first);
});

test('a table that has grown to another order of magnitude gets new plans, and only then', async () => {
  const { nameOf, grow, second } = namesOf({ leads: 0, anis: 0 });
  await second();
  const empty = nameOf('SELECT 1');
  grow({ leads: 16 * KIB, anis: 8 * KIB });
  await second();
  expect(nameOf('SELECT 1')).toBe(empty);
  grow({ leads: 40 * KIB, anis: 8 * KIB });
  await second();
  const grown = nameOf('SELECT 1');
  expect(grown).not.toBe(empty);
  grow({ leads: 40 * KIB, anis: 80 * KIB });
  await second();
  const other = nameOf('SELECT 1');
  expect([empty, grown]).not.toContain(other);
  grow({ leads: 60 * KIB, anis: 90 * KIB });
  await second();
  expect(nameOf('SELECT 1')).toBe(other);
});

test('from a gibibyte on there is nothing to learn', async () => {
  const { nameOf, grow, second } = namesOf({ leads: KIB ** 3 });
  await second();
  const large = nameOf('SELECT 1');
  grow({ leads: 100 * KIB ** 3 });
  await second();
  expect(nameOf('SELECT 1')).toBe(large);
});

test('sizes are asked for once a second at most; a database that does not tell them changes nothing', async () => {
  const { nameOf, grow, second, timesAsked } = namesOf({ leads: 0 });
  await second();
  const before = nameOf('SELECT 1');
  for (let n = 0; n < 100; n += 1) nameOf('SELECT 1');
  expect(timesAsked()).toBe(1);
  grow(new Error('The database is away.'));
  await second();
  await second();
  expect(timesAsked()).toBe(3);
  expect(nameOf('SELECT 1')).toBe(before);
});
