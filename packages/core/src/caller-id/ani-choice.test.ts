import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AniCandidate,
  type AniChoice,
  type AniTier,
  chooseAnis,
  type LeadToCall,
} from './ani-choice.ts';
import { distanceKm, placeOfAreaCode, placeOfZip, stateCode } from './places.ts';

const ani = (phone: string, used = 0, dailyCap = 75): AniCandidate => ({ phone, used, dailyCap });

/** Seattle and its neighbours, Spokane at the other end of the state, New York; a toll-free number. */
const SEATTLE = ani('2062000001');
const TACOMA = ani('2532000001');
const SPOKANE = ani('5092000001');
const NEW_YORK = ani('2122000001');
const TOLL_FREE = ani('8002000001');

const seattle: LeadToCall = { phone: '2065550100' };

const spent = ({ phone }: AniCandidate) => ani(phone, 75);

interface TierCase {
  readonly what: string;
  readonly lead: LeadToCall;
  readonly candidates: readonly AniCandidate[];
  readonly gets: readonly [AniTier, AniCandidate] | undefined;
}

const cases: readonly TierCase[] = [
  {
    what: 'its own area code before all others',
    ...{ lead: seattle, candidates: [NEW_YORK, SPOKANE, TACOMA, SEATTLE], gets: ['area_code', SEATTLE] },
  },
  {
    what: 'the number that its phone knows, wherever that is',
    ...{ lead: { ...seattle, sticky: NEW_YORK.phone }, candidates: [SEATTLE, NEW_YORK] },
    gets: ['sticky', NEW_YORK],
  },
  {
    what: 'another if that has reached its cap',
    ...{ lead: { ...seattle, sticky: NEW_YORK.phone }, candidates: [SEATTLE, spent(NEW_YORK)] },
    gets: ['area_code', SEATTLE],
  },
  {
    what: 'or may not be used',
    ...{ lead: { ...seattle, sticky: NEW_YORK.phone }, candidates: [SEATTLE], gets: ['area_code', SEATTLE] },
  },
  {
    what: 'the nearest area code if its own has nothing left',
    ...{ lead: seattle, candidates: [NEW_YORK, SPOKANE, TACOMA, spent(SEATTLE)], gets: ['nearby', TACOMA] },
  },
  {
    what: 'the next one if that has nothing left either, be it of another state',
    ...{ lead: { phone: '2125550100' }, candidates: [ani('2152000001'), spent(ani('6462000001'))] },
    gets: ['nearby', ani('2152000001')],
  },
  {
    what: 'its state before what is far away',
    ...{ lead: seattle, candidates: [NEW_YORK, SPOKANE], gets: ['state', SPOKANE] },
  },
  { what: 'any that is left', lead: seattle, candidates: [TOLL_FREE, NEW_YORK], gets: ['any', TOLL_FREE] },
  { what: 'none if all are at their caps', lead: seattle, candidates: [spent(SEATTLE)], gets: undefined },
  {
    what: 'never its own number, though that is the nearest',
    ...{ lead: { phone: SEATTLE.phone }, candidates: [SEATTLE, TACOMA], gets: ['nearby', TACOMA] },
  },
  {
    what: 'never its own number, though that is the one its phone knows',
    ...{ lead: { phone: SEATTLE.phone, sticky: SEATTLE.phone }, candidates: [SEATTLE, NEW_YORK] },
    gets: ['any', NEW_YORK],
  },
  {
    what: 'none if its own number is the only one',
    ...{ lead: { phone: SEATTLE.phone }, candidates: [SEATTLE], gets: undefined },
  },
  { what: 'none of none', lead: seattle, candidates: [], gets: undefined },
  {
    what: 'a neighbour of its ZIP code, called on a toll-free number',
    ...{
      lead: { phone: '8005550100', zip: '98101', state: 'NY' },
      candidates: [TOLL_FREE, NEW_YORK, SEATTLE],
    },
    gets: ['nearby', SEATTLE],
  },
  {
    what: 'the state of its ZIP code before the one it says',
    ...{ lead: { phone: '8005550100', zip: '98101-1234', state: 'NY' }, candidates: [NEW_YORK, SPOKANE] },
    gets: ['state', SPOKANE],
  },
  {
    what: 'the state it says, without a ZIP code',
    ...{ lead: { phone: '5005550100', state: ' new york ' }, candidates: [SEATTLE, NEW_YORK] },
    gets: ['state', NEW_YORK],
  },
  {
    what: 'the state of its area code, whatever it says',
    ...{ lead: { ...seattle, zip: '10001', state: 'NY' }, candidates: [NEW_YORK, SPOKANE] },
    gets: ['state', SPOKANE],
  },
  {
    what: 'any for a number of Canada, though its address is of a state',
    ...{ lead: { phone: '4165550100', state: 'WA' }, candidates: [SEATTLE] },
    gets: ['any', SEATTLE],
  },
  {
    what: 'one of its own area code for a number of Canada',
    ...{ lead: { phone: '4165550100' }, candidates: [NEW_YORK, ani('4165550101')] },
    gets: ['area_code', ani('4165550101')],
  },
  {
    what: 'the nearest for an area code that is newer than the packages',
    ...{ lead: { phone: '9245550100' }, candidates: [NEW_YORK, ani('5075550101')] },
    gets: ['nearby', ani('5075550101')],
  },
  {
    what: 'any where nothing is known of it',
    ...{ lead: {}, candidates: [SEATTLE, NEW_YORK], gets: ['any', SEATTLE] },
  },
  {
    what: 'any where nothing that it says can be read',
    ...{ lead: { phone: '7005550100', zip: '1234', state: 'Ontario' }, candidates: [SEATTLE] },
    gets: ['any', SEATTLE],
  },
];

