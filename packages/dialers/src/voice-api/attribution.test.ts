import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LeadVerdict, UploadLead } from '../lead-loader.ts';
import { attribute } from './attribution.ts';
import type { RejectedRow, UploadAnswer } from './lead-response.ts';

function lead(number: number): UploadLead {
  return {
    externId: `01980a5e-0000-7000-8000-${String(number).padStart(12, '0')}`,
    phone: String(5_550_000_000 + number),
    fields: {},
  };
}

function leads(count: number): UploadLead[] {
  return Array.from({ length: count }, (_, number) => lead(number));
}

/** A row that is that lead's. */
function row(number: number): RejectedRow {
  return { message: 'refused', rowData: [lead(number).externId, lead(number).phone] };
}

const ORPHAN: RejectedRow = { message: 'refused', rowData: ['(not shown)'] };

function verdictsOn(answer: UploadAnswer, some: readonly UploadLead[]): LeadVerdict[] {
  return attribute(answer, JSON.stringify(answer), some);
}

function kinds(answer: UploadAnswer, count = 3): string[] {
  return verdictsOn(answer, leads(count)).map(({ kind }) => kind);
}

describe('three leads', () => {
  const [A, U, R, X] = ['accepted', 'accepted_unconfirmed', 'rejected', 'undecided'];
  const WHOLE = Array(3).fill('refused_together');
  const CONTRADICTORY = Array(3).fill('contradicted');

  it.each<[string, UploadAnswer, (string | undefined)[]]>([
    ['all accepted', { leadsAccepted: 3, leadsInserted: 3, leadsSupplied: 3 }, [A, A, A]],
    [
      'accepted is all that is said',
      { leadsAccepted: 3, leadsInserted: null, leadsSupplied: null },
      [A, A, A],
    ],
    ['all accepted, none inserted', { leadsAccepted: 3, leadsInserted: 0 }, [A, A, A]],
    ['all accepted, one not inserted', { leadsAccepted: 3, leadsInserted: 2 }, [U, U, U]],
    ['more inserted than accepted', { leadsAccepted: 3, leadsInserted: 4 }, CONTRADICTORY],
    ['one refused, with its row', { leadsAccepted: 2, leadsInserted: 2, rejectedRows: [row(1)] }, [A, R, A]],
    ['one refused, with two rows', { leadsAccepted: 2, rejectedRows: [row(1), row(1)] }, [A, R, A]],
    [
      'one refused, one not inserted',
      { leadsAccepted: 2, leadsInserted: 1, rejectedRows: [row(1)] },
      [U, R, U],
    ],
    ['one refused, no row', { leadsAccepted: 2, rejectedRows: [] }, [X, X, X]],
    ['one refused, rows null', { leadsAccepted: 2, rejectedRows: null }, [X, X, X]],
    ['one refused, with a row that is nobody’s', { leadsAccepted: 2, rejectedRows: [ORPHAN] }, [X, X, X]],
    ['two refused, one row', { leadsAccepted: 1, rejectedRows: [row(0)] }, [R, X, X]],
    ['two refused, a row of one', { leadsAccepted: 1, rejectedRows: [row(0), ORPHAN] }, [R, X, X]],
    ['one refused, a row too many', { leadsAccepted: 2, rejectedRows: [row(0), ORPHAN] }, [R, X, X]],
    ['one refused, rows of two', { leadsAccepted: 2, rejectedRows: [row(0), row(1)] }, [X, X, X]],
    ['all accepted, with a row', { leadsAccepted: 3, rejectedRows: [row(0)] }, CONTRADICTORY],
    [
      'all accepted, with a row that is nobody’s',
      { leadsAccepted: 3, rejectedRows: [ORPHAN] },
      CONTRADICTORY,
    ],
    ['more accepted than sent', { leadsAccepted: 4 }, CONTRADICTORY],
    ['fewer supplied than sent', { leadsAccepted: 2, leadsSupplied: 2 }, CONTRADICTORY],
    ['more supplied than sent', { leadsAccepted: 3, leadsSupplied: 4 }, CONTRADICTORY],
    ['it failed, and took two', { leadsAccepted: 2, processingResult: 'Failed' }, CONTRADICTORY],
    ['nobody accepted, no row', { leadsAccepted: 0, rejectedRows: [] }, WHOLE],
    ['nobody accepted, rows that are nobody’s', { leadsAccepted: 0, rejectedRows: [ORPHAN, ORPHAN] }, WHOLE],
    ['nobody accepted, one row', { leadsAccepted: 0, rejectedRows: [row(1)] }, [X, R, X]],
    ['nobody accepted, a row each', { leadsAccepted: 0, rejectedRows: [2, 0, 1].map(row) }, [R, R, R]],
  ])('%s', (_name, answer, expected) => {
    expect(kinds(answer)).toEqual(expected);
  });
});

