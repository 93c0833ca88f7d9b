import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupKey } from './group-key.ts';
import type { WaitingLead } from './line.ts';
import { createUploadGroups, type UploadGroups } from './upload-groups.ts';

/** Ids that sort by their number, as UUIDv7s sort by age. */
function lead(number: number, differs: Partial<WaitingLead> = {}): WaitingLead {
  return {
    leadId: `lead-${String(number).padStart(6, '0')}`,
    campaignId: 'A',
    phoneDigest: `phone-${number}`,
    options: {},
    alone: false,
    ...differs,
  };
}

function leads(from: number, to: number, differs: Partial<WaitingLead> = {}): WaitingLead[] {
  return Array.from({ length: to - from }, (_, index) => lead(from + index, differs));
}

function idsOf(some: readonly WaitingLead[] | undefined): string[] | undefined {
  return some?.map(({ leadId }) => leadId);
}

function groupsWith(...added: readonly WaitingLead[][]): UploadGroups<WaitingLead> {
  const groups = createUploadGroups<WaitingLead>();
  for (const some of added) groups.add(some);
  return groups;
}

/** Every upload until there is none, each of them accepted before the next is asked for. */
function allUploads(groups: UploadGroups<WaitingLead>, maximum: number): (readonly WaitingLead[])[] {
  const uploads = [];
  for (let upload = groups.next(maximum); upload !== undefined; upload = groups.next(maximum)) {
    upload.ended(true);
    uploads.push(upload.leads);
  }
  return uploads;
}

describe('an upload', () => {
  it('is not there when nothing waits', () => {
    const groups = groupsWith();
    expect(groups.next(500)).toBeUndefined();
    expect(groups).toMatchObject({ size: 0, groups: 0, ready: false, oldest: undefined });
  });

  it('takes every lead of its group, up to the maximum', () => {
    const groups = groupsWith(leads(0, 12));
    expect(allUploads(groups, 5).map((upload) => upload.length)).toEqual([5, 5, 2]);
    expect(groups).toMatchObject({ size: 0, groups: 0, ready: false, oldest: undefined });
  });

  it('takes the oldest lead first, although a retry brought it last', () => {
    const groups = groupsWith(leads(5, 10), leads(0, 3), [lead(4)], [lead(3)]);
    expect(idsOf(groups.next(6)?.leads)).toEqual(idsOf(leads(0, 6)));
    expect(groups.oldest).toEqual(lead(6));
  });

  it('has no phone twice: the younger lead waits and keeps its place', () => {
    const phoneDigest = 'same';
    const groups = groupsWith([
      lead(1, { phoneDigest }),
      lead(2, { phoneDigest }),
      lead(3),
      lead(4, { phoneDigest }),
      lead(5),
    ]);
    expect(allUploads(groups, 3).map(idsOf)).toEqual([
      idsOf([lead(1), lead(3), lead(5)]),
      idsOf([lead(2)]),
      idsOf([lead(4)]),
    ]);
  });

  it.each([
    ['campaign', { campaignId: 'B' }],
    ['option', { options: { dialPriority: 'FIRST_PASS' } }],
    ['description', { options: { description: 'web' } }],
  ])('is not shared by leads that differ in %s', (_name, differs) => {
    const groups = groupsWith([lead(1), lead(2, differs), lead(3)]);
    expect(allUploads(groups, 500).map(idsOf)).toEqual([idsOf([lead(1), lead(3)]), idsOf([lead(2)])]);
  });

  it('is an upload of one for a lead that goes alone', () => {
    const groups = groupsWith([lead(1, { alone: true }), lead(2), lead(3, { alone: true }), lead(4)]);
    expect(groups.groups).toBe(2);
    expect(allUploads(groups, 500).map(idsOf)).toEqual([
      idsOf([lead(1)]),
      idsOf([lead(2), lead(4)]),
      idsOf([lead(3)]),
    ]);
  });

  it.each([0, -1, 1.5, Number.NaN])('of at most %d leads is refused', (maximum) => {
    expect(() => groupsWith(leads(0, 3)).next(maximum)).toThrow(RangeError);
  });
});

