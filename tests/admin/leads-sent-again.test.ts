import { parseKeyring } from '@live-feed/core/crypto/sealing';
import { newId } from '@live-feed/core/ids';
import { SEALED } from '@live-feed/core/lead/lead-job';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { misbehave, post, simulator } from '../kit/http/client.ts';
import { untilAdmitted } from '../kit/leads/lead-effects.ts';
import { type Admin, adminOf } from '../kit/processes/admin.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { addCompany, type Company } from '../kit/system/company.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';

const server = useDatabase();
const redis = useRedis();
let system: System;
const admin: Admin = (argv, input) => adminOf(() => system.environment)(argv, input);

beforeAll(async () => {
  system = await startSystem({ databaseUrl: server.url, redisUrl: redis.url });
});
afterAll(() => system?.stop());
beforeEach(() => misbehave(system, {}));

const PHONE = '5551234567';
const refusing = { rules: [{ on: 'upload', fault: { kind: 'reject', message: 'no', row: 'full' } }] };

async function submitted(company: Company, lead: object = { leadPhone: PHONE, firstName: 'Jane' }) {
  const body = { campaignId: company.campaignId, lead };
  const answer = await untilAdmitted(() => post(system, body, { key: company.key }));
  return answer.headers.get('x-lead-id') ?? '';
}

/** @returns the id of a lead that the dialing system has rejected */
async function rejected(company: Company, lead?: object): Promise<string> {
  await misbehave(system, refusing);
  const id = await submitted(company, lead);
  await misbehave(system, {});
  expect(await rowOf(id)).toMatchObject({ state: 'REJECTED' });
  return id;
}

const rowOf = (id: string) => system.database.lead.findUniqueOrThrow({ where: { id } });
async function payloadOf(id: string) {
  const { companyId, payload } = await rowOf(id);
  const keyring = parseKeyring(system.environment['SEAL_KEYS'] ?? '');
  return JSON.parse(keyring.unseal(payload, { companyId, column: SEALED.payload }));
}

const becomes = (id: string, state: string) =>
  waitFor(async () => (await rowOf(id)).state === state, { what: state });

// biome-ignore lint/suspicious/noExplicitAny: the simulator's own answer
async function heldThere(company: Company): Promise<any[]> {
  const { leads } = await simulator(system, '/leads?limit=1000');
  return leads.filter(
    (lead: { accountId: string; campaignId: string }) => lead.campaignId === company.campaignId,
  );
}

async function secondCampaign(company: Company): Promise<string> {
  const campaignId = `${company.campaignId}9`;
  await admin(['campaign', 'add', company.id, campaignId]);
  return campaignId;
}

