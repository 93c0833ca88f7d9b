import { expect, test } from 'vitest';
import type { OutboundClient, OutboundResult } from '../http/outbound-client.ts';
import { askPhoneCheck } from './ask-phone-check.ts';

const asked = (result: OutboundResult) =>
  askPhoneCheck(
    { post: async () => result, close: () => {} } satisfies OutboundClient,
    { url: 'https://check.test/', headers: {}, timeoutMs: 2_000 },
    { phone: '5551234567', leadId: 'lead' },
  );

const http = (httpStatus: number, body: string, isCut = false): OutboundResult => ({
  kind: 'answer',
  httpStatus,
  retryAfterMs: undefined,
  body,
  isCut,
});

test.each([
  ['{"allow":true}', { allow: true, reason: null }],
  ['{"allow":true,"reason":"fine"}', { allow: true, reason: null }],
  ['{"allow":false}', { allow: false, reason: null }],
  ['{"allow":false,"reason":["DNC"]}', { allow: false, reason: null }],
  ['{"allow":false,"reason":null,"more":[1]}', { allow: false, reason: null }],
  [
    '{"allow":false,"reason":" a\\u0000\\n\\ud800 litigator\\u2028"}',
    { allow: false, reason: 'a litigator' },
  ],
  [JSON.stringify({ allow: false, reason: '😀'.repeat(300) }), { allow: false, reason: '😀'.repeat(200) }],
])('%s is an answer', async (body, answer) => {
  expect(await asked(http(200, body))).toEqual({ kind: 'answer', ...answer });
});

test.each(['', 'true', '[]', '{"allow":"false"}', '{"allow":null}', '{"allowed":true}'])(
  '%s is none',
  async (body) => {
    expect(await asked(http(200, body))).toMatchObject({ kind: 'unanswered' });
  },
);

test.each([201, 204, 302, 401, 404, 500])('an answer with status %i is none', async (status) => {
  expect(await asked(http(status, '{"allow":true}'))).toEqual({ kind: 'unanswered', why: `HTTP ${status}` });
});

test('half an answer is none, nor is a failure or a refused address', async () => {
  expect(await asked(http(200, '{"allow":true}', true))).toMatchObject({ kind: 'unanswered' });
  for (const kind of ['failed', 'refused'] as const)
    expect(await asked({ kind, why: 'because' })).toEqual({ kind: 'unanswered', why: 'because' });
});