test('a number of another country is near nothing, whatever ZIP code came with it', () => {
  const lead = { phone: '8765550100', zip: '98101' };
  expect(chooseAnis([SEATTLE], [lead])).toMatchObject([{ tier: 'any', distanceKm: null }]);
});

test.each(cases)('a lead gets $what', ({ lead, candidates, gets }) => {
  const [choice] = chooseAnis(candidates, [lead]);
  expect(choice).toEqual(
    gets && {
      kind: 'chosen',
      tier: gets[0],
      phone: gets[1].phone,
      distanceKm: expectedKm(lead, gets[1].phone),
    },
  );
});

function expectedKm({ phone, zip }: LeadToCall, to: string): number | null {
  const from = placeOfAreaCode(phone?.slice(0, 3) ?? '');
  const there = placeOfAreaCode(to.slice(0, 3));
  const here = from ?? placeOfZip(zip ?? '');
  return here === undefined || there === undefined ? null : Math.round(distanceKm(here, there));
}

describe('within a tier', () => {
  const phonesOf = (choices: readonly (AniChoice | undefined)[]) => choices.map((choice) => choice?.phone);

  test('the fewest uses today come first, then the longest unused', () => {
    const candidates = [ani('2062000003', 0), ani('2062000001', 1), ani('2062000002', 1)];
    expect(phonesOf(chooseAnis(candidates, Array(5).fill(seattle)))).toEqual(
      ['3', '1', '2', '3', '1'].map((last) => `206200000${last}`),
    );
  });

  test('area codes laid over one another are one', () => {
    const candidates = [ani('6462000001', 2), ani('9172000001', 3), ani('2122000001', 75)];
    const lead = { phone: '2125550100' };
    expect(phonesOf(chooseAnis(candidates, [lead, lead, lead]))).toEqual([
      '6462000001',
      '9172000001',
      '6462000001',
    ]);
  });
});