describe('lead resend', () => {
  test('sends a rejected lead again as a new one with what was put right, once', async () => {
    const company = await addCompany(system);
    const id = await rejected(company, { leadPhone: PHONE, firstName: 'Jame', city: 'Miami' });
    const argv = ['lead', 'resend', PHONE, '--company', company.id, '--phone', '(555) 123-4599'];
    const again = await admin([...argv, '--field', 'firstName=Jane', '--field', 'city=', '--json']);
    expect(again).toMatchObject({ code: 0, data: { resentFrom: id, campaignId: company.campaignId } });
    await becomes(again.data.id, 'ACCEPTED');
    expect(await rowOf(again.data.id)).toMatchObject({ resentFrom: id, promised: true, phoneLast2: '99' });
    expect((await heldThere(company)).map(({ externId }) => externId)).toEqual([again.data.id]);
    expect(await payloadOf(again.data.id)).toMatchObject({
      ...{ phone: '5551234599', fields: { firstName: 'Jane' } },
    });
    expect((await payloadOf(again.data.id)).fields).not.toHaveProperty('city');
    const twice = await admin(['lead', 'resend', id]);
    expect([twice.code, twice.err]).toEqual([
      1,
      `The lead was sent again already, as ${again.data.id}. See: \`admin lead show ${again.data.id}\`\n`,
    ]);
    const shown = await admin(['lead', 'show', id, '--json']);
    expect(shown.data).toMatchObject({ state: 'REJECTED', resentAs: again.data.id });
    const log = await admin(['audit', 'list', '--company', company.id, '--operation', 'lead.', '--json']);
    expect(JSON.stringify(log.data)).not.toMatch(/5551234599|Jane/);
    expect(log.data[1]).toMatchObject({
      ...{ operation: 'lead.resend', company: expect.any(String) },
      end: { target: `lead ${id}`, after: { resentAs: again.data.id } },
    });
  });

  test('of two people at once, one wins', async () => {
    const company = await addCompany(system);
    const id = await rejected(company);
    const both = await Promise.all([
      admin(['lead', 'resend', id, '--json']),
      admin(['lead', 'resend', id, '--json']),
    ]);
    expect(both.map(({ code }) => code).toSorted()).toEqual([0, 1]);
    expect(await system.database.lead.count({ where: { resentFrom: id } })).toBe(1);
  });

  test('goes to another campaign of the company, and to no other', async () => {
    const company = await addCompany(system);
    const id = await rejected(company);
    expect(await admin(['lead', 'resend', id, '--campaign', '1'])).toMatchObject({
      ...{ code: 1, err: expect.stringMatching(/has no campaign 1\. Add it: `admin campaign add --help`/) },
    });
    const campaignId = await secondCampaign(company);
    const { data } = await admin(['lead', 'resend', id, '--campaign', campaignId, '--json']);
    expect(await rowOf(data.id)).toMatchObject({ campaignId, resentFrom: id });
  });

  test('never doubles: what was accepted, or is there after all, is not sent again', async () => {
    const company = await addCompany(system);
    const accepted = await submitted(company);
    expect((await admin(['lead', 'resend', accepted])).err).toMatch(
      /^The lead cannot be sent again: it is ACCEPTED\./,
    );
    const there = await submitted(company, { leadPhone: '5551234568' });
    // As after writes that the database has lost.
    await system.database.lead.update({ where: { id: there }, data: { state: 'FAILED' } });
    expect((await admin(['lead', 'resend', there])).err).toMatch(/^The dialing system has this lead/);
    await misbehave(system, { rules: [{ on: 'readBack', fault: { kind: 'status', status: 500 } }] });
    expect((await admin(['lead', 'resend', there])).err).toMatch(/^The dialing system could not be asked/);
    expect(await heldThere(company)).toHaveLength(2);
    expect(
      await system.database.lead.count({ where: { resentFrom: { not: null }, companyId: company.id } }),
    ).toBe(0);
  });

  test('is refused as a lead that comes in: for the do-not-call list and for duplicates', async () => {
    const company = await addCompany(system, { refusesDuplicates: true });
    const id = await rejected(company);
    await admin(['dnc', 'add', company.id, PHONE]);
    expect((await admin(['lead', 'resend', id])).err).toMatch(
      /^Its phone is on the company's do-not-call list/,
    );
    await admin(['dnc', 'remove', company.id, PHONE]);
    const later = await submitted(company);
    await becomes(later, 'ACCEPTED');
    expect((await admin(['lead', 'resend', id])).err).toMatch(/^Its phone has had another lead/);
    expect(await system.database.lead.count({ where: { companyId: company.id } })).toBe(2);
  });

  test('whose campaign was removed needs another one', async () => {
    const company = await addCompany(system);
    const id = await rejected(company);
    const campaignId = await secondCampaign(company);
    expect(await admin(['campaign', 'remove', company.id, company.campaignId, '--yes'])).toMatchObject({
      code: 0,
    });
    expect((await admin(['lead', 'resend', id])).err).toMatch(
      /^Its campaign was removed: name another one to send it to/,
    );
    const all = await admin(['lead', 'resend-all', company.id]);
    expect(all.out).toMatch(/Not sent again: 1 whose campaign was removed: name another one/);
    expect(await admin(['lead', 'resend', id, '--campaign', campaignId])).toMatchObject({ code: 0 });
  });

  test('keeps no phone claimed when PostgreSQL fails before the new lead is written', async () => {
    const company = await addCompany(system, { refusesDuplicates: true });
    const id = await rejected(company);
    await system.database.$executeRawUnsafe(
      `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$`,
    );
    await system.database.$executeRawUnsafe(
      'CREATE TRIGGER fails BEFORE INSERT ON leads FOR EACH ROW WHEN (NEW.resent_from IS NOT NULL) EXECUTE FUNCTION fail()',
    );
    try {
      expect(await admin(['lead', 'resend', id])).toMatchObject({ code: 1 });
    } finally {
      await system.database.$executeRawUnsafe('DROP FUNCTION fail() CASCADE');
    }
    const again = await admin(['lead', 'resend', id, '--json']);
    expect(again).toMatchObject({ code: 0, data: { resentFrom: id } });
    await becomes(again.data.id, 'ACCEPTED');
  });
});

