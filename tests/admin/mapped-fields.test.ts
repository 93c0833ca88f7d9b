import { findKey } from '@live-feed/database/directory/lookups';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { post, uploadOf } from '../kit/http/client.ts';
import { type Admin, adminOf } from '../kit/processes/admin.ts';
import { useDatabase } from '../kit/services/database.ts';
import { useRedis } from '../kit/services/redis.ts';
import { addCompany, type Company } from '../kit/system/company.ts';
import { type System, startSystem } from '../kit/system/system.ts';
import { waitFor } from '../kit/wait-for.ts';

/** `dialer map`: names and defaults of fields. */

const server = useDatabase();
const redis = useRedis();
let system: System;
const admin: Admin = (argv, input) => adminOf(() => system.environment)(argv, input);

beforeAll(async () => {
  system = await startSystem({ databaseUrl: server.url, redisUrl: redis.url });
});
afterAll(() => system?.stop());

const map = (company: Company, ...more: string[]) => admin(['dialer', 'map', company.id, ...more]);

async function intakeOf(company: Company) {
  const row = await system.database.apiKey.findFirstOrThrow({ where: { companyId: company.id } });
  const key = await findKey(system.database, row.digest);
  return key?.intake;
}

describe('dialer map', () => {
  test('is shown, changed in part, and removed', async () => {
    const company = await addCompany(system);
    expect((await map(company)).out).toMatch(
      /^Fields have their own names only, and no defaults\. See: `admin /,
    );
    const set = await map(company, 'auxData1=source', 'firstName=first_name', '--default', 'state=FL');
    expect([set.code, set.err]).toEqual([0, '']);
    expect(set.out.split('\n').slice(2)).toEqual([
      'field      also called  default',
      'firstName  first_name   –',
      'state      –            FL',
      'auxData1   source       –',
      '',
      'form posts  off',
      '',
    ]);
    await map(company, 'auxData1=', 'lead.zip=postal code', '--default', 'state=', '--default', 'city=Miami');
    const { data } = await admin(['dialer', 'map', company.id, '--json']);
    expect(data).toMatchObject({
      map: { firstName: 'first_name', zip: 'postal code' },
      defaults: { city: 'Miami' },
    });
    expect(await intakeOf(company)).toEqual({
      map: { firstName: 'first_name', zip: 'postal code' },
      defaults: { city: 'Miami' },
      forms: false,
    });
    const { out } = await admin(['dialer', 'show', company.id]);
    expect(out).toMatch(/^fields also called +firstName=first_name, zip=postal code$/m);
    expect(out).toMatch(/^field defaults +city=Miami$/m);
  });

  test('an ingress takes it up within seconds', async () => {
    const company = await addCompany(system);
    const { campaignId, key } = company;
    await map(company, 'firstName=first_name');
    const given = { campaignId, lead: { leadPhone: '5550200001', first_name: 'Jane' } };
    await waitFor(
      async () => {
        const answer = await post(system, given, { key });
        if (answer.status !== 200) return undefined;
        const { uploadLeads } = await uploadOf(system, answer.headers.get('x-lead-id'));
        return uploadLeads[0].firstName === 'Jane' ? true : undefined;
      },
      { timeoutMs: 30_000, everyMs: 500 },
    );
  });

  test('numbers are kept as numbers, and what the dialer is not sent is told', async () => {
    const company = await addCompany(system, { leadSettings: { forward: ['leadPriority'] } });
    const { out } = await map(
      company,
      'leadTimezone=tz',
      '--default',
      'leadPriority=-5',
      '--default',
      'maxPasses=3',
    );
    expect(await intakeOf(company)).toMatchObject({ defaults: { leadPriority: -5, maxPasses: 3 } });
    expect(out).toContain('Its dialer is not sent leadTimezone, maxPasses: switch on');
  });

  test('beside it form posts are switched on and off', async () => {
    const company = await addCompany(system);
    await map(company, 'firstName=first_name');
    expect((await admin(['company', 'set', company.id, '--form-posts', 'on'])).code).toBe(0);
    expect(await intakeOf(company)).toMatchObject({ map: { firstName: 'first_name' }, forms: true });
    expect((await map(company)).out).toMatch(/^form posts +on$/m);
    await admin(['company', 'set', company.id, '--form-posts', 'off']);
    expect((await admin(['dialer', 'show', company.id])).out).toMatch(/^form posts +off$/m);
    expect((await admin(['company', 'set', company.id, '--form-posts', 'maybe'])).code).toBe(2);
  });

  test('two people at once do not undo each other', async () => {
    const company = await addCompany(system);
    const fields = ['firstName', 'lastName', 'zip', 'city', 'state', 'email'];
    await Promise.all(fields.map((field) => map(company, `${field}=x_${field}`)));
    expect((await intakeOf(company))?.map).toEqual(
      Object.fromEntries(fields.map((field) => [field, `x_${field}`])),
    );
  });

  test.each([
    [['fristName=x'], 'There is no field "fristName". Did you mean firstName?'],
    [['first_name=x'], 'Did you mean firstName?'],
    [['aux_data=x'], 'Did you mean auxData'],
    [['source=auxData1'], 'write the field of the API first, auxData1=source.'],
    [['colour=x'], 'There is no field "colour". Fields are campaignId, leadPhone, firstName'],
    [['constructor=x'], 'There is no field "constructor".'],
    [['firstName'], 'Expected a field, then "=", such as firstName=first_name.'],
    [['firstName=__proto__'], 'firstName: no field can be taken from this name.'],
    [['firstName=lead'], 'firstName: no field can be taken from this name.'],
    [[`firstName=${'x'.repeat(256)}`], 'firstName: send at most 255 characters.'],
    [['firstName=a\u0000b'], 'firstName: send it without control characters.'],
    [['--default', 'leadPriority=high'], 'leadPriority: send a number, not text.'],
    [['--default', `zip=${'1'.repeat(256)}`], 'zip: send at most 255 characters.'],
    [['--default', 'leadPhone=5551234567'], 'The phone has to come with each lead.'],
    [
      ['--default', 'dialPriority=NORMAL'],
      'Options have defaults of their own, --upload-default: `admin dialer set --help`',
    ],
    [
      ['--default', 'campaignId=1'],
      'The default campaign is that of a key, --default-campaign: `admin key set --help`',
    ],
    [['--default', 'extendedLeadData=x'], 'extendedLeadData: send an object, not text.'],
  ])('%j is refused as wrong usage, and nothing is changed', async (argv, problem) => {
    const company = await addCompany(system);
    const { code, err } = await map(company, 'city=town', ...argv);
    expect([code, err.replaceAll(/\s+/g, ' ')]).toEqual([2, expect.stringContaining(problem)]);
    expect((await intakeOf(company))?.map).toEqual({});
  });
});
