import { expect, test } from 'vitest';
import { z } from 'zod';
import { maskedInput, personal, secret } from './masked-input.ts';

const phone = personal(z.string().transform((text) => text.replaceAll('-', '')));

test('keeps what was asked for, without secrets and phones, wherever they are', () => {
  const schema = z.object({
    company: z.string(),
    token: secret(z.string()).optional(),
    headers: secret(z.record(z.string(), z.string())).nullable().default(null),
    phone,
    phones: z.array(phone).optional(),
    correction: z.object({ phone: phone.optional(), campaignId: z.string() }),
  });
  const input = {
    company: 'Acme',
    token: 'very-secret',
    headers: { authorization: 'very-secret' },
    phone: '2065550143',
    phones: ['2065550144', '2065550155'],
    correction: { phone: '2065550166', campaignId: '7' },
  };
  expect(maskedInput(schema, input)).toEqual({
    company: 'Acme',
    token: '(secret)',
    headers: '(secret)',
    phone: '********43',
    phones: ['********44', '********55'],
    correction: { phone: '********66', campaignId: '7' },
  });
  expect(maskedInput(schema, { ...input, token: undefined, headers: null })).toMatchObject({
    token: null,
    headers: null,
  });
});

test('is bounded', () => {
  const schema = z.object({ ids: z.array(z.string()), text: z.string(), anything: z.unknown() });
  const input = {
    ids: Array.from({ length: 1_000 }, (_, n) => String(n)),
    text: 'x'.repeat(10_000),
    anything: { deep: 'x'.repeat(100_000) },
  };
  expect(JSON.stringify(maskedInput(schema, input)).length).toBeLessThan(2_000);
  expect(maskedInput(schema, input)).toMatchObject({ ids: expect.arrayContaining(['(and 900 more)']) });
});

test('what is no data, such as a stream, is not kept', () => {
  expect(maskedInput(z.object({ rows: z.unknown() }), { rows: () => 1 })).toEqual({ rows: '(not kept)' });
});

test('no half of a character is left where a text is cut', () => {
  const cut = { name: '😀a', note: `${'x'.repeat(499)}😀` };
  const kept = maskedInput(z.object({ name: personal(z.string()), note: z.string() }), cut);
  expect(kept).toEqual({ name: '********a', note: `${'x'.repeat(499)}…` });
});