describe('lead resend-all', () => {
  test('sends what a filter finds to the right campaign, and says why others are not sent', async () => {
    const company = await addCompany(system);
    const campaignId = await secondCampaign(company);
    const phones = ['5551230001', '5551230002', '5551230003'];
    for (const leadPhone of phones) await rejected(company, { leadPhone });
    const accepted = await submitted(company, { leadPhone: '5551230004' });
    await admin(['dnc', 'add', company.id, '5551230003']);
    const argv = ['lead', 'resend-all', company.id, '--state', 'REJECTED', '--to-campaign', campaignId];
    expect((await admin([...argv, '--dry-run'])).out).toMatch(/^Would send again 3 leads of ".+"\. Nothing/);
    expect(await system.database.lead.count({ where: { campaignId } })).toBe(0);
    const log = await admin(['audit', 'list', '--company', company.id, '--operation', 'lead.', '--json']);
    expect(log.data).toEqual([]);
    const done = await admin(argv);
    expect(done.out).toMatch(/^Sent 2 leads of ".+" again\.\nNot sent again: 1 on the do-not-call list\.\n$/);
    const where = { companyId: company.id, campaignId };
    await waitFor(
      async () => (await system.database.lead.count({ where: { ...where, state: 'ACCEPTED' } })) === 2,
      { what: 'both are accepted' },
    );
    // Again: those two are not looked for any more.
    expect((await admin([...argv, '--dry-run', '--json'])).data).toMatchObject({ found: 1 });
    expect((await admin([...argv, '--json'])).data).toMatchObject({
      ...{ found: 1, resent: 0, notResent: { changed: 0, suppressed: 1 } },
    });
    expect((await rowOf(accepted)).state).toBe('ACCEPTED');
    expect(await system.database.lead.count({ where })).toBe(2);
  });
});

describe('lead export', () => {
  test('writes what a filter finds as CSV, in the company’s zone, with nothing that a spreadsheet would execute', async () => {
    const company = await addCompany(system);
    const { key } = (await admin(['key', 'issue', company.id, '--label', '=1+1', '--json'])).data;
    const id = await submitted({ ...company, key });
    const other = await rejected(company, { leadPhone: '5551234568' });
    const { code, out, err } = await admin(['lead', 'export', company.id, '-', '--state', 'ACCEPTED']);
    expect([code, err]).toEqual([0, expect.stringMatching(/^Wrote 1 lead of .* Phones are not masked/)]);
    const [head, line, ...rest] = out.split('\r\n');
    expect(head).toMatch(
      /^id,received \(America\/New_York\),finished \(America\/New_York\),company,campaign,/,
    );
    expect(line).toMatch(new RegExp(`^${id},\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d,`));
    expect(line).toContain(`,'=1+1,${PHONE},ACCEPTED,`);
    expect(rest).toEqual(['']);
    const all = await admin(['lead', 'export', company.id, '-']);
    expect(all.out).toContain(other);
    expect((await admin(['lead', 'export', newId(), '-'])).err).toContain('There is no company');
  });
});
