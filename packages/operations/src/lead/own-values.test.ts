import { expect, test } from 'vitest';
import { withoutOwnValues } from './own-values.ts';

const payload = {
  fields: { city: 'Miami Beach', state: 'FL', extendedLeadData: { policyNumber: 'PN-20411' } },
  options: { description: 'Miami' },
};

test('what a lead has is masked wherever a text repeats it, with the names of extended data', () => {
  const said = { generalMessage: 'Bad lead: policyNumber PN-20411 of Miami Beach', leadsAccepted: 0 };
  expect(withoutOwnValues(said, payload)).toEqual({
    generalMessage: 'Bad lead: [of the lead] [of the lead] of [of the lead]',
    leadsAccepted: 0,
  });
});

test('what it does not have stays, and so do short words', () => {
  const said = { rejectedRows: [{ message: 'FLorida is not called on Sundays' }], message: null };
  expect(withoutOwnValues(said, payload)).toEqual(said);
});
