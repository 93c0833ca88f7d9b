import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byAge, type WaitingLead } from './line.ts';
import { createUploadGroups } from './upload-groups.ts';

function leads(count: number): WaitingLead[] {
  return Array.from({ length: count }, (_, number) => ({
    leadId: `lead-${String(number).padStart(6, '0')}`,
    campaignId: 'A',
    phoneDigest: `${number}`,
    options: {},
    alone: false,
  }));
}

/**
 * Uploads until every lead has an outcome, by a dialing system that refuses every upload with a bad lead in it.
 *
 * @returns the uploads made, and who was refused alone
 */
function uploadAll(all: readonly WaitingLead[], isBad: (lead: WaitingLead) => boolean, maximum = all.length) {
  const groups = createUploadGroups<WaitingLead>();
  groups.add(all);
  const accepted: WaitingLead[] = [];
  const rejected: WaitingLead[] = [];
  const sizes: number[] = [];
  for (let upload = groups.next(maximum); upload !== undefined; upload = groups.next(maximum)) {
    const refused = upload.leads.some(isBad);
    sizes.push(upload.leads.length);
    upload.ended(!refused);
    if (!refused) accepted.push(...upload.leads);
    else if (upload.leads.length === 1) rejected.push(...upload.leads);
    else groups.addRefused(upload.leads);
  }
  expect(groups.size).toBe(0);
  expect(accepted.length + rejected.length).toBe(all.length);
  expect(rejected.sort(byAge)).toEqual(all.filter(isBad));
  return { uploads: sizes.length, sizes };
}

const FIVE_HUNDRED = leads(500);
const ids = FIVE_HUNDRED.map(({ leadId }) => leadId);

describe('bad leads among 500', () => {
  it('one, wherever it is, is refused alone within 2·log₂(500) extra uploads', () => {
    const extra = ids.map((bad) => uploadAll(FIVE_HUNDRED, ({ leadId }) => leadId === bad).uploads - 1);
    expect(Math.max(...extra)).toBe(17);
    expect(17).toBeLessThanOrEqual(2 * Math.log2(500));
  });

  it.each([2, 3, 5])('%i are refused alone within as many times that', (count) => {
    const several = fc.uniqueArray(fc.constantFrom(...ids), { minLength: count, maxLength: count });
    fc.assert(
      fc.property(several, (bad) => {
        const { uploads } = uploadAll(FIVE_HUNDRED, ({ leadId }) => bad.includes(leadId));
        expect(uploads - 1).toBeLessThanOrEqual(count * 2 * Math.log2(500));
      }),
      { numRuns: 200 },
    );
  });

  it('all of them cost less than two uploads a lead', () => {
    expect(uploadAll(FIVE_HUNDRED, () => true).uploads).toBeLessThan(1_000);
  });
});

it('among any number of leads one bad costs at most 2·⌈log₂ n⌉ extra uploads', () => {
  const place = fc
    .integer({ min: 2, max: 300 })
    .chain((count) => fc.tuple(fc.constant(leads(count)), fc.nat(count - 1)));
  fc.assert(
    fc.property(place, ([all, bad]) => {
      const { uploads } = uploadAll(all, (lead) => lead === all[bad]);
      expect(uploads - 1).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(all.length)));
    }),
  );
});

it('bad leads are found whatever the maximum', () => {
  const some = fc.tuple(fc.uniqueArray(fc.nat(59), { maxLength: 6 }), fc.integer({ min: 1, max: 60 }));
  fc.assert(
    fc.property(some, ([bad, maximum]) => {
      const all = leads(60);
      uploadAll(all, (lead) => bad.some((place) => all[place] === lead), maximum);
    }),
  );
});

describe('a refused upload', () => {
  function refused(count: number) {
    const groups = createUploadGroups<WaitingLead>();
    groups.addRefused(leads(count));
    return groups;
  }

  it('that no half of it explains (it was too large, say) costs three uploads, not two', () => {
    const groups = refused(400);
    const sizes = [];
    for (let upload = groups.next(500); upload !== undefined; upload = groups.next(500)) {
      sizes.push(upload.leads.length);
      upload.ended(true);
    }
    expect(sizes).toEqual([200, 100, 100]);
  });

  it('sends its second half whole if the first was refused, or nothing is known of it', () => {
    const groups = refused(400);
    const first = groups.next(500);
    first?.ended(false);
    first?.ended(true);
    expect(groups.next(500)?.leads.length).toBe(200);
  });

  it('takes no hint from a part of a half, as a probe of one lead is', () => {
    const groups = refused(8);
    groups.next(1)?.ended(true);
    const sizes = [];
    for (let upload = groups.next(500); upload !== undefined; upload = groups.next(500)) {
      sizes.push(upload.leads.length);
      upload.ended(true);
    }
    expect(sizes).toEqual([3, 4]);
  });

  it('keeps apart what is left of it when leads are taken out, also while an answer is awaited', () => {
    const groups = refused(8);
    const first = groups.next(500);
    expect(groups.remove(['lead-000005'])).toHaveLength(1);
    expect(groups.oldest?.leadId).toBe('lead-000004');
    first?.ended(true);
    expect(groups.next(500)?.leads.map(({ leadId }) => leadId)).toEqual(['lead-000004']);
    expect(groups.next(500)?.leads.map(({ leadId }) => leadId)).toEqual(['lead-000006', 'lead-000007']);
  });

  it('does not come back when its answer is there after everything was taken out', () => {
    const groups = refused(8);
    const first = groups.next(500);
    groups.drain();
    first?.ended(true);
    expect(groups).toMatchObject({ size: 0, groups: 0, ready: false });
  });
});
