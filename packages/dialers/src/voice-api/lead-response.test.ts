import { describe, expect, it } from 'vitest';
import { responseForOne, type UploadAnswer, withInserted } from './lead-response.ts';

/** As the simulator gives it for three leads of which one was refused. */
const answer: UploadAnswer = {
  message: 'Your uploaded lead list has successfully completed processing',
  leadsSupplied: 3,
  leadsAccepted: 2,
  leadsInserted: 2,
  leadsConverted: 0,
  dncReturnedCount: 1,
  internalDncCount: 0,
  whitelistCount: 3,
  failedAgentAssignment: null,
  listState: 'ACTIVE',
  timeZoneOption: 'NPA_NXX',
  processingResult: 'OK',
  processingStatus: 'DEFAULT_NOT_A_FAILURE',
  rejectedRows: [{ message: 'city must not be empty', rowData: ['id', '5551234567', ''] }],
};

const accepted = { accepted: true, inserted: true, ownRows: [] };

describe('an answer to several', () => {
  it('is told for an accepted lead as if it had been alone', () => {
    expect(responseForOne(answer, accepted)).toEqual({
      message: 'Your uploaded lead list has successfully completed processing',
      leadsSupplied: 1,
      leadsAccepted: 1,
      leadsInserted: 1,
      leadsConverted: 0,
      internalDncCount: 0,
      whitelistCount: 1,
      failedAgentAssignment: null,
      listState: 'ACTIVE',
      timeZoneOption: 'NPA_NXX',
      processingResult: 'OK',
      processingStatus: 'DEFAULT_NOT_A_FAILURE',
      rejectedRows: [],
    });
  });

  it('is told for a rejected lead with its own row', () => {
    const ownRows = answer.rejectedRows ?? [];
    expect(responseForOne(answer, { accepted: false, inserted: false, ownRows })).toMatchObject({
      leadsSupplied: 1,
      leadsAccepted: 0,
      leadsInserted: 0,
      rejectedRows: [{ message: 'city must not be empty', rowData: ['id', '5551234567', ''] }],
    });
  });

  it('leaves open what it does not say', () => {
    const open = { ...accepted, inserted: undefined };
    expect(responseForOne(answer, open)).not.toHaveProperty('leadsInserted');
    expect(responseForOne({ leadsAccepted: 3 }, open)).toEqual({ leadsSupplied: 1, leadsAccepted: 1 });
    const nulls = { leadsAccepted: 3, leadsInserted: null, rejectedRows: null, message: null };
    expect(responseForOne(nulls, open)).toEqual({ ...nulls, leadsSupplied: 1, leadsAccepted: 1 });
  });

  it.each([
    ['an object', { leads: ['5551234567'] }],
    ['a list', ['5551234567']],
    ['a text', 'Jane'],
    ['a number', 5551234567],
  ])('is told without a member that nobody documented: %s', (_name, value) => {
    const told = responseForOne(
      { ...answer, surprise: value, leadsConverted: value, listState: { value } },
      accepted,
    );
    for (const member of ['surprise', 'leadsConverted', 'listState']) expect(told).not.toHaveProperty(member);
  });

  it("is told without a text that names another lead, and without such members of the lead's own row", () => {
    const row = { message: 'same as Jane', rowData: ['John'], line: 'Jane' };
    const told = responseForOne(
      { ...answer, message: 'Jane refused' },
      { accepted: false, inserted: false, ownRows: [row] },
      (text) => text.includes('Jane'),
    );
    expect(told).not.toHaveProperty('message');
    expect(told).toMatchObject({ listState: 'ACTIVE', rejectedRows: [{ rowData: ['John'] }] });
    expect(JSON.stringify(told)).not.toContain('Jane');
  });
});

it('what was left open is told once read-back has shown it', () => {
  const told = responseForOne(answer, { ...accepted, inserted: undefined });
  expect(withInserted(told, true)).toEqual({ ...told, leadsInserted: 1 });
  expect(withInserted(told, false)).toEqual({ ...told, leadsInserted: 0 });
});
