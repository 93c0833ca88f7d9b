import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { ask } from './question.ts';
import { Refusal } from './refusal.ts';
import { readSecret } from './secret-input.ts';

/** A terminal on which these keys are pressed. */
function terminalWith(keys: string) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stderr = Object.assign(new PassThrough(), { isTTY: true });
  setImmediate(() => stdin.write(keys));
  return { env: {}, stdin, stdout: new PassThrough(), stderr, signal: new AbortController().signal };
}

const question = { text: 'Base URL', option: '--base-url', parse: (answer: string) => answer };

test('an answer is a line', async () => {
  expect(await ask(terminalWith('https://a.example\r'), question)).toBe('https://a.example');
  expect(await readSecret(terminalWith('a-token\r'), '-', 'API token')).toBe('a-token');
});

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s instead of an answer ends the command', async (_, key) => {
  await expect(ask(terminalWith(key), question)).rejects.toThrow(Refusal);
  await expect(readSecret(terminalWith(key), '-', 'API token')).rejects.toThrow('Nothing was entered.');
});
