import { describe, expect, test } from 'vitest';
import { contradictsItself } from './contradictions.ts';
import type { UploadAnswer } from './lead-response.ts';

const OK = {
  leadsSupplied: 1,
  leadsAccepted: 1,
  leadsInserted: 1,
  processingResult: 'OK',
  processingStatus: 'DEFAULT_NOT_A_FAILURE',
  rejectedRows: [],
} satisfies UploadAnswer;

const REFUSED = {
  ...OK,
  leadsAccepted: 0,
  leadsInserted: 0,
  processingResult: 'Failed',
  processingStatus: 'NO_LEADS_PASSED_VALIDATION',
} satisfies UploadAnswer;

const ROW = { message: 'no', rowData: ['a'] };

describe('answers to one lead', () => {
  test.each<[string, UploadAnswer]>([
    ['taken', OK],
    ['taken, and that is all', { leadsAccepted: 1 }],
    [
      'taken, the rest null',
      { leadsAccepted: 1, leadsInserted: null, leadsSupplied: null, rejectedRows: null },
    ],
    ['taken and not inserted: a duplicate', { ...OK, leadsInserted: 0 }],
    [
      'taken and not inserted: on a do-not-call list',
      { ...OK, leadsInserted: 0, dncReturnedCount: 1, processingStatus: 'DNC_ACCOUNT_SETTINGS' },
    ],
    ['a status that nobody knows', { ...OK, processingStatus: 'SOMETHING_NEW' }],
    ['a result that nobody knows', { ...OK, processingResult: 'PARTIAL' }],
    ['a result that is no text', { ...OK, processingResult: 3 }],
    ['refused', REFUSED],
    ['refused, with a row', { ...REFUSED, rejectedRows: [ROW] }],
    ['refused, with two rows', { ...REFUSED, rejectedRows: [ROW, ROW] }],
    ['refused, though processing went well', { ...OK, leadsAccepted: 0, leadsInserted: 0 }],
    ['refused before it was counted', { ...REFUSED, leadsSupplied: 0 }],
    ['refused, and that is all', { leadsAccepted: 0 }],
  ])('%s: no contradiction', (_case, answer) => {
    expect(contradictsItself(answer, 1)).toBe(false);
  });

  test.each<[string, UploadAnswer]>([
    [
      'taken, and failed',
      { ...OK, leadsInserted: 0, processingResult: 'FAILED', processingStatus: 'GENERAL_FAILURE' },
    ],
    ...['Failed', 'failed', 'FAILURE', ' Fail', 'Error', 'ERROR'].map(
      (processingResult): [string, UploadAnswer] => [
        `taken, with the result "${processingResult}"`,
        { ...OK, processingResult },
      ],
    ),
    ...['GENERAL_FAILURE', 'general_failure', 'NO_LEADS_PASSED_VALIDATION'].map(
      (processingStatus): [string, UploadAnswer] => [
        `taken, with the status "${processingStatus}"`,
        { ...OK, processingStatus },
      ],
    ),
    ['more taken than supplied', { ...OK, leadsAccepted: 2 }],
    ['more taken than sent', { leadsAccepted: 2 }],
    ['more supplied than sent', { ...OK, leadsSupplied: 2 }],
    ['none supplied and one taken', { ...OK, leadsSupplied: 0 }],
    ['more inserted than taken', { ...OK, leadsInserted: 2 }],
    ['refused and inserted', { ...REFUSED, leadsInserted: 1 }],
    ['refused, of another upload', { ...REFUSED, leadsSupplied: 9 }],
    ['taken, with a row that says it was not', { ...OK, rejectedRows: [ROW] }],
    ['a negative count', { ...OK, leadsAccepted: -1 }],
    ['a negative count of those inserted', { ...OK, leadsInserted: -1 }],
    ['half a lead', { ...OK, leadsAccepted: 0.5 }],
    ['half a lead inserted', { ...OK, leadsInserted: 0.5 }],
    ['more than can be counted', { ...OK, leadsAccepted: 9_007_199_254_740_992 }],
  ])('%s: a contradiction', (_case, answer) => {
    expect(contradictsItself(answer, 1)).toBe(true);
  });
});

describe('answers to three leads', () => {
  const three = { ...OK, leadsSupplied: 3, leadsAccepted: 3, leadsInserted: 3 };
  test.each<[string, UploadAnswer, boolean]>([
    ['all taken', three, false],
    ['two taken, one row', { ...three, leadsAccepted: 2, leadsInserted: 2, rejectedRows: [ROW] }, false],
    [
      'two taken, two rows of one',
      { ...three, leadsAccepted: 2, leadsInserted: 2, rejectedRows: [ROW, ROW] },
      false,
    ],
    ['two taken, nothing said of the third', { ...three, leadsAccepted: 2, leadsInserted: 2 }, false],
    ['all taken, one row', { ...three, rejectedRows: [ROW] }, true],
    ['two supplied', { ...three, leadsSupplied: 2, leadsAccepted: 2, leadsInserted: 2 }, true],
    ['four taken', { ...three, leadsAccepted: 4 }, true],
    [
      'two taken, and failed',
      { ...three, leadsAccepted: 2, leadsInserted: 0, processingResult: 'FAILED' },
      true,
    ],
    ['none taken, and failed', { ...REFUSED, leadsSupplied: 3 }, false],
  ])('%s', (_case, answer, expected) => {
    expect(contradictsItself(answer, 3)).toBe(expected);
  });
});
