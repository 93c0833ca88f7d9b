import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answer } from '../http/client.ts';
import type { ApiRequest } from './api-requests.ts';
import { nearlyValid, type Schema, valuesOf } from './schema-values.ts';
import { createVerdict } from './verdict.ts';

/** The fuzzing bites: its values are what they claim to be, and a wrong answer is seen. */

const schema: Schema = {
  type: 'object',
  properties: {
    campaignId: { type: 'string', minLength: 1, maxLength: 255, pattern: '^\\P{Cc}*$' },
    zip: { anyOf: [{ type: 'string', maxLength: 10 }, { type: 'null' }] },
    priority: { type: 'string', enum: ['NOW', 'LATER'] },
  },
  required: ['campaignId'],
};
const validate = new Ajv2020({ strict: false }).compile(schema);

test('valid values are valid, whatever is in them', () => {
  fc.assert(fc.property(valuesOf(schema), (value) => validate(value)));
});

test('of values that are nearly valid many are not, and each in a way of its own', () => {
  const values = fc.sample(nearlyValid(schema), { seed: 1, numRuns: 500 });
  const refused = values.filter((value) => !validate(value));
  expect(refused.length).toBeGreaterThan(100);
  expect(refused.length).toBeLessThan(500);
});

test('a word of a schema that is not understood is not passed over', () => {
  expect(() => valuesOf({ type: 'string', multipleOf: 2 } as Schema)).toThrow('multipleOf');
});

describe('a verdict', () => {
  const operation = {
    id: 'take',
    method: 'POST',
    path: '/take',
    query: {},
    headers: [],
    body: schema,
    secured: true,
  };
  const verdict = createVerdict([operation]);
  const caller = {
    name: 'x',
    authorization: 'Bearer x',
    right: true,
    campaignId: '1',
    patient: false,
    forward: [],
  };
  const asked = (body: string, right = true): ApiRequest => ({
    caller: { ...caller, right },
    method: 'POST',
    path: '/take',
    headers: [],
    body: Buffer.from(body),
  });
  const error = (status: number, code: string, more = {}): Answer => ({
    status,
    headers: new Headers({ 'x-request-id': 'r1' }),
    body: { success: false, message: 'No.', code, retryable: false, requestId: 'r1', ...more },
  });
  const taken: Answer = { status: 200, headers: new Headers(), body: { success: true } };
  const valid = '{"campaignId":"1"}';

  test.each([
    ['a valid body that was taken', asked(valid), taken],
    ['an invalid one that was refused', asked('{"campaignId":1}'), error(400, 'VALIDATION_FAILED')],
    ['a broken one that was refused', asked('{'), error(400, 'MALFORMED_JSON')],
    ['nobody, who was kept out', asked(valid, false), error(401, 'API_KEY_INVALID')],
  ])('%s: nothing is wrong', (_case, request, answer) => {
    expect(verdict(request, answer)).toBeUndefined();
  });

  test.each([
    ['a 500', asked(valid), error(500, 'INTERNAL')],
    ['an error without its request’s id', asked(valid), error(404, 'NOT_FOUND', { requestId: 'r2' })],
    ['an invalid body that was taken', asked('{"campaignId":1}'), taken],
    ['a broken one that was taken', asked('{'), taken],
    ['a valid one that was refused', asked(valid), error(400, 'VALIDATION_FAILED')],
    ['nobody, who was let in', asked(valid, false), taken],
  ])('%s: it is seen', (_case, request, answer) => {
    expect(verdict(request, answer)).toBeDefined();
  });
});
