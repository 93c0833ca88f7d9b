import { createCompanyLine } from '@live-feed/core/company-line';
import { describe, expect, test } from 'vitest';
import { inLine, type LineTools } from './in-line.ts';

/** One place, and a database that can be taken away. */
function tools(): { readonly tools: LineTools; readonly database: { isAlive: boolean } } {
  const database = { isAlive: true };
  const databaseHealth = { alive: () => database.isAlive, now: () => 0 };
  const drain = { withinStop: (ms: number) => ms };
  const line = createCompanyLine({ places: 1, ofCompany: 1 });
  return { tools: { line, databaseHealth, drain }, database };
}

const lead = (companyId: string, deadlineMs = 60_000) => ({ companyId, deadlineMs });

/** A statement that ends when it is told to. */
function statement() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { run: () => ended, end };
}

describe('a statement', () => {
  test('waits for its turn, and gives its place back however it ends', async () => {
    const { tools: line } = tools();
    const order: string[] = [];
    const say = (name: string) => async () => void order.push(name);
    const first = statement();
    const failing = inLine(line, lead('a'), () =>
      first.run().then(() => Promise.reject(new Error('refused'))),
    );
    const others = [inLine(line, lead('a'), say('a')), inLine(line, lead('b'), say('b'))];
    first.end();
    await expect(failing).rejects.toThrow('refused');
    await Promise.all(others);
    expect(order).toEqual(['a', 'b']);
  });

  test('is not sent after its lead’s deadline', async () => {
    const { tools: line } = tools();
    const first = statement();
    const under = inLine(line, lead('a'), first.run);
    let sent = false;
    const late = inLine(line, lead('a', 1), async () => {
      sent = true;
    });
    await expect(late).rejects.toMatchObject({ code: 'OVERLOADED' });
    first.end();
    await under;
    await inLine(line, lead('a'), async () => {});
    expect(sent).toBe(false);
  });

  test('all that wait are refused once the database is away', async () => {
    const { tools: line, database } = tools();
    const first = statement();
    const under = inLine(line, lead('a'), first.run);
    const waiting = Array.from({ length: 100 }, (_, n) => inLine(line, lead(`c${n % 3}`), async () => {}));
    const refused = Promise.allSettled(waiting);
    database.isAlive = false;
    first.end();
    await under;
    const codes = (await refused).map((each) => each.status === 'rejected' && each.reason.code);
    expect(new Set(codes)).toEqual(new Set(['DATABASE_UNAVAILABLE']));
  });
});
