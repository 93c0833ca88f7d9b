import { LEAD_FIELDS } from '@live-feed/core/lead/lead-fields';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, EXAMPLE, post, simulator, uploadOf } from '../../kit/http/client.ts';
import { useDatabase } from '../../kit/services/database.ts';
import { useRedis } from '../../kit/services/redis.ts';
import { addCompany } from '../../kit/system/company.ts';
import { type System, startSystem } from '../../kit/system/system.ts';

/** The API's contract, sections 3 and 4: what may be sent, and what of it reaches the dialer. */

const database = useDatabase();
const redis = useRedis();
let system: System;

beforeAll(async () => {
  system = await startSystem({ databaseUrl: database.url, redisUrl: redis.url });
});
afterAll(() => system?.stop());

const withLead = (lead: object) => ({ ...EXAMPLE, lead: { ...EXAMPLE.lead, ...lead } });
const withOptions = (options: unknown) => ({ ...EXAMPLE, options });

/** Posts a lead that has to be accepted. @returns its upload as the dialer got it */
async function accepted(body: unknown): Promise<Answer['body']> {
  const answer = await post(system, body);
  expect([answer.status, answer.body]).toEqual([200, { success: true, dialerResponse: expect.any(Object) }]);
  return uploadOf(system, answer.headers.get('x-lead-id'));
}

async function refused(body: unknown): Promise<Answer['body']> {
  const answer = await post(system, body);
  expect(answer).toMatchObject({
    status: 400,
    body: { success: false, code: 'VALIDATION_FAILED', retryable: false, message: expect.any(String) },
  });
  return answer.body;
}