describe('turns', () => {
  it('a lead of another campaign leaves within two uploads, with ten times the maximum before it', () => {
    const groups = groupsWith(leads(0, 5_000), [lead(9_000, { campaignId: 'B' })]);
    const uploads = [groups.next(500)?.leads, groups.next(500)?.leads];
    expect(uploads.flat().map((some) => some?.campaignId)).toContain('B');
  });

  it.each<[string, (number: number) => Partial<WaitingLead>]>([
    ['have a description each', (number) => ({ options: { description: `${number}` } })],
    ['go alone', () => ({ alone: true })],
  ])('so it does when the leads of the first campaign all %s', (_name, differs) => {
    const waiting = Array.from({ length: 1_000 }, (_, number) => lead(number, differs(number)));
    const groups = groupsWith(waiting, [lead(9_000, { campaignId: 'B' })]);
    const uploads = [groups.next(500)?.leads, groups.next(500)?.leads];
    expect(uploads.flat().map((some) => some?.campaignId)).toContain('B');
  });

  it('a campaign that was served and emptied, then filled again before another came, does not go first', () => {
    const groups = groupsWith(leads(0, 5));
    groups.next(5)?.ended(true);
    groups.add(leads(5, 50));
    groups.add([lead(50, { campaignId: 'B' })]);
    expect(idsOf(groups.next(5)?.leads)).toEqual(['lead-000050']);
  });

  it('a group that is added to goes on waiting for its turn, and one that was emptied waits anew', () => {
    const [a, b] = [{ options: { description: 'a' } }, { options: { description: 'b' } }];
    const groups = groupsWith(leads(0, 2, a), leads(10, 14, b));
    const served = [groups.next(2)?.leads];
    groups.add(leads(2, 4, a));
    served.push(groups.next(2)?.leads, groups.next(2)?.leads, groups.next(2)?.leads);
    expect(served.map((upload) => upload?.[0]?.options['description'])).toEqual(['a', 'b', 'a', 'b']);
  });
});

describe('a lead that is in it already', () => {
  it('is put where it belongs now, and what it displaces is given back', () => {
    const groups = groupsWith(leads(0, 3));
    const again = lead(1, { alone: true });
    expect(groups.add([again])).toEqual([lead(1)]);
    expect(groups.size).toBe(3);
    expect(allUploads(groups, 500)).toEqual([[lead(0), lead(2)], [again]]);
  });

  it('twice in what is added counts once', () => {
    const groups = groupsWith();
    const again = lead(1, { phoneDigest: 'other' });
    expect(groups.add([lead(1), lead(2), again])).toEqual([lead(1)]);
    expect(allUploads(groups, 500)).toEqual([[again, lead(2)]]);
  });
});

describe('taken out', () => {
  it('are the leads asked for, and no others', () => {
    const groups = groupsWith(leads(0, 3), [lead(3, { campaignId: 'B' })]);
    expect(groups.remove(['lead-000001', 'lead-000003', 'unknown'])).toEqual([
      lead(1),
      lead(3, { campaignId: 'B' }),
    ]);
    expect(groups).toMatchObject({ size: 2, groups: 1 });
  });

  it('is everything when a lane ends, the halves of a refused upload too', () => {
    const groups = groupsWith(leads(10, 13), [lead(0, { campaignId: 'B' })]);
    groups.addRefused(leads(4, 8));
    expect(groups.drain()).toEqual([lead(0, { campaignId: 'B' }), ...leads(4, 8), ...leads(10, 13)]);
    expect(groups).toMatchObject({ size: 0, groups: 0, ready: false });
  });
});

describe('a refused upload', () => {
  it('goes again in halves, which nobody joins', () => {
    const groups = groupsWith();
    groups.addRefused(leads(0, 4));
    groups.add(leads(4, 8));
    expect(allUploads(groups, 500).map(idsOf)).toEqual([
      idsOf(leads(0, 2)),
      idsOf(leads(4, 8)),
      idsOf([lead(2)]),
      idsOf([lead(3)]),
    ]);
  });

  it('holds up nobody while its second half waits for the answer to the first', () => {
    const groups = groupsWith();
    groups.addRefused(leads(0, 4));
    const first = groups.next(500);
    expect(groups).toMatchObject({ size: 2, ready: false });
    expect(groups.next(500)).toBeUndefined();
    groups.add([lead(9)]);
    expect(groups.ready).toBe(true);
    expect(groups.next(500)?.leads).toEqual([lead(9)]);
    first?.ended(false);
    expect(groups.next(500)?.leads).toEqual(leads(2, 4));
  });

  it('of which one lead is left goes alone', () => {
    const groups = groupsWith();
    groups.addRefused([lead(1)]);
    groups.add([lead(2)]);
    expect(allUploads(groups, 500)).toEqual([[lead(1)], [lead(2)]]);
  });

  it('of which none is left is nothing', () => {
    const groups = groupsWith();
    expect(groups.addRefused([])).toEqual([]);
    expect(groups).toMatchObject({ size: 0, groups: 0 });
  });
});

