import type { OutboundResult } from '@live-feed/outbound/http/outbound-client';
import { createCircuit } from '@live-feed/outbound/phone-check/circuit';
import { expect, test } from 'vitest';
import { askCheckOfEach, type PhoneAsked } from './phone-asked.ts';

const leads = Array.from({ length: 40 }, (_, n) => ({
  phone: String(5_551_234_000 + n),
  lead: { leadId: `lead ${n}` },
}));

function asked(
  answer: (phone: string) => OutboundResult,
): PhoneAsked & { readonly most: number; readonly questions: number } {
  let underWay = 0;
  const seen = { most: 0, questions: 0 };
  const post: PhoneAsked['client']['post'] = async ({ body }) => {
    underWay += 1;
    seen.questions += 1;
    seen.most = Math.max(seen.most, underWay);
    await new Promise(setImmediate);
    underWay -= 1;
    return answer(JSON.parse(body).phone);
  };
  const target = { url: 'https://check.test/', headers: {}, timeoutMs: 2_000 };
  const circuit = createCircuit(() => 0);
  return Object.assign(seen, {
    unanswered: 'refuse' as const,
    target,
    circuit,
    client: { post, close: () => {} },
  });
}

const saying = (allow: boolean): OutboundResult => ({
  ...{ kind: 'answer', httpStatus: 200, retryAfterMs: undefined, isCut: false },
  body: JSON.stringify({ allow }),
});

test('phones are asked about several at once, a few at most, and answered in their order', async () => {
  const check = asked((phone) => saying(phone.endsWith('0')));
  const answers = await askCheckOfEach(check, leads);
  expect([check.questions, check.most]).toEqual([40, 8]);
  expect(answers.map(({ check }) => (typeof check === 'object' ? check.result : check))).toEqual(
    leads.map(({ phone }) => (phone.endsWith('0') ? 'allowed' : 'refused')),
  );
});

test('an endpoint that does not answer is left alone soon', async () => {
  const check = asked(() => ({ kind: 'failed', why: 'gone' }));
  const answers = await askCheckOfEach(check, leads);
  expect(new Set(answers.map(({ check }) => check))).toEqual(new Set(['unanswered']));
  expect(check.questions).toBeLessThan(5 + 8);
});

test('nothing is asked where phones are not checked', async () => {
  expect(await askCheckOfEach(undefined, leads.slice(0, 1))).toEqual([{ ...leads[0], check: undefined }]);
});
