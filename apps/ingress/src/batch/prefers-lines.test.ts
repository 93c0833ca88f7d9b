import { expect, test } from 'vitest';
import { prefersLines } from './prefers-lines.ts';

test.each([
  ['application/x-ndjson', true],
  ['APPLICATION/X-NDJSON ; charset=utf-8', true],
  ['application/json;q=0.5, application/x-ndjson', true],
  ['application/x-ndjson;q=0.9, */*;q=0.8', true],
  ['application/json, application/x-ndjson', true],
  ['application/x-ndjson;q=0', false],
  ['application/x-ndjson; q=0.000', false],
  ['application/json, application/x-ndjson;q=0.1', false],
  ['application/x-ndjson;q=none', false],
  ['application/x-ndjson-other', false],
  ['*/*', false],
  ['', false],
  [undefined, false],
])('Accept: %s asks for lines: %s', (accept, expected) => expect(prefersLines(accept)).toBe(expected));
