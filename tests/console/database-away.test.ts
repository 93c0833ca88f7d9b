import { buildConsole } from '@live-feed/console/console';
import { createConsoleMetrics } from '@live-feed/console/console-metrics';
import { issueAdminKey } from '@live-feed/core/crypto/api-key';
import { closeRedis, connectRedis } from '@live-feed/queue/redis/redis';
import { createLogger } from '@live-feed/runtime/logging/logger';
import { createMetrics } from '@live-feed/runtime/monitoring/metrics';
import { expect, onTestFinished, test } from 'vitest';
import { signInForm } from '../kit/console/people.ts';
import { testResources } from '../kit/console/resources.ts';
import { connectDatabase } from '../kit/services/database.ts';

/** Nothing listens there. */
const NOWHERE = '127.0.0.1:1';

test('while PostgreSQL is away, people and programs are told so, and nothing of where it is', async () => {
  const database = connectDatabase(`postgresql://nobody:secret@${NOWHERE}/none`);
  const redis = connectRedis(`redis://${NOWHERE}`, 'requests', () => {});
  const app = await buildConsole({
    resources: testResources(database, redis),
    redis,
    logger: createLogger({ name: 'console-test', level: 'fatal' }),
    metrics: createConsoleMetrics(createMetrics()),
  });
  onTestFinished(async () => {
    await app.close();
    await closeRedis(redis);
    await database.$disconnect();
  });
  const { headers, payload } = signInForm({ name: 'ops', password: 'correct horse battery' });
  const accept = 'text/html';
  const answers = [
    await app.inject({ url: '/leads', headers: { accept, cookie: 'live-feed-session=one' } }),
    await app.inject({ url: '/leads', headers: { cookie: 'live-feed-session=one' } }),
    await app.inject({ url: '/queues/api/queues', headers: { cookie: 'live-feed-session=one' } }),
    await app.inject({ method: 'POST', url: '/sign-in', headers: { ...headers, accept }, payload }),
    await app.inject({
      url: '/admin/v1/audit',
      headers: { authorization: `Bearer ${issueAdminKey()}` },
    }),
  ];
  for (const { statusCode, body } of answers) {
    expect(statusCode).toBe(503);
    expect(body).toContain('The database cannot be reached');
    expect(body).not.toContain('127.0.0.1');
  }
});