describe('whatever comes, in whatever order', () => {
  const anyLead = fc.record({
    number: fc.nat(60),
    campaignId: fc.constantFrom('A', 'B', 'C'),
    phoneDigest: fc.constantFrom('p', 'q', 'r', 's'),
    options: fc.constantFrom<Record<string, string>>({}, { description: 'x' }, { dialPriority: 'NORMAL' }),
    alone: fc.boolean(),
  });
  const waiting = fc
    .uniqueArray(anyLead, { selector: ({ number }) => number, maxLength: 60 })
    .map((some) => some.map(({ number, ...rest }) => lead(number, rest)));
  const maximum = fc.integer({ min: 1, max: 8 });

  it('every lead leaves exactly once, and every upload keeps the rules', () => {
    fc.assert(
      fc.property(waiting, maximum, (some, most) => {
        const groups = groupsWith(some);
        const uploads = allUploads(groups, most);
        expect(idsOf(uploads.flat())?.sort()).toEqual(idsOf(some)?.sort());
        for (const upload of uploads) {
          expect(upload.length).toBeGreaterThan(0);
          expect(upload.length).toBeLessThanOrEqual(upload.some(({ alone }) => alone) ? 1 : most);
          expect(new Set(upload.map(({ phoneDigest }) => phoneDigest)).size).toBe(upload.length);
          expect(new Set(upload.map(({ campaignId }) => campaignId)).size).toBe(1);
          expect(new Set(upload.map(({ options }) => groupKey(options))).size).toBe(1);
          expect(idsOf(upload)).toEqual(idsOf(upload)?.sort());
        }
      }),
    );
  });

  it('no lead is overtaken within its group but by one that has not its phone, while its phone was in the upload', () => {
    fc.assert(
      fc.property(waiting, maximum, (some, most) => {
        const uploads = allUploads(groupsWith(some), most).filter((upload) => !upload[0]?.alone);
        uploads.forEach((upload, index) => {
          const [youngest] = upload.slice(-1);
          for (const later of uploads.slice(index + 1).flat()) {
            if (youngest === undefined || later.campaignId !== youngest.campaignId) continue;
            if (groupKey(later.options) !== groupKey(youngest.options)) continue;
            if (later.leadId > youngest.leadId) continue;
            expect(
              upload.some((one) => one.phoneDigest === later.phoneDigest && one.leadId < later.leadId),
            ).toBe(true);
          }
        });
      }),
    );
  });

  it('campaigns with something waiting are served in turn, and the groups within each', () => {
    fc.assert(
      fc.property(waiting, maximum, (some, most) => {
        const uploads = allUploads(groupsWith(some), most);
        expectTurns(uploads.map((upload) => `${upload[0]?.campaignId}`));
        for (const campaignId of ['A', 'B', 'C']) {
          const own = uploads.filter((upload) => upload[0]?.campaignId === campaignId);
          expectTurns(own.map(([first]) => (first?.alone ? 'alone' : groupKey(first?.options ?? {}))));
        }
      }),
    );
  });

  /** Between two turns of one, everybody who is served later on had one turn. */
  function expectTurns(served: readonly string[]): void {
    served.forEach((who, turn) => {
      const next = served.indexOf(who, turn + 1);
      if (next === -1) return;
      const between = served.slice(turn + 1, next);
      expect(new Set(between).size).toBe(between.length);
      for (const later of new Set(served.slice(next + 1))) {
        if (later !== who) expect(between).toContain(later);
      }
    });
  }
});
