import { FORWARDABLE, FORWARDABLE_FIELDS, type ForwardableField } from '@live-feed/core/lead/lead-fields';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  callIngress,
  EXAMPLE,
  misbehave,
  post,
  simulator,
  uploadOf,
} from '../../kit/http/client.ts';
import { leadIdOf, untilState } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company, type CompanyOptions } from '../../kit/system/company.ts';
import { addCompanyWithoutPermits, givePermits } from '../../kit/system/company-without-permits.ts';
import type { Queues } from '../../kit/system/queues.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';
import { waitFor } from '../../kit/wait-for.ts';

/** What a dialer is sent beyond the contract's fields, as its company is configured. */

let system: System;
let queues: Queues;
useSystem({}, (started) => {
  ({ system, queues } = started);
});

const LEAD = {
  midName: 'Q',
  suffix: 'Jr.',
  title: 'Dr.',
  auxPhone: '2125550199',
  auxExternalUrl: 'https://crm.example/leads/7',
  auxGreeting: 'Hello, Jane',
  gateKeeper: 'Reception',
  leadTimezone: 'America/New_York',
  reserveAgent: 'agent-7',
  leadPriority: -3,
  maxPasses: 5,
  nextDialTime: '2026-12-01T09:30:00-05:00',
  extendedLeadData: { colour: 'blue', empty: '' },
};
const OPTIONS = { dncTags: ['federal', 'state'] };

const bodyFor = ({ campaignId }: Company, lead: object = {}, options: object = {}) => ({
  ...EXAMPLE,
  campaignId,
  lead: { ...EXAMPLE.lead, ...lead },
  options: { ...EXAMPLE.options, ...options },
});

function send(company: Company, lead: object = {}, options: object = {}): Promise<Answer> {
  return post(system, bodyFor(company, lead, options), { key: company.key });
}

/** @returns the upload as the dialer got it */
async function accepted(company: Company, lead: object = {}, options: object = {}): Promise<Answer['body']> {
  const answer = await send(company, lead, options);
  expect([answer.status, answer.body]).toMatchObject([200, { success: true }]);
  return uploadOf(system, answer.headers.get('x-lead-id'));
}

const forwarding = (...forward: ForwardableField[]) => addCompany(system, { leadSettings: { forward } });

describe.each(['ringcx', 'newbridge'] as const)('a %s dialer', (family) => {
  test('that is configured for none is sent none, whatever they are', async () => {
    const company = await addCompany(system, { family });
    for (const value of [undefined, null, 7, 'x', { a: [1] }, 'x'.repeat(3_000)]) {
      const lead =
        value === undefined ? LEAD : Object.fromEntries(FORWARDABLE.lead.map((name) => [name, value]));
      const upload = await accepted(company, lead, { dncTags: value ?? 'federal' });
      expect(Object.keys(upload).sort()).toEqual([
        ...['dialPriority', 'duplicateHandling', 'listState', 'timeZoneOption', 'uploadLeads'],
      ]);
      expect(Object.keys(upload.uploadLeads[0]).sort()).toEqual(
        [...Object.keys(EXAMPLE.lead), 'callerId', 'externId'].sort(),
      );
    }
  });

  test('that is configured for all is sent all, as they are', async () => {
    const company = await addCompany(system, { family, leadSettings: { forward: FORWARDABLE_FIELDS } });
    expect(Object.keys({ ...LEAD, ...OPTIONS }).sort()).toEqual([...FORWARDABLE_FIELDS].sort());
    const { uploadLeads, ...options } = await accepted(company, LEAD, OPTIONS);
    expect(uploadLeads[0]).toEqual({
      ...EXAMPLE.lead,
      ...LEAD,
      externId: expect.any(String),
      callerId: expect.any(String),
    });
    expect(options).toMatchObject(OPTIONS);
  });
});

test('only the fields that are switched on are sent, and checked', async () => {
  const company = await forwarding('leadPriority', 'suffix');
  const { uploadLeads } = await accepted(company, { ...LEAD, maxPasses: 'many' }, OPTIONS);
  expect(uploadLeads[0]).toMatchObject({ leadPriority: -3, suffix: 'Jr.' });
  expect(uploadLeads[0]).not.toHaveProperty('maxPasses');
  expect(uploadLeads[0]).not.toHaveProperty('title');
});

