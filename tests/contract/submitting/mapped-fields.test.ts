import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, callIngress, post, uploadOf } from '../../kit/http/client.ts';
import { leadIdOf } from '../../kit/leads/lead-effects.ts';
import { addCompany, type Company } from '../../kit/system/company.ts';
import type { System } from '../../kit/system/system.ts';
import { useSystem } from '../../kit/system/use-system.ts';

/** Fields under other names, and their defaults, as the lead's company has it. */

let system: System;
useSystem({}, (started) => {
  ({ system } = started);
});

/** Its callers have names of their own for fields. */
let renaming: Company;
let plain: Company;
const MAP = {
  leadPhone: 'phone',
  firstName: 'first_name',
  auxData1: 'source',
  description: 'source',
  dialPriority: 'prio',
  leadPriority: 'rank',
  extendedLeadData: 'answers',
};

beforeAll(async () => {
  renaming = await addCompany(system, {
    intake: { map: MAP, defaults: { state: 'FL', city: 'Miami', maxPasses: 3 } },
    leadSettings: { forward: ['leadPriority', 'maxPasses', 'extendedLeadData'] },
  });
  plain = await addCompany(system);
});

let nextPhone = 5_550_100_000;
const phone = () => String(nextPhone++);

function send(
  { campaignId, key }: Company,
  lead: unknown,
  more: object = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  return post(system, { campaignId, ...(lead === undefined ? {} : { lead }), ...more }, { key, headers });
}

async function uploaded(answer: Answer): Promise<Answer['body']> {
  expect([answer.status, answer.body]).toMatchObject([200, { success: true }]);
  const upload = await uploadOf(system, answer.headers.get('x-lead-id'));
  return { ...upload, lead: upload.uploadLeads[0] };
}

describe('a company that has names of its own', () => {
  test('has leads sent to its dialer as the API has them, with its defaults', async () => {
    const lead = { phone: '5550100999', first_name: 'Jane', source: 'campaign-x', rank: 5, prio: 'NORMAL' };
    const sent = await uploaded(await send(renaming, { ...lead, answers: { colour: 'blue' } }));
    expect(sent).toMatchObject({ description: 'campaign-x', dialPriority: 'NORMAL' });
    expect(sent.lead).toMatchObject({
      leadPhone: '5550100999',
      firstName: 'Jane',
      auxData1: 'campaign-x',
      leadPriority: 5,
      maxPasses: 3,
      extendedLeadData: { colour: 'blue' },
      state: 'FL',
      city: 'Miami',
    });
    expect(Object.keys(sent.lead)).not.toContain('source');
  });

  test('a field under its own name wins', async () => {
    const own = {
      leadPhone: phone(),
      firstName: 'Jane',
      auxData1: 'own',
      state: 'GA',
      city: '',
      maxPasses: 9,
    };
    const lead = { ...own, phone: '5550000000', first_name: 'John', source: 'campaign-x' };
    const sent = await uploaded(await send(renaming, lead));
    expect(sent.lead).toMatchObject({ ...own, city: 'Miami' });
    expect(sent.description).toBe('campaign-x');
  });

  test('takes a lead whose fields are all beside each other', async () => {
    const flat = { phone: phone(), first_name: 'Jane', source: 'flat', prio: 'THIRD_PASS' };
    const sent = await uploaded(await send(renaming, undefined, flat));
    expect(sent.lead).toMatchObject({ leadPhone: flat.phone, firstName: 'Jane', auxData1: 'flat' });
    expect(sent.dialPriority).toBe('THIRD_PASS');
  });

  test('has what is wrong named as its caller wrote it', async () => {
    const lead = { phone: phone(), source: 7, first_name: 'x'.repeat(256), zip: 1, answers: { colour: 7 } };
    const { status, body } = await send(renaming, lead, { rank: 'high', options: { prio: 'NOW' } });
    expect([status, body.code]).toEqual([400, 'VALIDATION_FAILED']);
    const paths = body.issues.map(({ path }: { path: string }) => path);
    expect(paths.toSorted()).toEqual(
      [
        ...['lead.answers.colour', 'lead.first_name', 'lead.source', 'lead.source', 'lead.zip'],
        ...['options.prio', 'rank'],
      ].toSorted(),
    );
    expect(body.message).toContain('lead.first_name: send at most 255 characters');
  });

  test('has a phone that is none named as its caller wrote it', async () => {
    const { status, body } = await send(renaming, { phone: '555123456' });
    expect([status, body.code, body.issues[0].path]).toEqual([400, 'PHONE_INVALID', 'lead.phone']);
    const missing = await send(renaming, { first_name: 'Jane' });
    expect(missing.body.message).toContain('lead.leadPhone: it is required');
  });

  test('requests that mean the same are the same, however their fields are called', async () => {
    const leadPhone = phone();
    const key = { 'idempotency-key': `order ${leadPhone}` };
    const first = await send(renaming, { phone: leadPhone, source: 'x' }, {}, key);
    expect(first.status).toBe(200);
    const same = { leadPhone, auxData1: 'x', state: 'FL' };
    const again = await send(renaming, same, { options: { description: 'x' } }, key);
    expect([again.status, leadIdOf(again)]).toEqual([200, leadIdOf(first)]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const other = await send(renaming, { ...same, state: 'GA' }, { options: { description: 'x' } }, key);
    expect(other.body.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  test('a batch is read in the same way', async () => {
    const { campaignId, key } = renaming;
    const good = { campaignId, lead: { phone: phone(), first_name: 'Jane' } };
    const bad = { campaignId, lead: { phone: phone(), first_name: 7 } };
    const answer = await callIngress(system.ingresses[0]?.url ?? '', '/live-feed/ringcx/batch', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ leads: [good, bad, { ...good.lead, campaignId, phone: '555' }] }),
    });
    expect(answer.body.results).toMatchObject([
      { status: 200 },
      { status: 400, issues: [{ path: 'lead.first_name', message: 'send text, not a number' }] },
      { status: 400, code: 'PHONE_INVALID', issues: [{ path: 'phone' }] },
    ]);
    const { uploadLeads } = await uploadOf(system, answer.body.results[0].leadId);
    expect(uploadLeads[0]).toMatchObject({ firstName: 'Jane', state: 'FL' });
  });

  test.each([
    ['lead', 'text'],
    ['lead', [1]],
  ])('a %s that is %j is refused as before', async (part, value) => {
    const { status, body } = await send(renaming, undefined, { [part]: value });
    expect([status, body.code, body.issues[0].path]).toEqual([400, 'VALIDATION_FAILED', 'lead']);
  });
});

test('the same request of a company without a map has unknown fields only', async () => {
  const lead = { leadPhone: phone(), first_name: 'Jane', source: 'campaign-x', firstName: 'Joan' };
  const sent = await uploaded(await send(plain, lead, { prio: 'NORMAL' }));
  expect(sent.lead).toMatchObject({ firstName: 'Joan' });
  expect(Object.keys(sent.lead)).not.toContain('auxData1');
  expect(Object.keys(sent.lead)).not.toContain('state');
  expect(sent.dialPriority).toBe('IMMEDIATE');
  const { body } = await send(plain, { phone: phone() });
  expect(body.issues).toEqual([{ path: 'lead.leadPhone', message: 'it is required: send text' }]);
});

test('a default for a field that the dialer is not sent is not sent, and harms nothing', async () => {
  const company = await addCompany(system, { intake: { defaults: { leadTimezone: 'America/Chicago' } } });
  const sent = await uploaded(await send(company, { leadPhone: phone() }));
  expect(Object.keys(sent.lead)).not.toContain('leadTimezone');
});