describe('an upload of one', () => {
  const odd = { surprise: { of: lead(7).phone } };
  it.each<[string, UploadAnswer]>([
    ['accepted', { leadsAccepted: 1, leadsInserted: 0, ...odd }],
    ['rejected', { leadsAccepted: 0, rejectedRows: [ORPHAN, row(0)], ...odd }],
    ['contradicted', { leadsAccepted: 1, rejectedRows: [ORPHAN] }],
  ])('%s, and the answer untouched', (kind, answer) => {
    expect(verdictsOn(answer, leads(1))).toEqual([{ kind, response: JSON.stringify(answer) }]);
  });
});

describe('accepted leads', () => {
  it.each<[string, number | null, object]>([
    ['all were inserted', 3, { leadsInserted: 1 }],
    ['none was inserted', 0, { leadsInserted: 0 }],
    ['it is not said', null, { leadsInserted: null }],
  ])('have it in their response if %s', (_name, leadsInserted, inserted) => {
    const verdicts = verdictsOn({ leadsAccepted: 3, leadsInserted }, leads(3));
    const response = JSON.stringify({ leadsSupplied: 1, leadsAccepted: 1, ...inserted });
    expect(verdicts).toEqual(Array(3).fill({ kind: 'accepted', response }));
  });
});

/** What a dialing system did with one lead, and how much of it its row shows. */
const fate = fc.record({
  did: fc.constantFrom('inserted', 'dropped', 'rejected'),
  shows: fc.constantFrom('all', 'id', 'phone', 'formatted', 'one text', 'nothing', 'no row'),
  confides: fc.boolean(),
});
type Fate = typeof fate extends fc.Arbitrary<infer Value> ? Value : never;

/** A text that only this lead's data has in it. */
function secretOf(number: number): string {
  return `secret<${number}>`;
}

function rowOf({ shows, confides }: Fate, number: number): RejectedRow[] {
  const { externId, phone } = lead(number);
  const formatted = `+1 (${phone.slice(0, 3)}) ${phone.slice(3, 6)}-${phone.slice(6)}`;
  const secret = secretOf(number);
  const rowData = {
    all: [externId, phone, secret],
    id: [secret, externId],
    phone: [phone, secret],
    formatted: [secret, formatted],
    'one text': [`${externId},${phone},${secret}`],
    nothing: [secret],
    'no row': undefined,
  }[shows];
  if (rowData === undefined) return [];
  const undocumented = { line: `${externId} ${secret}` };
  return [{ message: confides ? `refused ${secret}` : 'refused', rowData, ...undocumented }];
}

function answerTo(fates: readonly Fate[]): UploadAnswer {
  const did = (what: Fate['did']) => fates.filter((one) => one.did === what).length;
  const rejectedRows = fates.flatMap((one, number) => (one.did === 'rejected' ? rowOf(one, number) : []));
  return {
    message: 'processed',
    leadsSupplied: fates.length,
    leadsAccepted: fates.length - did('rejected'),
    leadsInserted: did('inserted'),
    rejectedRows: rejectedRows.reverse(),
  };
}

const fates = fc.array(fate, { minLength: 2, maxLength: 8 });

const isRefusedTogether = (verdicts: readonly LeadVerdict[]) =>
  verdicts.every(({ kind }) => kind === 'refused_together');