describe('what is accepted', () => {
  test('the documented example is answered as documented, and reaches the dialer as it is', async () => {
    const answer = await post(system, EXAMPLE);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      success: true,
      dialerResponse: {
        message: 'Your uploaded lead list has successfully completed processing',
        leadsSupplied: 1,
        leadsAccepted: 1,
        leadsInserted: 1,
        processingResult: 'OK',
        processingStatus: 'DEFAULT_NOT_A_FAILURE',
      },
    });
    expect(Object.keys(answer.body)).toEqual(['success', 'dialerResponse']);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('x-outcome-source')).toBe('answer');
    expect(answer.headers.get('x-upload-size')).toBe('1');

    const leadId = answer.headers.get('x-lead-id');
    expect(await uploadOf(system, leadId)).toEqual({
      ...EXAMPLE.options,
      listState: 'ACTIVE',
      timeZoneOption: 'NPA_NXX',
      uploadLeads: [{ ...EXAMPLE.lead, externId: leadId, callerId: expect.stringMatching(/^305555\d{4}$/) }],
    });
  });

  test('a lead with nothing but what is required', async () => {
    const { uploadLeads } = await accepted({ campaignId: '123456', lead: { leadPhone: '5551234567' } });
    expect(Object.keys(uploadLeads[0]).sort()).toEqual(['callerId', 'externId', 'leadPhone']);
  });

  test('every field of a lead reaches the dialer under its own name', async () => {
    const fields = Object.fromEntries(LEAD_FIELDS.map((field) => [field, `the ${field}`]));
    const { uploadLeads } = await accepted(withLead(fields));
    expect(uploadLeads[0]).toMatchObject(fields);
  });

  test('text reaches the dialer as it is: spaces, quotes, accents, emoji, control characters', async () => {
    const fields = {
      firstName: ' Zoë "Z" ',
      lastName: 'O’Brien\\',
      city: '東京 🗼',
      auxData1: 'a\tb\r\nc\u0000d',
    };
    const { uploadLeads } = await accepted(withLead(fields));
    expect(uploadLeads[0]).toMatchObject(fields);
  });

  test.each(LEAD_FIELDS)('%s: null is absent, and the empty string is not sent on', async (field) => {
    for (const value of [null, '']) {
      const { uploadLeads } = await accepted(withLead({ [field]: value }));
      expect(uploadLeads[0]).not.toHaveProperty(field);
    }
  });

  test.each([undefined, null, {}])('options %j: ours are sent', async (options) => {
    const upload = await accepted(withOptions(options));
    expect(upload).toMatchObject({
      dialPriority: 'IMMEDIATE',
      duplicateHandling: 'RETAIN_ALL',
      listState: 'ACTIVE',
      timeZoneOption: 'NPA_NXX',
    });
    expect(upload).not.toHaveProperty('description');
  });

  test.each([
    ['dialPriority', ['IMMEDIATE', 'NORMAL', 'FIRST_PASS', 'SECOND_PASS', 'THIRD_PASS']],
    ['duplicateHandling', ['REMOVE_FROM_LIST', 'RETAIN_ALL', 'REMOVE_ALL_EXISTING']],
    ['listState', ['ACTIVE', 'INACTIVE']],
    ['timeZoneOption', ['NOT_APPLICABLE', 'NPA_NXX', 'ZIPCODE', 'EXPLICIT']],
    ['description', ['Spring 2026', ' spaces ', 'd'.repeat(1_024)]],
  ])('%s is forwarded as it is', async (option, values) => {
    for (const value of values) {
      expect(await accepted(withOptions({ [option]: value }))).toMatchObject({ [option]: value });
    }
  });

  test("where the caller gave no option, or null, or nothing in it, the dialer's own default is sent, else ours", async () => {
    const { key, campaignId } = await addCompany(system, {
      uploadDefaults: { dialPriority: 'THIRD_PASS', listState: 'INACTIVE', description: 'House list' },
    });
    const answer = await post(
      system,
      { ...EXAMPLE, campaignId, options: { dialPriority: null, listState: 'ACTIVE', description: '' } },
      { key },
    );
    expect(await uploadOf(system, answer.headers.get('x-lead-id'))).toMatchObject({
      dialPriority: 'THIRD_PASS',
      listState: 'ACTIVE',
      description: 'House list',
      duplicateHandling: 'RETAIN_ALL',
      timeZoneOption: 'NPA_NXX',
    });
  });

  test.each([
    ['a number in the lead', withLead({ callerId: '9998887777' })],
    ['in the lead, of another type', withLead({ callerId: { phone: 9_998_887_777 } })],
    ['beside the lead', { ...EXAMPLE, callerId: '9998887777' }],
    ['among the options', withOptions({ callerId: '9998887777' })],
  ])('a callerId, %s, is overwritten and no error', async (_where, body) => {
    const { uploadLeads, ...options } = await accepted(body);
    expect(uploadLeads[0].callerId).toMatch(/^305555\d{4}$/);
    expect(options).not.toHaveProperty('callerId');
  });

  test('unknown fields are ignored, on every level', async () => {
    const upload = await accepted({
      ...EXAMPLE,
      extra: 1,
      lead: { ...EXAMPLE.lead, auxData6: 'x', externId: 'mine', leadPhoneE164: '+442071838750' },
      options: { ...EXAMPLE.options, uploadLeads: [] },
    });
    const [{ externId, callerId, ...lead }] = upload.uploadLeads;
    expect(lead).toEqual(EXAMPLE.lead);
    expect(externId).not.toBe('mine');
    expect(upload.uploadLeads).toHaveLength(1);
  });

  test.each(['__proto__', 'constructor', 'prototype'])('a key named %s is an unknown field', async (name) => {
    const poison = `{"leadPhone":"2125550100","firstName":"Mallory","prototype":{"state":"XX"}}`;
    const body = JSON.stringify(EXAMPLE).replace(
      '"lead":{',
      `"${name}":${poison},"lead":{"${name}":${poison},`,
    );
    const { uploadLeads } = await accepted(body);
    expect(uploadLeads[0]).toMatchObject(EXAMPLE.lead);
    const withoutPhone = `{"campaignId":"123456","lead":{"${name}":${poison}}}`;
    expect((await refused(withoutPhone)).issues).toMatchObject([{ path: 'lead.leadPhone' }]);
  });

  test('an empty list stands for an empty object, as PHP writes it', async () => {
    const { uploadLeads: _, ...options } = await accepted(withOptions([]));
    expect(await accepted(withOptions({}))).toMatchObject(options);
  });

  test('spaces around the campaign id do not count', async () => {
    const answer = await post(system, { ...EXAMPLE, campaignId: ' 123456 ' });
    expect(answer.status).toBe(200);
    const { leads } = await simulator(system, `/leads?externId=${answer.headers.get('x-lead-id')}`);
    expect(leads[0].campaignId).toBe('123456');
  });

  test.each([
    ['x', 'letters'],
    ['👍', 'characters that UTF-16 needs two units for'],
  ])('texts of the greatest length, of %s: %s', async (character) => {
    const fields = Object.fromEntries(
      LEAD_FIELDS.map((field) => [field, character.repeat(field.startsWith('auxData') ? 1_024 : 255)]),
    );
    const { uploadLeads } = await accepted(withLead(fields));
    expect(uploadLeads[0]).toMatchObject(fields);
  });
});

