/** Every key that RingCX documents is taken, with its type, and kept as it was sent. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadLeadSchema, loadRequestSchema } from './api/wire.ts';
import { type Client, JANE, OPTIONS, startSimulator } from './test-client.ts';

let simulator: Client;
beforeEach(async () => {
  simulator = await startSimulator();
});
afterEach(() => simulator.app.close());

/** A value of each field beyond texts, by the type that it has in RingCX's OpenAPI file. */
const TYPED = {
  leadPriority: -7,
  maxPasses: 2_147_483_647,
  dupeKeyOverride: 9_007_199_254_740_991,
  nextDialTime: '2026-12-01T09:30:00-05:00',
  extendedLeadData: { colour: 'blue', empty: '' },
  suppressed: false,
  personaPhoneConfig: { Home: '5551234567' },
};
const FORMATS = { leadPhone: '5551234567', leadPhoneE164: '+15551234567', callerId: '5551230000' };
const texts = Object.keys(loadLeadSchema.shape).filter((name) => !(name in TYPED) && !(name in FORMATS));
const WHOLE = { ...Object.fromEntries(texts.map((name) => [name, `the ${name}`])), ...FORMATS, ...TYPED };

const options = {
  ...OPTIONS,
  description: 'Spring',
  dncTags: ['federal', 'state'],
  phoneNumbersI18nEnabled: true,
  internationalNumberFormat: false,
  numberOriginCountry: 'US',
};

test('a whole lead with all options is kept as it was sent', async () => {
  expect(Object.keys(WHOLE).sort()).toEqual(Object.keys(loadLeadSchema.shape).sort());
  expect(Object.keys({ ...options, uploadLeads: [] }).sort()).toEqual(
    Object.keys(loadRequestSchema.shape).sort(),
  );
  expect((await simulator.upload([WHOLE], { options })).status).toBe(200);
  expect(await simulator.control('leads')).toMatchObject({ total: 1, leads: [{ ...WHOLE, options }] });
});

test.each([
  ['leadPriority', '7'],
  ['leadPriority', 1.5],
  ['maxPasses', 2_147_483_648],
  ['dupeKeyOverride', 'x'],
  ['nextDialTime', 'tomorrow'],
  ['nextDialTime', '2026-12-01T09:30:00'],
  ['extendedLeadData', { colour: 1 }],
  ['extendedLeadData', ['blue']],
  ['suppressed', 'true'],
  ['personaPhoneConfig', 'Home'],
  ...texts.map((name): [string, unknown] => [name, 7]),
])('%s: %j is refused with the upload', async (name, value) => {
  const { status, text } = await simulator.upload([{ ...JANE, [name]: value }]);
  expect([status, JSON.parse(text).generalMessage]).toEqual([400, expect.stringContaining(name)]);
});

test.each([
  ['dncTags', 'federal'],
  ['dncTags', [1]],
  ['phoneNumbersI18nEnabled', 'true'],
  ['internationalNumberFormat', 1],
  ['numberOriginCountry', true],
])('the option %s: %j is refused', async (name, value) => {
  expect((await simulator.upload([JANE], { options: { [name]: value } })).status).toBe(400);
});

test('in E.164 mode a lead without its E.164 number is rejected', async () => {
  const upload = async (lead: object) => {
    const { text } = await simulator.upload([{ ...JANE, ...lead }], {
      options: { phoneNumbersI18nEnabled: true },
    });
    return JSON.parse(text);
  };
  expect(await upload({ leadPhoneE164: '+15551234567' })).toMatchObject({ leadsAccepted: 1 });
  expect(await upload({})).toMatchObject({
    leadsAccepted: 0,
    rejectedRows: [{ message: 'leadPhoneE164 is required' }],
  });
});

describe('a suppressed lead', () => {
  const found = async (suppressed?: string) => {
    const path = '/voice/api/v1/admin/accounts/99/campaignLeads/leadSearch';
    const body = { campaignIds: [123], externIds: ['jane'], ...(suppressed !== undefined && { suppressed }) };
    return JSON.parse((await simulator.send('POST', path, body)).text).map(
      (lead: { suppressed: boolean }) => lead.suppressed,
    );
  };

  test.each([
    ['as its upload says', () => simulator.upload([{ ...JANE, suppressed: true }])],
    [
      'by the dialing system, as it is loaded',
      async () => {
        await simulator.scenario({ suppressesLeads: true });
        await simulator.upload([JANE]);
      },
    ],
    [
      'later on',
      async () => {
        await simulator.upload([JANE]);
        await simulator.send('PUT', '/simulator/leads/jane', { suppressed: true });
      },
    ],
  ])('%s: is found only by a search for such leads', async (_case, load) => {
    await load();
    expect([await found(), await found('ONLY_UNSUPPRESSED')]).toEqual([[], []]);
    expect([await found('ALL'), await found('ONLY_SUPPRESSED')]).toEqual([[true], [true]]);
  });

  test('another one is not found by a search for suppressed leads', async () => {
    await simulator.upload([JANE]);
    expect([await found('ALL'), await found(), await found('ONLY_SUPPRESSED')]).toEqual([
      [false],
      [false],
      [],
    ]);
  });
});
