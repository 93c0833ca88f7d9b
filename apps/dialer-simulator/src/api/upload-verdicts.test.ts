import { expect, test } from 'vitest';
import { flawOf } from './lead-validation.ts';
import { answerFor, judgeLeads } from './upload-verdicts.ts';
import { type LoadLead, loadAnswerSchema } from './wire.ts';

const GOOD: LoadLead = { externId: 'a', leadPhone: '5551234567' };

function judge(duplicateHandling: string, phones: string[], held: string[] = []) {
  const request = {
    dialPriority: 'IMMEDIATE',
    duplicateHandling,
    timeZoneOption: 'NPA_NXX',
    uploadLeads: phones.map((leadPhone, n) => ({ externId: String(n), leadPhone })),
  };
  const verdicts = judgeLeads(request, { isHeld: (phone) => held.includes(phone), imposed: () => null });
  return { kinds: verdicts.map((verdict) => verdict.kind), answer: answerFor(request, verdicts) };
}

const [P, Q] = ['5551234567', '5551234568'];

test.each([
  { duplicateHandling: 'RETAIN_ALL', kinds: ['inserted', 'inserted', 'inserted'] },
  { duplicateHandling: 'REMOVE_FROM_LIST', kinds: ['inserted', 'dropped', 'inserted'] },
  { duplicateHandling: 'REMOVE_ALL_EXISTING', kinds: ['inserted', 'dropped', 'dropped'] },
])(
  '$duplicateHandling with one number twice and one that the campaign holds',
  ({ duplicateHandling, kinds }) => {
    const judged = judge(duplicateHandling, [P, P, Q], [Q]);
    expect(judged.kinds).toEqual(kinds);
    expect(loadAnswerSchema.parse(judged.answer)).toMatchObject({
      leadsSupplied: 3,
      leadsAccepted: 3,
      leadsInserted: kinds.filter((kind) => kind === 'inserted').length,
    });
  },
);

test('nothing accepted is a refusal', () => {
  expect(judge('RETAIN_ALL', ['555123456']).answer).toMatchObject({
    leadsAccepted: 0,
    leadsInserted: 0,
    processingResult: 'Failed',
    processingStatus: 'NO_LEADS_PASSED_VALIDATION',
    rejectedRows: [{ message: 'leadPhone must be 10 digits', rowData: ['0', '555123456'] }],
  });
});

test.each<[string | null, LoadLead]>([
  [null, GOOD],
  [null, { externId: 'a', leadPhoneE164: '+442071838750' }],
  ['city must not be empty', { ...GOOD, city: '' }],
  ['externId is required', { leadPhone: '5551234567' }],
  ['leadPhone is required', { externId: 'a' }],
  ['leadPhone must be 10 digits', { ...GOOD, leadPhone: '15551234567' }],
  ['leadPhone must be 10 digits', { ...GOOD, leadPhone: '555-123-4567' }],
  ['leadPhoneE164 must be an E.164 number', { ...GOOD, leadPhoneE164: '5551234567' }],
  ['callerId must be 10 digits', { ...GOOD, callerId: '+13055550100' }],
])('%s', (flaw, lead) => {
  expect(flawOf(lead)).toBe(flaw);
});
