import { FORWARDABLE_FIELDS } from '@live-feed/core/lead/lead-fields';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, callIngress, EXAMPLE, uploadOf } from '../../kit/http/client.ts';
import { leadIdOf } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';

/** Leads that come as `application/x-www-form-urlencoded`, as most lead forms send them. */

let system: System;
useSystem({}, (started) => {
  ({ system } = started);
});

let company: Company;
let renaming: Company;
let without: Company;

beforeAll(async () => {
  company = await addCompany(system, {
    intake: { forms: true },
    leadSettings: { forward: FORWARDABLE_FIELDS },
  });
  renaming = await addCompany(system, {
    intake: {
      forms: true,
      map: { leadPhone: 'Phone Number', auxData1: 'source', leadPriority: 'rank', dncTags: 'tag' },
      defaults: { state: 'FL', maxPasses: 3 },
    },
    leadSettings: { forward: ['leadPriority', 'maxPasses', 'dncTags'] },
  });
  without = await addCompany(system);
});

const FORM = 'application/x-www-form-urlencoded';
let nextPhone = 5_550_300_000;
const phone = () => String(nextPhone++);

function postForm(
  { key }: Pick<Company, 'key'>,
  body: string | readonly (readonly [string, string])[],
  { path = '/live-feed/ringcx', ...headers }: Record<string, string> = {},
): Promise<Answer> {
  return callIngress(system.ingresses[0]?.url ?? '', path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': FORM, ...headers },
    body: typeof body === 'string' ? body : encoded(body),
  });
}

function encoded(fields: readonly (readonly [string, string])[]): string {
  const form = new URLSearchParams();
  for (const [name, value] of fields) form.append(name, value);
  return form.toString();
}

const formOf = (fields: object) =>
  Object.entries(fields).map(([name, value]) => [name, String(value)] as const);

async function uploaded(answer: Answer): Promise<Answer['body']> {
  expect([answer.status, answer.body]).toMatchObject([200, { success: true }]);
  const upload = await uploadOf(system, answer.headers.get('x-lead-id'));
  return { ...upload, lead: upload.uploadLeads[0] };
}

