import { expect, test } from 'vitest';
import { isReading } from '../sign-in/access.ts';
import { installedRoutes } from '../testing/installed-routes.ts';
import { isPermitted } from './permitted-routes.ts';

test('every change that is permitted exists in the Bull Board that is installed, and no other is permitted', () => {
  const permitted = installedRoutes()
    .filter(({ method, path }) => !isReading(method) && isPermitted(method, path))
    .map(({ method, path }) => `${method} ${path}`);
  expect(permitted.sort()).toEqual([
    'PUT /api/queues/:queueName/:jobId/promote',
    'PUT /api/queues/:queueName/:jobId/retry',
    'PUT /api/queues/:queueName/pause',
    'PUT /api/queues/:queueName/promote',
    'PUT /api/queues/:queueName/resume',
    'PUT /api/queues/:queueName/retry/:queueStatus',
    'PUT /api/queues/pause',
    'PUT /api/queues/resume',
  ]);
});

test('the same path with another method is not permitted', () => {
  for (const method of ['POST', 'PATCH', 'DELETE', 'put']) {
    expect(isPermitted(method, '/api/queues/pause')).toBe(false);
  }
});
