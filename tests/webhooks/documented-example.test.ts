import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cloneDir } from '@live-feed/tools/clone';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';

/** The delivery of docs/api.md is one, and what the page gives to verify it with does so. */

const page = await readFile(join(cloneDir, 'docs/api.md'), 'utf8');
const section = page.slice(page.indexOf('## Webhooks'), page.indexOf('## For the operator'));

const [, request = ''] = /```http\n(.*?)\n```/s.exec(section) ?? [];
const [head = '', body = ''] = request.split('\n\n');
const headers = Object.fromEntries(
  head
    .split('\n')
    .slice(1)
    .map((line) => line.split(': ') as [string, string]),
);
const [secret = ''] = /whsec_[A-Za-z0-9+/=]+/.exec(section) ?? [];
const codeIn = (language: string) =>
  new RegExp(`\`\`\`${language}\n(.*?)\n\`\`\``, 's').exec(section)?.[1] ?? '';

async function isInstalled(command: string): Promise<boolean> {
  return promisify(execFile)(command, ['--version']).then(
    () => true,
    () => false,
  );
}

/** A language that is not installed has no test. */
const onlyWith = (isThere: boolean) => (isThere ? test : () => undefined);
const [hasPython, hasPhp] = [await isInstalled('python3'), await isInstalled('php')];

describe('the documented delivery', () => {
  test('is signed with the documented secret', () => {
    const sentAt = new Date(Number(headers['webhook-timestamp']) * 1_000);
    expect(headers['webhook-signature']).toBe(
      new Webhook(secret).sign(headers['webhook-id'] ?? '', sentAt, body),
    );
    expect(JSON.parse(body)).toMatchObject({ id: headers['webhook-id'], type: 'lead.accepted' });
  });

  onlyWith(hasPython)('is verified by the Python of the page', async () => {
    const script = `${codeIn('python')}
import json, sys
given = json.load(sys.stdin)
time.time = lambda: given["now"]
for body in given["bodies"]:
    print(is_genuine(given["secret"], given["headers"], body.encode()))`;
    expect(await run('python3', ['-c', script])).toBe('True\nFalse\n');
  });

  onlyWith(hasPhp)('is verified by the PHP of the page', async () => {
    const script = `${codeIn('php').replace('time()', "$GLOBALS['now']")}
$given = json_decode(stream_get_contents(STDIN), true);
$now = $given['now'];
foreach ($given['bodies'] as $body) {
    echo isGenuine($given['secret'], $given['headers'], $body) ? "True\\n" : "False\\n";
}`;
    expect(await run('php', ['-r', script])).toBe('True\nFalse\n');
  });
});

async function run(command: string, args: readonly string[]): Promise<string> {
  const now = Number(headers['webhook-timestamp']) + 1;
  const running = promisify(execFile)(command, args, { timeout: 30_000 });
  running.child.stdin?.end(JSON.stringify({ secret, headers, bodies: [body, `${body} `], now }));
  return (await running).stdout;
}