test('in a batch as well: what is switched on is sent and checked, lead by lead', async () => {
  const sendBatch = async (company: Company, ...leads: object[]) => {
    const { body } = await callIngress(system.ingresses[0]?.url ?? '', '/live-feed/ringcx/batch', {
      method: 'POST',
      headers: { authorization: `Bearer ${company.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ leads: leads.map((lead) => bodyFor(company, lead)) }),
    });
    return body.results.map(({ status }: { status: number }) => status);
  };
  const leads = [{ leadPriority: 'high' }, { leadPriority: 7, leadPhone: '2125550177' }];
  const forwards = await forwarding('leadPriority');
  expect(await sendBatch(forwards, ...leads)).toEqual([400, 200]);
  expect((await simulator(system, `/leads?campaignId=${forwards.campaignId}`)).leads).toMatchObject([
    { leadPriority: 7 },
  ]);
  expect(await sendBatch(await forwarding(), ...leads)).toEqual([200, 200]);
});

test('a change takes effect within seconds, without a restart', async () => {
  const company = await forwarding();
  await accepted(company, { leadPriority: 7 });
  await system.database.dialer.update({
    where: { id: company.dialerId },
    data: { leadSettings: { forward: ['leadPriority'] } },
  });
  await waitFor(async () => (await accepted(company, { leadPriority: 7 })).uploadLeads[0].leadPriority === 7);
});

describe('where they are sent', () => {
  let company: Company;
  beforeAll(async () => {
    company = await forwarding(...FORWARDABLE_FIELDS);
  });

  test.each(FORWARDABLE_FIELDS)('%s: null is absent', async (name) => {
    const upload = await accepted(company, { [name]: null }, { [name]: null });
    expect({ ...upload, ...upload.uploadLeads[0] }).not.toHaveProperty(name);
  });

  // A list is PHP's empty object.
  test.each([[{}], [[]]])('zero is sent on; empty texts, lists and objects are not: %j', async (empty) => {
    const lead = { title: '', leadPriority: 0, extendedLeadData: empty };
    const { uploadLeads, ...options } = await accepted(company, lead, { dncTags: [] });
    expect(options).not.toHaveProperty('dncTags');
    expect(uploadLeads[0]).not.toHaveProperty('title');
    expect(uploadLeads[0]).not.toHaveProperty('extendedLeadData');
    expect(uploadLeads[0]).toMatchObject({ leadPriority: 0 });
  });

  test.each<[string, unknown]>([
    ['title', 7],
    ['title', 'x'.repeat(256)],
    ['auxGreeting', 'x'.repeat(1_025)],
    ['leadPriority', '7'],
    ['leadPriority', 1.5],
    ['leadPriority', 2 ** 31],
    ['maxPasses', -(2 ** 31) - 1],
    ['nextDialTime', ''],
    ['nextDialTime', '2026-12-01'],
    ['nextDialTime', '2026-12-01T09:30:00'],
    ['nextDialTime', 1_764_577_800],
    ['extendedLeadData', 'blue'],
    ['extendedLeadData', ['blue']],
    ['extendedLeadData', { colour: 1 }],
    ['extendedLeadData', { colour: 'x'.repeat(1_025) }],
    ['extendedLeadData', Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, '']))],
    [
      'extendedLeadData',
      Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`k${n}`, 'x'.repeat(1_000)])),
    ],
  ])('%s: %j is refused', async (name, value) => {
    const { status, body } = await send(company, { [name]: value });
    expect([status, body.code]).toEqual([400, 'VALIDATION_FAILED']);
    const [{ path }] = body.issues;
    expect(path.split('.').slice(0, 2)).toEqual(['lead', name]);
  });

  test.each<[unknown]>([['federal'], [[1]], [Array(51).fill('x')], [['x'.repeat(256)]]])(
    'dncTags: %j is refused',
    async (dncTags) => {
      const { status, body } = await send(company, {}, { dncTags });
      expect([status, body.issues[0].path]).toEqual([400, expect.stringMatching(/^options\.dncTags/)]);
    },
  );

  test('they are checked with the other fields, before the phone, and all at once', async () => {
    const { body } = await send(company, { leadPriority: 'x', zip: 7, leadPhone: '123' }, { dncTags: 1 });
    expect(body.issues.map(({ path }: { path: string }) => path).sort()).toEqual([
      'lead.leadPriority',
      'lead.zip',
      'options.dncTags',
    ]);
  });

  test('requests are equal whatever the order inside of a field', async () => {
    const key = { 'idempotency-key': crypto.randomUUID() };
    const sendKeyed = (extendedLeadData: object) =>
      post(system, bodyFor(company, { extendedLeadData }), { key: company.key, headers: key });
    const first = await sendKeyed({ a: '1', b: '2' });
    const again = await sendKeyed({ b: '2', a: '1' });
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    expect(again.headers.get('x-lead-id')).toBe(first.headers.get('x-lead-id'));
    expect((await sendKeyed({ a: '1', b: '3' })).status).toBe(422);
  });
});

describe('timeZoneOption EXPLICIT', () => {
  const explicit = { timeZoneOption: 'EXPLICIT' };

  test('needs leadTimezone where that is sent', async () => {
    const company = await forwarding('leadTimezone');
    for (const lead of [{}, { leadTimezone: null }, { leadTimezone: '' }, { leadPhone: '123' }]) {
      const { status, body } = await send(company, lead, explicit);
      expect([status, body.code]).toEqual([400, 'VALIDATION_FAILED']);
      expect(body.issues).toEqual([
        { path: 'lead.leadTimezone', message: expect.stringContaining('send the time zone of the lead') },
      ]);
    }
    const { leadTimezone } = LEAD;
    expect(await accepted(company, { leadTimezone }, explicit)).toMatchObject(explicit);
    await accepted(company);
  });

  test('needs it as the dialer’s default too, unless something else is sent for it', async () => {
    const uploadDefaults = { timeZoneOption: 'EXPLICIT' };
    const company = await addCompany(system, { uploadDefaults, leadSettings: { forward: ['leadTimezone'] } });
    expect((await send(company)).status).toBe(400);
    const mapped = await addCompany(system, {
      uploadDefaults,
      leadSettings: { forward: ['leadTimezone'], map: { 'timeZoneOption.EXPLICIT': 'ZIPCODE' } },
    });
    expect(await accepted(mapped)).toMatchObject({ timeZoneOption: 'ZIPCODE' });
  });

  test('goes on as it is where leadTimezone is not sent', async () => {
    expect(await accepted(await forwarding('title'), {}, explicit)).toMatchObject(explicit);
  });
});

describe('mapped options', () => {
  const leadSettings = {
    map: { 'dialPriority.FIRST_PASS': 'IMMEDIATE', 'listState.INACTIVE': 'PAUSED' },
  };

  test('the dialer gets the word that it is configured for', async () => {
    const company = await addCompany(system, { leadSettings, uploadDefaults: { listState: 'INACTIVE' } });
    const sent = { dialPriority: 'IMMEDIATE', listState: 'PAUSED' };
    expect(await accepted(company, {}, { dialPriority: 'FIRST_PASS' })).toMatchObject(sent);
    expect(await accepted(company, {}, { dialPriority: 'SECOND_PASS' })).toMatchObject({
      dialPriority: 'SECOND_PASS',
    });
  });

  test('a dialing system that takes only its published words takes every lead', async () => {
    const map = {
      ...Object.fromEntries(
        ['FIRST_PASS', 'SECOND_PASS', 'THIRD_PASS'].map((pass) => [`dialPriority.${pass}`, 'NORMAL']),
      ),
      'listState.INACTIVE': 'PAUSED',
    };
    const company = await addCompany(system, { leadSettings: { map } });
    const unmapped = await addCompany(system);
    await misbehave(system, { strictOptions: true });
    for (const dialPriority of ['FIRST_PASS', 'SECOND_PASS', 'THIRD_PASS', 'IMMEDIATE', 'NORMAL']) {
      await accepted(company, {}, { dialPriority, listState: 'INACTIVE' });
    }
    expect((await send(unmapped, {}, { dialPriority: 'FIRST_PASS' })).status).toBe(502);
    await misbehave(system, {});
  });
});

describe('which leads share an upload', () => {
  /** @returns the size of the upload that each lead went in; they waited together before */
  async function uploadSizes(
    options: CompanyOptions,
    ...leads: readonly (readonly [lead: object, options: object])[]
  ): Promise<(number | null)[]> {
    const company = await addCompanyWithoutPermits(system, queues, options);
    const ids: string[] = [];
    for (const [n, [lead, sent]] of leads.entries()) {
      const body = bodyFor(company, { leadPhone: String(2_125_551_000 + n), ...lead }, sent);
      const answer = await post(system, body, { key: company.key, headers: { prefer: 'respond-async' } });
      ids.push(leadIdOf(answer));
    }
    await givePermits(system, queues, company);
    const rows = await Promise.all(ids.map((id) => untilState(system, id, 'ACCEPTED')));
    return rows.map(({ uploadSize }) => uploadSize);
  }

  test('those with two values for which one is sent', async () => {
    const leads = [
      [{}, { dialPriority: 'IMMEDIATE' }],
      [{}, { dialPriority: 'FIRST_PASS' }],
    ] as const;
    const map = { 'dialPriority.FIRST_PASS': 'IMMEDIATE' };
    expect(await uploadSizes({ leadSettings: { map } }, ...leads)).toEqual([2, 2]);
    expect(await uploadSizes({}, ...leads)).toEqual([1, 1]);
  });

  test('those with equal dncTags, whatever fields of their own they have', async () => {
    const leads = [
      [LEAD, { dncTags: ['a'] }],
      [{ leadPriority: 1 }, { dncTags: ['a'] }],
      [{}, { dncTags: ['b'] }],
      [{}, { dncTags: ['a', 'b'] }],
      [{}, {}],
    ] as const;
    const forwarded = { leadSettings: { forward: FORWARDABLE_FIELDS } };
    expect(await uploadSizes(forwarded, ...leads)).toEqual([2, 2, 1, 1, 1]);
    expect(await uploadSizes({}, ...leads)).toEqual([5, 5, 5, 5, 5]);
  });
});

describe('a dialer in E.164 mode', () => {
  test('has each number in both forms', async () => {
    const company = await addCompany(system, { leadSettings: { phoneFormat: 'e164' } });
    expect(await accepted(company, { leadPhone: '(212) 555-0123' })).toMatchObject({
      phoneNumbersI18nEnabled: true,
      uploadLeads: [{ leadPhone: '2125550123', leadPhoneE164: '+12125550123' }],
    });
  });

  test('and its lead is told apart when it is refused, and found when its answer is lost', async () => {
    const company = await addCompany(system, { leadSettings: { phoneFormat: 'e164' } });
    const match = { campaignId: company.campaignId };
    await misbehave(system, { rules: [{ on: 'upload', match, fault: { kind: 'reject', message: 'No' } }] });
    const refused = await send(company);
    expect([refused.status, refused.body.code]).toEqual([502, 'DIALER_REJECTED']);
    await misbehave(system, {
      rules: [{ on: 'upload', match, fault: { kind: 'reset', when: 'afterStoring' } }],
    });
    expect((await send(company)).headers.get('x-outcome-source')).toBe('read-back');
    await misbehave(system, {});
  });
});

test('a lead that the dialing system has suppressed is found: it is there', async () => {
  const company = await addCompany(system);
  const fault = { kind: 'reset', when: 'afterStoring' };
  const match = { campaignId: company.campaignId };
  await misbehave(system, { suppressesLeads: true, rules: [{ on: 'upload', match, fault }] });
  const answer = await send(company);
  expect([answer.status, answer.headers.get('x-outcome-source')]).toEqual([200, 'read-back']);
  const { total } = await simulator(system, `/leads?externId=${answer.headers.get('x-lead-id')}`);
  expect(total).toBe(1);
  await misbehave(system, {});
});

test('what is switched off is not sent with leads that wait', async () => {
  const company = await forwarding(...FORWARDABLE_FIELDS);
  await Promise.all(system.workers.map((worker) => worker.stop()));
  const answer = await post(system, bodyFor(company, LEAD, OPTIONS), {
    ...{ key: company.key, headers: { prefer: 'respond-async' } },
  });
  await system.database.dialer.update({
    where: { id: company.dialerId },
    data: { leadSettings: { forward: ['title'] } },
  });
  await system.addWorker();
  await untilState(system, leadIdOf(answer), 'ACCEPTED');
  const { uploadLeads, ...options } = await uploadOf(system, leadIdOf(answer));
  expect(options).not.toHaveProperty('dncTags');
  expect(uploadLeads).toMatchObject([{ title: 'Dr.', firstName: 'Jane' }]);
  for (const name of FORWARDABLE.lead.filter((each) => each !== 'title')) {
    expect(uploadLeads[0]).not.toHaveProperty(name);
  }
});
