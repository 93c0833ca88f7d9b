import { expect, test } from 'vitest';
import { findMarkers } from './forms-of.ts';

const marker = 'Zoë-7f3a9c';

test.each([
  ['as it is', marker],
  ['in JSON', JSON.stringify({ name: marker })],
  ['in a URL', `?name=${encodeURIComponent(marker)}`],
  ['in hex', Buffer.from(`ab${marker}cd`).toString('hex')],
  ['in Base64', Buffer.from(marker).toString('base64')],
  ['in Base64 after one byte', Buffer.from(`a${marker}b`).toString('base64')],
  ['in Base64 after two bytes', Buffer.from(`ab${marker}`).toString('base64')],
  ['in Base64 for URLs', Buffer.from(`abc>${marker}?`).toString('base64url')],
])('a marker is found %s', (_form, text) => {
  expect(findMarkers(new Map([['the log', Buffer.from(text)]]), { name: marker })).toEqual([
    'name is in the log',
  ]);
});

test('another is not', () => {
  const remains = new Map([['the log', Buffer.from('Zoe-7f3a9c Zoë-7f3a9d')]]);
  expect(findMarkers(remains, { name: marker })).toEqual([]);
});
