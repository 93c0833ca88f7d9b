import { expect, test } from 'vitest';
import { localPath } from './local-path.ts';

test.each(['', 'leads', 'leads/7?phone=55', 'queues/queue/7'])('"%s" is a page of the console', (path) => {
  expect(localPath(path)).toBe(path);
});

test.each([
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example',
  '\\\\evil.example',
  '\t//evil.example',
  'https:/evil.example',
  './/evil.example/x',
  'javascript:alert(1)',
  undefined,
  ['leads'],
])('%j leads elsewhere: the first page', (path) => {
  expect(localPath(path)).toBe('');
});

test('steps up do not leave the console', () => {
  expect(localPath('../../leads')).toBe('leads');
});
