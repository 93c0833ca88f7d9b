import { expect, test } from 'vitest';
import { catalogue } from './catalogue/catalogue.ts';
import { tableOf } from './table.ts';
import type { Trial } from './trial.ts';

const [disturbance = expect.fail()] = catalogue;
const trial: Trial = {
  ...{ disturbance, times: 2, asked: [], breaches: [], recoveryMs: 1_234.5 },
  ...{ judgesCaps: false, unseen: [] },
};

/** The cells under these heads, of a table with one row. */
function cells(of: Trial, ...heads: string[]): (string | undefined)[] {
  const [head, , row] = tableOf([of])
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return heads.map((name) => row?.[head?.indexOf(name) ?? -1]);
}

const PROMISES = ['wrong', 'lost', 'doubled', 'late'];

test('a fault that could not be caused has no figures', () => {
  const skipped = { ...trial, skipped: 'there is no such thing here' };
  expect(cells(skipped, 'times', ...PROMISES)).toEqual(['SKIPPED', '', '', '', '']);
});

test('a trial that could not be judged has failed', () => {
  const failed = { ...trial, failed: 'it did not come to rest' };
  expect(cells(failed, ...PROMISES)).toEqual(PROMISES.map(() => 'FAILED'));
});

test('answers and broken promises are counted where they belong', () => {
  const asked = [200, 200, 502, 500, null].map((status, n) => ({
    ...{ kind: 'waiting', phone: String(n), key: null, companyId: 'company', ingressPid: 1, sentAtMs: 0 },
    answer: { atMs: 1, status, code: null, leadId: null, retryAfterMs: 0 },
  })) as Trial['asked'];
  const breaches = [{ kind: 'late', what: 'a caller' }] as const;
  const counted = cells(
    { ...trial, asked, breaches },
    'requests',
    '200',
    '502',
    '503',
    'other',
    'none',
    'late',
  );
  expect(counted).toEqual(['5', '2', '1', '', '1', '1', '1']);
  expect(cells(trial, 'times', 'recovery ms', ...PROMISES)).toEqual(['2', '1235', '0', '0', '0', '0']);
});
