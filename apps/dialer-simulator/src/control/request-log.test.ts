import { expect, test } from 'vitest';
import { createRequestLog } from './request-log.ts';

const REQUEST = { atMs: 0, method: 'POST', url: '/', headers: {} };

test('keeps the last requests only, and the first to come back from the last', () => {
  const log = createRequestLog(2, new Set());
  const [first] = ['/a', '/b', '/c'].map((url) => log.add({ ...REQUEST, url }));
  if (first !== undefined) log.addBody(first, 'the body of a request that is no longer kept');
  expect(log.last(10).map((entry) => entry.url)).toEqual(['/b', '/c']);
  expect(log.last(1).map((entry) => entry.url)).toEqual(['/c']);
});

test('lets go of old requests when their bodies are large', () => {
  const log = createRequestLog(100, new Set());
  for (let n = 0; n < 5; n += 1) log.addBody(log.add(REQUEST), 'x'.repeat(5 * 1024 * 1024));
  expect(log.last(100)).toHaveLength(3);
});

test('masks secrets, and shows JSON parsed and anything else as it came', () => {
  const log = createRequestLog(10, new Set(['x-auth-token']));
  const headers = { 'x-auth-token': 'aws80:0000-secret-7a6b', accept: 'application/json' };
  log.addBody(log.add({ ...REQUEST, headers }), '{"a":1}');
  log.addBody(log.add({ ...REQUEST, headers: { 'x-auth-token': 'short' } }), '{"a":');
  expect(log.last(10)).toMatchObject([
    { headers: { 'x-auth-token': '***7a6b', accept: 'application/json' }, body: { a: 1 } },
    { headers: { 'x-auth-token': '***' }, body: '{"a":' },
  ]);
});