describe('whatever became of the leads', () => {
  it('nobody is called accepted or rejected who is not', () => {
    fc.assert(
      fc.property(fates, (some) => {
        const verdicts = verdictsOn(answerTo(some), leads(some.length));
        if (isRefusedTogether(verdicts)) {
          expect(some.every(({ did }) => did === 'rejected')).toBe(true);
          return;
        }
        expect(verdicts).toHaveLength(some.length);
        verdicts.forEach((verdict, place) => {
          const did = some[place]?.did;
          if (verdict.kind === 'undecided') return;
          expect(verdict.kind === 'rejected').toBe(did === 'rejected');
          const { leadsInserted } = JSON.parse(('response' in verdict && verdict.response) || '{}');
          if (verdict.kind === 'accepted') expect(leadsInserted).toBe(did === 'inserted' ? 1 : 0);
          if (verdict.kind === 'accepted_unconfirmed') expect(leadsInserted).toBeUndefined();
        });
      }),
    );
  });

  it('everybody is told apart if every rejection has a row that shows whose it is', () => {
    fc.assert(
      fc.property(fates, (some) => {
        const shown = some.map((one): Fate => (/no/.test(one.shows) ? { ...one, shows: 'all' } : one));
        expect(kinds(answerTo(shown), shown.length)).not.toContain('undecided');
      }),
    );
  });

  it('nobody is told anything of another lead', () => {
    const everyone = (some: readonly Fate[]) => some.map((_, number) => number);
    const where = fc.constantFrom('message', 'listState', 'processingStatus', 'leadsConverted', 'batchId');
    const shape = fc.constantFrom<(text: string) => unknown>(
      (text) => text,
      (text) => [text],
      (text) => ({ text }),
    );
    const written = fc.constantFrom<(lead: UploadLead) => string>(
      ({ externId }) => `see ${externId.toUpperCase()}`,
      ({ phone }) => `see 1-${phone.slice(0, 3)}.${phone.slice(3, 6)}.${phone.slice(6)}!`,
    );
    fc.assert(
      fc.property(fates, fc.nat(7), where, shape, written, (some, about, member, shaped, write) => {
        const named = lead(about % some.length);
        const answer = {
          ...answerTo(some),
          [member]: shaped(write(named)),
          undocumented: everyone(some).map((number) => ({ ...lead(number), secret: secretOf(number) })),
          total: everyone(some).map(secretOf).join(),
        };
        const verdicts = verdictsOn(answer, leads(some.length));
        verdicts.forEach((verdict, place) => {
          const told = JSON.stringify(verdict).toLowerCase();
          for (const other of everyone(some).filter((number) => number !== place)) {
            expect(told).not.toContain(lead(other).externId);
            expect(told.replaceAll(/[^0-9]/g, '')).not.toContain(lead(other).phone);
            expect(told).not.toContain(secretOf(other));
          }
        });
      }),
      { numRuns: 500 },
    );
  });
});

it('the rejected rows of another are not told even when their number is that of all', () => {
  const answer = { leadsAccepted: 0, rejectedRows: [0, 1, 2].map(row) };
  const responses = verdictsOn(answer, leads(3)).map((verdict) =>
    JSON.parse(('response' in verdict && verdict.response) || '{}'),
  );
  expect(responses).toMatchObject(
    [0, 1, 2].map((number) => ({ leadsAccepted: 0, rejectedRows: [row(number)] })),
  );
});

/** CPU time in milliseconds, the least of three runs: what else the machine does, and what is collected, can only add to it. */
function cpuMs(work: () => unknown): number {
  const times = Array.from({ length: 3 }, () => {
    const before = process.cpuUsage();
    work();
    return process.cpuUsage(before).user / 1_000;
  });
  return Math.min(...times);
}

describe('work grows no faster than the answer', () => {
  const two = leads(2);
  const all = leads(500);
  const shapes: readonly [string, (size: number) => UploadAnswer, readonly UploadLead[]][] = [
    ['rows of one lead', (size) => ({ leadsAccepted: 1, rejectedRows: Array(size).fill(row(0)) }), two],
    ['rows of nobody', (size) => ({ leadsAccepted: 1, rejectedRows: Array(size).fill(ORPHAN) }), two],
    [
      'rows of every lead in turn',
      (size) => ({ leadsAccepted: 1, rejectedRows: Array.from({ length: size }, (_, n) => row(n % 500)) }),
      all,
    ],
    [
      'a row of many values',
      (size) => ({ leadsAccepted: 1, rejectedRows: [{ rowData: Array(size).fill(lead(0).phone) }] }),
      two,
    ],
    [
      'a row as one text',
      (size) => ({ leadsAccepted: 1, rejectedRows: [{ rowData: [`${lead(0).phone},`.repeat(size)] }] }),
      two,
    ],
    ['a text of digits', (size) => ({ leadsAccepted: 500, message: '5'.repeat(20 * size) }), all],
    [
      'a row whose message is full of phones',
      (size) => ({
        leadsAccepted: 1,
        rejectedRows: [{ ...row(0), message: `${lead(1).phone} `.repeat(size) }],
      }),
      two,
    ],
  ];

  it.each(shapes)('%s', (_name, answerOf, some) => {
    const [small, large] = [answerOf(2_000), answerOf(32_000)];
    attribute(small, '', some);
    const smallMs = Math.max(
      0.5,
      cpuMs(() => attribute(small, '', some)),
    );
    // Sixteen times the answer: what is quadratic takes 256 times as long.
    expect(cpuMs(() => attribute(large, '', some)) / smallMs).toBeLessThan(128);
  });

  it('nor do the answers that are made of it', () => {
    const message = 'x'.repeat(1_000_000);
    const verdicts = verdictsOn({ leadsAccepted: 500, message, listState: message }, all);
    expect(JSON.stringify(verdicts).length).toBeLessThan(100_000);
  });
});
