import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXAMPLE, post, uploadOf } from '../../kit/http/client.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { type System, startSystem } from '../../kit/system/system.ts';

/** The API's contract, section 7. */

const database = useDatabase();
const redis = useRedis();
let system: System;

beforeAll(async () => {
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url });
});
afterAll(() => system?.stop());

const withPhone = (leadPhone: unknown) => ({ ...EXAMPLE, lead: { ...EXAMPLE.lead, leadPhone } });

test.each([
  '5551234567',
  '(555) 123-4567',
  '555.123.4567',
  '+1 555 123 4567',
  '1-555-123-4567',
  '15551234567',
  '  5551234567  ',
  '+15551234567',
  'Tel: 555 123 4567',
])('%j reaches the dialer as 5551234567', async (leadPhone) => {
  const answer = await post(system, withPhone(leadPhone));
  expect(answer.status).toBe(200);
  const { uploadLeads } = await uploadOf(system, answer.headers.get('x-lead-id'));
  expect(uploadLeads[0].leadPhone).toBe('5551234567');
});

describe('no number that we would have to guess at', () => {
  test.each([
    ['11 digits, not led by 1', '25551234567'],
    ['9 digits', '555123456'],
    ['12 digits', '555123456789'],
    ['nothing', ''],
    ['spaces', '   '],
    ['an extension', '4155552671 ext 89'],
    ['a short extension', '4155552671x9'],
    ['an extension after #', '4155552671 #9'],
    ['an extension after ;', '4155552671;ext=9'],
    ['two numbers', '2125551234|2125559999'],
    ['letters for digits', '1-800-FLOWERS'],
    ['Arabic-Indic digits', '٥٥٥١٢٣٤٥٦٧'],
    ['full-width digits', '５５５１２３４５６７'],
    ['one foreign digit among ours', '555123456７'],
    ['another country', '+442071838750'],
    ['an international prefix', '0112125551234'],
    ['a plus without the 1', '+2125551234'],
    ['a plus that is not first', '1+5551234567'],
    ['an area code with 0', '0234567890'],
    ['an area code with 1', '1234567890'],
  ])('%s: %j', async (_case, leadPhone) => {
    const answer = await post(system, withPhone(leadPhone));
    expect(answer).toMatchObject({
      status: 400,
      body: {
        success: false,
        code: 'PHONE_INVALID',
        retryable: false,
        issues: [{ path: 'lead.leadPhone', message: answer.body.message }],
      },
    });
    expect(answer.headers.has('x-lead-id')).toBe(false);
  });

  test.each([null, 5_551_234_567, true, ['5551234567'], { number: '5551234567' }])(
    '%j',
    async (leadPhone) => {
      const answer = await post(system, withPhone(leadPhone));
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'VALIDATION_FAILED', issues: [{ path: 'lead.leadPhone' }] },
      });
    },
  );
});
