import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { documentOf } from '../../kit/http/api-document.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { type System, startSystem } from '../../kit/system/system.ts';

/** The first thing that anybody does with an API. */

const database = useDatabase();
const redis = useRedis();
let system: System;

beforeAll(async () => {
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url });
});
afterAll(() => system?.stop());

test('curl as in the documentation', async () => {
  const url = system.ingresses[0]?.url ?? '';
  const body = `{
    "campaignId": "123456",
    "lead": { "leadPhone": "5551234567", "firstName": "Jane", "lastName": "Doe", "email": "jane@example.com",
              "zip": "33101", "city": "Miami", "state": "FL", "auxData1": "source=campaign-x" },
    "options": { "dialPriority": "IMMEDIATE", "duplicateHandling": "REMOVE_FROM_LIST" }
  }`;
  const { head, text } = await curl(
    '-X',
    'POST',
    `${url}/live-feed/ringcx`,
    '-H',
    `Authorization: Bearer ${system.seeded.keys.ringcx}`,
    '-H',
    'Content-Type: application/json',
    '-d',
    body,
  );
  expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  const answer = {
    status: 200,
    headers: new Headers(
      head
        .split('\r\n')
        .slice(1)
        .map((line): [string, string] => {
          const colon = line.indexOf(':');
          return [line.slice(0, colon), line.slice(colon + 1).trim()];
        }),
    ),
    body: JSON.parse(text),
  };
  expect(answer.body).toMatchObject({ success: true, dialerResponse: { leadsAccepted: 1 } });
  (await documentOf(url))('POST', '/live-feed/ringcx', answer);
});

async function curl(...options: string[]): Promise<{ readonly head: string; readonly text: string }> {
  const run = promisify(execFile)('curl', ['-sS', '-i', '--max-time', '60', ...options]);
  const { stdout } = await run.catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new Error('This test needs curl on the PATH: install it, for example with "apt-get install curl".');
  });
  const end = stdout.indexOf('\r\n\r\n');
  return { head: stdout.slice(0, end), text: stdout.slice(end + 4) };
}