describe('a form', () => {
  test('is the same lead as the documented example, and its answer is JSON', async () => {
    const { lead, options } = EXAMPLE;
    const key = { 'idempotency-key': `form ${company.id}` };
    const fields = { campaignId: company.campaignId, ...lead, ...options };
    const answer = await postForm(company, formOf(fields), key);
    const sent = await uploaded(answer);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(sent.lead).toMatchObject(lead);
    expect(sent).toMatchObject(options);
    const again = await callIngress(system.ingresses[0]?.url ?? '', '/live-feed/ringcx', {
      method: 'POST',
      headers: { authorization: `Bearer ${company.key}`, 'content-type': 'application/json', ...key },
      body: JSON.stringify({ ...EXAMPLE, campaignId: company.campaignId }),
    });
    expect([again.status, leadIdOf(again)]).toEqual([200, leadIdOf(answer)]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  test('has numbers, lists and texts of one’s own, and its names may have their part before them', async () => {
    const leadPhone = phone();
    const sent = await uploaded(
      await postForm(company, [
        ['campaignId', company.campaignId],
        ['lead.leadPhone', leadPhone],
        ['lead.zip', '01234'],
        ['leadPriority', ' -5'],
        ['maxPasses', '7'],
        ['extendedLeadData.colour', 'blue'],
        ['extendedLeadData.leadPriority', '5'],
        ['options.dialPriority', 'NORMAL'],
        ['dncTags', 'federal'],
        ['dncTags', 'state'],
      ]),
    );
    expect(sent.lead).toMatchObject({
      ...{ leadPhone, zip: '01234', leadPriority: -5, maxPasses: 7 },
      extendedLeadData: { colour: 'blue', leadPriority: '5' },
    });
    expect(sent).toMatchObject({ dialPriority: 'NORMAL', dncTags: ['federal', 'state'] });
  });

  test('is read as UTF-8, with both ways to write a space', async () => {
    const body = `campaignId=${company.campaignId}&leadPhone=%2B1+${phone()}&firstName=J%C3%BCrgen&lastName=van+der%20Berg&city=M%C3%A1laga+%26+Sol`;
    expect(
      (await uploaded(await postForm(company, body, { 'content-type': `${FORM}; charset=UTF-8` }))).lead,
    ).toMatchObject({
      ...{ firstName: 'Jürgen', lastName: 'van der Berg', city: 'Málaga & Sol' },
    });
  });

  test('has empty fields that count as left out, and unknown ones that are ignored, even twice', async () => {
    const body = `campaignId=${company.campaignId}&leadPhone=${phone()}&firstName=&firstName=Jane&leadPriority=&dialPriority=&interest=a&interest=b&callerId=2065550100&submit`;
    const sent = await uploaded(await postForm(company, body));
    expect(sent.lead).toMatchObject({ firstName: 'Jane' });
    expect(sent.dialPriority).toBe('IMMEDIATE');
    expect(Object.keys(sent.lead)).not.toContain('interest');
    expect(Object.keys(sent.lead)).not.toContain('leadPriority');
  });

  test('goes by the names and defaults of its company', async () => {
    const leadPhone = phone();
    const answer = await postForm(renaming, [
      ['campaignId', renaming.campaignId],
      ['Phone Number', leadPhone],
      ['source', 'landing page'],
      ['rank', '9'],
      ['tag', 'a'],
      ['tag', 'b'],
    ]);
    const sent = await uploaded(answer);
    expect(sent.lead).toMatchObject({
      leadPhone,
      auxData1: 'landing page',
      leadPriority: 9,
      maxPasses: 3,
      state: 'FL',
    });
    expect(sent.dncTags).toEqual(['a', 'b']);
  });
});

describe('what is wrong is named as it was written', () => {
  const refused = async (to: Company, body: string) => {
    const { status, body: told } = await postForm(to, `campaignId=${to.campaignId}&${body}`);
    expect([status, told.code, told.success, told.retryable]).toEqual([
      400,
      'VALIDATION_FAILED',
      false,
      false,
    ]);
    return told.issues.map(({ path, message }: { path: string; message: string }) => `${path}: ${message}`);
  };

  test('a field that is there twice', async () => {
    const twice = ': it is there more than once: send it once';
    expect(await refused(company, 'leadPhone=1&leadPhone=2&zip=1&lead.zip=1&leadPriority=x')).toEqual([
      ...[`leadPhone${twice}`, `zip${twice}`, 'leadPriority: send a number, not text'],
    ]);
    expect(await refused(company, `leadPhone=5551234567&extendedLeadData.a=1&extendedLeadData.a=2`)).toEqual([
      `extendedLeadData.a${twice}`,
    ]);
    expect(await refused(renaming, 'Phone+Number=5551234567&source=a&source=b')).toEqual([`source${twice}`]);
  });

  test('values that do not fit', async () => {
    expect(await refused(company, `leadPhone=5551234567&dialPriority=NOW&maxPasses=1.5`)).toEqual([
      'maxPasses: send a number, not text',
      'dialPriority: send one of IMMEDIATE, NORMAL, FIRST_PASS, SECOND_PASS, THIRD_PASS',
    ]);
    expect(await refused(renaming, 'Phone+Number=5551234567&rank=99999999999')).toEqual([
      'rank: send a number of at most 2147483647',
    ]);
    expect(await refused(company, 'firstName=Jane')).toEqual(['leadPhone: it is required: send text']);
  });

  test('a phone that is none', async () => {
    const { body } = await postForm(renaming, `campaignId=1&Phone+Number=555`);
    expect([body.code, body.issues[0].path]).toEqual(['PHONE_INVALID', 'Phone Number']);
  });

  test('too many fields', async () => {
    expect(await refused(company, Array.from({ length: 500 }, (_, n) => `a${n}=1`).join('&'))).toEqual([
      ': send at most 500 fields',
    ]);
  });
});

test.each([['leadPhone=%'], ['firstName=%zz'], ['firstName=%FF'], ['%C3=1']])(
  '%s is 400: no text is guessed',
  async (body) => {
    expect(await postForm(company, body)).toMatchObject({
      status: 400,
      body: { code: 'MALFORMED_FORM', success: false },
    });
  },
);

test('a form of more than 64 KiB is 413, and a compressed one 415', async () => {
  expect(await postForm(company, `firstName=${'x'.repeat(65_536)}`)).toMatchObject({ status: 413 });
  expect(await postForm(company, 'firstName=x', { 'content-encoding': 'gzip' })).toMatchObject({
    status: 415,
  });
});

test('a company that has not switched them on is told how to, and its JSON is taken', async () => {
  const answer = await postForm(without, `campaignId=${without.campaignId}&leadPhone=${phone()}`);
  expect([answer.status, answer.body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  expect(answer.body.message).toContain('company set --form-posts on');
  expect((await postForm({ key: 'oiq_none' }, 'leadPhone=1')).status).toBe(401);
});

test('other requests take no forms', async () => {
  for (const path of ['/live-feed/ringcx/batch', '/dnc/check', '/assignment']) {
    const { status, body } = await postForm(company, 'phone=5551234567', { path });
    expect([path, status, body.code]).toEqual([path, 415, 'UNSUPPORTED_MEDIA_TYPE']);
  }
});

test('a key in the form opens nothing', async () => {
  const { status } = await callIngress(system.ingresses[0]?.url ?? '', '/live-feed/ringcx', {
    method: 'POST',
    headers: { 'content-type': FORM },
    body: `access_token=${company.key}&apiKey=${company.key}`,
  });
  expect(status).toBe(401);
});