describe('what is refused with 400, before anything else is looked at', () => {
  const { campaignId, lead } = EXAMPLE;

  test.each([
    ['no campaignId', { lead }, 'campaignId'],
    ['campaignId null', { campaignId: null, lead }, 'campaignId'],
    ['campaignId a number', { campaignId: 123_456, lead }, 'campaignId'],
    ['campaignId empty', { campaignId: '', lead }, 'campaignId'],
    ['campaignId of spaces', { campaignId: '  ', lead }, 'campaignId'],
    ['campaignId of 256 characters', { campaignId: '1'.repeat(256), lead }, 'campaignId'],
    ['campaignId with a NUL', { campaignId: '1\u00002', lead }, 'campaignId'],
    ['no lead', { campaignId }, 'lead'],
    ['lead null', { campaignId, lead: null }, 'lead'],
    ['lead a list', { campaignId, lead: [lead] }, 'lead'],
    ['lead a text', { campaignId, lead: '5551234567' }, 'lead'],
    ['no leadPhone', { campaignId, lead: {} }, 'lead.leadPhone'],
    [
      'leadPhone of 256 characters',
      withLead({ leadPhone: `5551234567${' '.repeat(246)}` }),
      'lead.leadPhone',
    ],
    ...LEAD_FIELDS.flatMap((field): [string, unknown, string][] => {
      const most = field.startsWith('auxData') ? 1_024 : 255;
      return [
        [`${field} of ${most + 1} characters`, withLead({ [field]: 'x'.repeat(most + 1) }), `lead.${field}`],
        [`${field} of ${most + 1} emoji`, withLead({ [field]: '👍'.repeat(most + 1) }), `lead.${field}`],
        [`${field} a number`, withLead({ [field]: 1 }), `lead.${field}`],
      ];
    }),
    ['options a text', withOptions('IMMEDIATE'), 'options'],
    ['options a list', withOptions([1]), 'options'],
    ['an unknown dialPriority', withOptions({ dialPriority: 'LATER' }), 'options.dialPriority'],
    ['a dialPriority in lower case', withOptions({ dialPriority: 'immediate' }), 'options.dialPriority'],
    ['an empty dialPriority', withOptions({ dialPriority: '' }), 'options.dialPriority'],
    ['an unknown duplicateHandling', withOptions({ duplicateHandling: 'x' }), 'options.duplicateHandling'],
    ['an unknown listState', withOptions({ listState: 'PAUSED' }), 'options.listState'],
    ['an unknown timeZoneOption', withOptions({ timeZoneOption: 'EST' }), 'options.timeZoneOption'],
    [
      'a description of 1,025 characters',
      withOptions({ description: 'x'.repeat(1_025) }),
      'options.description',
    ],
    ['a description that is a number', withOptions({ description: 1 }), 'options.description'],
  ])('%s', async (_case, body, path) => {
    expect((await refused(body)).issues).toEqual([{ path, message: expect.any(String) }]);
  });

  test.each(['null', '[]', '"text"', '1', 'true'])('a body that is %s', async (body) => {
    expect((await refused(body)).issues).toEqual([{ path: '', message: expect.any(String) }]);
  });

  test('everything that is wrong is told at once', async () => {
    const { issues, message } = await refused({
      lead: { leadPhone: 5, zip: 33_101 },
      options: { listState: 'x' },
    });
    expect(issues.map(({ path }: { path: string }) => path)).toEqual([
      'campaignId',
      'lead.leadPhone',
      'lead.zip',
      'options.listState',
    ]);
    expect(message).toContain('campaignId');
  });

  test('what was sent is not repeated: it may be personal', async () => {
    const body = await refused(withLead({ email: `jane${'x'.repeat(255)}@example.com` }));
    expect(JSON.stringify(body)).not.toContain('jane');
  });
});
