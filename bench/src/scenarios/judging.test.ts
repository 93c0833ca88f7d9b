import { expect, test } from 'vitest';
import type { Verdict } from '../report/finding.ts';
import { unnoticed } from '../report/verdict.ts';
import { judge as judgeReplicas } from './replicas.ts';
import { judge as judgeSoak } from './soak.ts';

const missed = (verdicts: readonly Verdict[]) => verdicts.filter(({ met }) => !met).map(({ what }) => what);

test('a flood may double the others’ p99 or add 100 ms to it, whichever is more', () => {
  const noticed = (before: number, beside: number | null, errors = 0) =>
    missed(unnoticed('they', { p99Ms: before, errors: 0 }, { p99Ms: beside, errors }));
  expect(noticed(50, 150)).toHaveLength(0);
  expect(noticed(50, 151)).toHaveLength(1);
  expect(noticed(400, 800)).toHaveLength(0);
  expect(noticed(400, 801)).toHaveLength(1);
  expect(noticed(400, null, 3)).toHaveLength(2);
});

test('replicas cost more or less than one of each', () => {
  const of = (commands: number, bytes: number) => ({
    ...{ ingresses: 1, workers: 1, commands, bytes },
    ...{ roundTrips: 1, leadsPerUpload: 28, perSecond: 1, errors: 0 },
  });
  expect(missed(judgeReplicas([of(40, 8_000), of(43.9, 7_300)]))).toEqual([]);
  expect(missed(judgeReplicas([of(40, 8_000), of(44.5, 8_000)]))).toEqual(['Redis commands a lead']);
  expect(missed(judgeReplicas([of(40, 8_000), of(40, 7_100)]))).toEqual(['Redis bytes a lead']);
});

test('a soak that loses a lead, or whose memory grows, is told', () => {
  const account = { sent: 10, answered200: 10, inserted: 10, rows: 10 };
  const flat = [{ name: 'worker', mbPerMinute: 0.5 }];
  expect(missed(judgeSoak(account, { errors: 0 }, flat))).toEqual([]);
  expect(missed(judgeSoak({ ...account, inserted: 11 }, { errors: 0 }, flat))).toHaveLength(1);
  expect(missed(judgeSoak({ ...account, rows: 9 }, { errors: 0 }, flat))).toHaveLength(1);
  expect(missed(judgeSoak(account, { errors: 1 }, flat))).toHaveLength(1);
  expect(missed(judgeSoak(account, { errors: 0 }, [{ name: 'worker', mbPerMinute: 3 }]))).toHaveLength(1);
  expect(missed(judgeSoak(account, { errors: 0 }, [{ name: 'worker', mbPerMinute: null }]))).toHaveLength(1);
});
