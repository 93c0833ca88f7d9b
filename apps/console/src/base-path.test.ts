import { expect, test } from 'vitest';
import { basePathOf, withoutBasePath } from './base-path.ts';

test.each([
  [undefined, '/'],
  ['https://ops.example', '/'],
  ['https://ops.example/live-feed', '/live-feed/'],
  ['https://ops.example/tools/live-feed/', '/tools/live-feed/'],
])('browsers see %s under %s', (publicUrl, basePath) => {
  expect(basePathOf(publicUrl)).toBe(basePath);
});

test.each([
  ['/live-feed/', '/'],
  ['/live-feed', '/'],
  ['/live-feed?a=1', '/?a=1'],
  ['/live-feed/api/queues?page=1', '/api/queues?page=1'],
  ['/api/queues?page=1', '/api/queues?page=1'],
  ['/live-feeds/api', '/live-feeds/api'],
  ['/', '/'],
])('%s is %s, whether the proxy takes the prefix away or not', (url, path) => {
  expect(withoutBasePath(url, '/live-feed/')).toBe(path);
  expect(withoutBasePath(path, '/')).toBe(path);
});
