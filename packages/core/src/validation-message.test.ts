import { expect, test } from 'vitest';
import { z } from 'zod';
import { leadRequestSchema } from './lead/lead-request.ts';
import { validationMessage } from './validation-message.ts';

const lead = { leadPhone: '5551234567' };
const valid = { campaignId: '1', lead };

function messagesOf(schema: z.ZodType, value: unknown): Record<string, string> {
  const { error } = schema.safeParse(value, { error: validationMessage });
  return Object.fromEntries((error?.issues ?? []).map(({ path, message }) => [path.join('.'), message]));
}

test.each<[unknown, string, string]>([
  [[], '', 'send an object, not a list'],
  [null, '', 'send an object, not null'],
  [{ lead }, 'campaignId', 'it is required: send text'],
  [{ ...valid, campaignId: 1 }, 'campaignId', 'send text, not a number'],
  [{ ...valid, campaignId: ' ' }, 'campaignId', 'send text that is not empty'],
  [{ ...valid, campaignId: 'a\0' }, 'campaignId', 'send it without control characters'],
  [{ campaignId: '1' }, 'lead', 'it is required: send an object'],
  [{ ...valid, lead: {} }, 'lead.leadPhone', 'it is required: send text'],
  [{ ...valid, lead: { ...lead, zip: true } }, 'lead.zip', 'send text, not true or false'],
  [{ ...valid, lead: { ...lead, zip: 'x'.repeat(256) } }, 'lead.zip', 'send at most 255 characters'],
  [{ ...valid, lead: { ...lead, maxPasses: 1.5 } }, 'lead.maxPasses', 'send a whole number, not a number'],
  [
    { ...valid, lead: { ...lead, maxPasses: 2 ** 31 } },
    'lead.maxPasses',
    'send a number of at most 2147483647',
  ],
  [
    { ...valid, lead: { ...lead, nextDialTime: '2026-12-01' } },
    'lead.nextDialTime',
    'send a time with its offset, such as 2026-12-01T09:30:00-05:00',
  ],
  [
    { ...valid, lead: { ...lead, extendedLeadData: ['a'] } },
    'lead.extendedLeadData',
    'send an object, not a list',
  ],
  [
    { ...valid, lead: { ...lead, extendedLeadData: { a: 1 } } },
    'lead.extendedLeadData.a',
    'send text, not a number',
  ],
  [
    { ...valid, lead: { ...lead, extendedLeadData: { ['n'.repeat(256)]: '' } } },
    `lead.extendedLeadData.${'n'.repeat(256)}`,
    'its name is not valid: send at most 255 characters',
  ],
  [{ ...valid, options: { listState: 'ON' } }, 'options.listState', 'send one of ACTIVE, INACTIVE'],
  [{ ...valid, options: { dncTags: Array(51).fill('x') } }, 'options.dncTags', 'send at most 50 entries'],
])('%j: %s: %s', (value, path, message) => {
  expect(messagesOf(leadRequestSchema, value)).toEqual({ [path]: message });
});

test('a list may have to have something in it', () => {
  expect(messagesOf(z.array(z.string()).min(1), [])).toEqual({ '': 'send at least 1 entry' });
});
