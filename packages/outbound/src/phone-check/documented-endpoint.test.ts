import { readFile } from 'node:fs/promises';
import { cloneDir } from '@live-feed/tools/clone';
import { freePort } from '@live-feed/tools/services/free-port';
import { supervise } from '@live-feed/tools/services/supervise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOutboundClient } from '../http/outbound-client.ts';
import { askPhoneCheck } from './ask-phone-check.ts';

/** The endpoint that docs/admin.md gives as an example, as a process. */

const page = await readFile(`${cloneDir}/docs/admin.md`, 'utf8');
const [, example = ''] = /```js\n(.*?)\n```/s.exec(page.slice(page.indexOf('## Checks of phones'))) ?? [];
const port = await freePort();
const client = createOutboundClient({ allowPrivate: true });
let endpoint: Awaited<ReturnType<typeof supervise>>;

beforeAll(async () => {
  endpoint = await supervise({
    name: 'the documented endpoint',
    command: process.execPath,
    args: [
      '--input-type=module',
      '--eval',
      example.replace('8080)', `${port}, () => console.log('listening'))`),
    ],
    env: { CHECK_TOKEN: 'secret' },
    cwd: cloneDir,
    stopSignal: 'SIGTERM',
    graceMs: 5_000,
  });
  await endpoint.printed(/listening/, 30_000);
});
afterAll(async () => {
  client.close();
  await endpoint?.stop();
});

const ask = (phone: string, token = 'secret') =>
  askPhoneCheck(
    client,
    { url: `http://127.0.0.1:${port}/`, headers: { authorization: `Bearer ${token}` }, timeoutMs: 5_000 },
    { phone, leadId: 'lead' },
  );

test('answers as a check is to be answered', async () => {
  expect(await ask('2065550100')).toEqual({ kind: 'answer', allow: true, reason: null });
  expect(await ask('2065550199')).toEqual({ kind: 'answer', allow: false, reason: 'known litigator' });
  expect(await ask('2065550100', 'wrong')).toEqual({ kind: 'unanswered', why: 'HTTP 500' });
});