describe('a lead that is tried again', () => {
  const had = (countedToday: boolean) => ({ ...seattle, had: { phone: NEW_YORK.phone, countedToday } });

  test.each([
    ['keeps its ANI', true, 0],
    ['keeps it when its own use is what fills the cap', true, 75],
    ['gives it up when the cap has been lowered', true, 76],
    ['keeps it on another day', false, 74],
    ['gives it up when that day has used it up', false, 75],
  ])('%s', (what, countedToday, used) => {
    const [choice] = chooseAnis([ani(NEW_YORK.phone, used), SEATTLE], [had(countedToday)]);
    expect(choice).toMatchObject(
      what.startsWith('keeps')
        ? { kind: 'kept', phone: NEW_YORK.phone }
        : { kind: 'chosen', tier: 'area_code', phone: SEATTLE.phone },
    );
  });

  test('counts once on another day, and not at all on the same', () => {
    const last = ani(NEW_YORK.phone, 74);
    expect(chooseAnis([last], [had(true), {}])).toMatchObject([{ kind: 'kept' }, { kind: 'chosen' }]);
    expect(chooseAnis([last], [had(false), {}])).toMatchObject([{ kind: 'kept' }, undefined]);
  });

  test('gets another for one that may not be used any more', () => {
    expect(chooseAnis([SEATTLE], [had(true)])).toMatchObject([{ kind: 'chosen', phone: SEATTLE.phone }]);
  });
});

test('a lead does not keep its own number', () => {
  const had = { phone: NEW_YORK.phone, countedToday: true };
  const [choice] = chooseAnis([NEW_YORK, SEATTLE], [{ phone: NEW_YORK.phone, had }]);
  expect(choice).toMatchObject({ kind: 'chosen', phone: SEATTLE.phone });
});

test('a number that is passed over for one lead is still there for the next', () => {
  const own = { phone: SEATTLE.phone };
  const candidates = [SEATTLE, ani('2062000002'), ani('2062000003')];
  expect(chooseAnis(candidates, [own, seattle, own]).map((choice) => choice?.phone)).toEqual([
    '2062000002',
    SEATTLE.phone,
    '2062000003',
  ]);
});

