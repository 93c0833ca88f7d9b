import { newId } from '@live-feed/core/ids';
import { expect, test } from 'vitest';
import { cursorAfter, readCursor } from './lead-cursor.ts';

test('a cursor leads back to where its page ended, and does not show it', () => {
  const id = newId();
  expect(readCursor(cursorAfter(id))).toBe(id);
  expect(cursorAfter(id)).not.toContain(id.slice(0, 8));
});

test.each(['', 'abc', newId(), `${cursorAfter(newId())}=`, `${cursorAfter(newId())}A`, 'A'.repeat(22)])(
  'refuses text that is not a cursor: %j',
  (cursor) => {
    expect(readCursor(cursor)).toBeUndefined();
  },
);