describe('whatever the leads and the ANIs', () => {
  // A handful of area codes, so that leads and ANIs meet: neighbours, overlays, the ends of states, no places.
  const areaCode = fc.constantFrom('206', '253', '509', '212', '646', '215', '787', '800', '555');
  const phone = fc
    .tuple(areaCode, fc.integer({ min: 2_000_000, max: 2_000_009 }))
    .map(([code, rest]) => code + rest);
  const candidates = fc
    .uniqueArray(
      fc.record({ phone, used: fc.integer({ min: 0, max: 4 }), dailyCap: fc.integer({ min: 0, max: 4 }) }),
      { selector: (each) => each.phone, maxLength: 30 },
    )
    .map((all) => all.toSorted((a, b) => a.used - b.used));
  const lead = fc.record(
    {
      phone,
      zip: fc.constantFrom('98101', '10001', 'x'),
      state: fc.constantFrom('WA', 'New York', 'x'),
      sticky: phone,
      had: fc.record({ phone, countedToday: fc.constant(false) }),
    },
    { requiredKeys: [] },
  );
  const leads = fc.array(lead, { maxLength: 60 });

  test('no cap is broken, and nothing is assigned that is not there', () => {
    fc.assert(
      fc.property(candidates, leads, (some, all) => {
        const uses = countUses(chooseAnis(some, all));
        for (const { phone: each, used, dailyCap } of some) {
          expect(uses.get(each) ?? 0).toBeLessThanOrEqual(Math.max(0, dailyCap - used));
          uses.delete(each);
        }
        expect(uses.size).toBe(0);
      }),
    );
  });

  test('nobody is called from their own number', () => {
    fc.assert(
      fc.property(candidates, leads, (some, all) => {
        for (const [place, choice] of chooseAnis(some, all).entries()) {
          if (choice !== undefined) expect(choice.phone).not.toBe(all[place]?.phone);
        }
      }),
    );
  });

  test('a lead goes without only if every ANI but its own number is at its cap', () => {
    fc.assert(
      fc.property(candidates, leads, (some, all) => {
        const choices = chooseAnis(some, all);
        const uses = countUses(choices);
        for (const [place, choice] of choices.entries()) {
          if (choice !== undefined) continue;
          const others = some.filter(({ phone: each }) => each !== all[place]?.phone);
          const left = others.filter(
            ({ phone: each, used, dailyCap }) => used + (uses.get(each) ?? 0) < dailyCap,
          );
          expect(left).toEqual([]);
        }
      }),
    );
  });

  test('every choice is what a look at all ANIs would find', () => {
    fc.assert(
      fc.property(candidates, leads, (some, all) => {
        expect(chooseAnis(some, all)).toEqual(chooseSlowly(some, all));
      }),
    );
  });

  test('with equal chances uses within a tier differ by one at most', () => {
    const sameTier = fc.uniqueArray(fc.integer({ min: 2_062_000_000, max: 2_062_000_099 }), { minLength: 1 });
    fc.assert(
      fc.property(
        sameTier,
        fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 5 }),
        (phones, uploads) => {
          const uses = new Map(phones.map((each) => [String(each), 0]));
          for (const size of uploads) {
            const some = [...uses].map(([each, used]) => ani(each, used)).sort((a, b) => a.used - b.used);
            for (const [each, more] of countUses(chooseAnis(some, Array(size).fill(seattle)))) {
              uses.set(each, (uses.get(each) ?? 0) + more);
            }
          }
          expect(Math.max(...uses.values()) - Math.min(...uses.values())).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

function countUses(choices: readonly (AniChoice | undefined)[]): Map<string, number> {
  const uses = new Map<string, number>();
  for (const choice of choices) {
    if (choice !== undefined) uses.set(choice.phone, (uses.get(choice.phone) ?? 0) + 1);
  }
  return uses;
}

/** The rules once more, with a look at every ANI for every lead. */
function chooseSlowly(candidates: readonly AniCandidate[], leads: readonly LeadToCall[]) {
  const anis = candidates.map((each, turn) => ({
    ...each,
    turn,
    place: placeOfAreaCode(each.phone.slice(0, 3)),
  }));
  let turn = anis.length;
  return leads.map((lead) => {
    const left = anis.filter(({ phone, used, dailyCap }) => used < dailyCap && phone !== lead.phone);
    const areaCode = (lead.phone ?? '').slice(0, 3);
    const home = placeOfAreaCode(areaCode);
    const place = home ?? placeOfZip(lead.zip ?? '');
    const state = place?.state ?? stateCode(lead.state ?? '');
    const kmTo = (to: (typeof anis)[number]) =>
      place && to.place ? distanceKm(place, to.place) : Number.POSITIVE_INFINITY;
    const nearestKm = Math.min(...left.map(kmTo));
    const tiers: readonly (readonly [AniTier | 'kept', typeof anis])[] = [
      ['kept', left.filter(({ phone }) => phone === lead.had?.phone)],
      ['sticky', left.filter(({ phone }) => phone === lead.sticky)],
      ['area_code', left.filter(({ phone }) => home !== undefined && phone.startsWith(areaCode))],
      ['nearby', nearestKm > 150 ? [] : left.filter((each) => kmTo(each) === nearestKm)],
      ['state', left.filter((each) => state !== undefined && each.place?.state === state)],
      ['any', left],
    ];
    const [tier, some] = tiers.find(([, each]) => each.length > 0) ?? [];
    const [best] = some?.toSorted((a, b) => a.used - b.used || a.turn - b.turn) ?? [];
    if (tier === undefined || best === undefined) return undefined;
    best.used += 1;
    best.turn = turn++;
    const km = kmTo(best);
    return tier === 'kept'
      ? { kind: 'kept', phone: best.phone }
      : { kind: 'chosen', phone: best.phone, tier, distanceKm: Number.isFinite(km) ? Math.round(km) : null };
  });
}
