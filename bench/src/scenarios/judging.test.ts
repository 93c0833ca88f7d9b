import { expect, test } from 'vitest';
import { capacityOf, failedBadly, type StepRow } from '../ramp/step.ts';
import type { Verdict } from '../report/finding.ts';
import { unnoticed } from '../report/verdict.ts';
import { judge as judgeReplicas } from './replicas.ts';
import { judge as judgeSoak } from './soak.ts';
import { judge as judgeTenants } from './tenants.ts';

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

const step = (candidate: StepRow['candidate'], dialers: number, changed: Partial<StepRow> = {}): StepRow => ({
  ...{ candidate, dialers, perSecond: dialers, p50Ms: 160, p99Ms: 300, errors: 0, errorsBy: {} },
  ...{ dialer429: 0, uploadMean: 1, uploadLargest: 1, rssMb: 1, generatorCpuPercent: 1 },
  ...{ cpuMicrosPerLead: 1_000, allCpuMicrosPerLead: 2_000 },
  ...changed,
});

test('the capacity is the largest step without errors whose p99 is at most a second', () => {
  const carried = [step('direct', 100), step('direct', 200, { p99Ms: 1_000 })];
  expect(capacityOf([...carried, step('direct', 400, { p99Ms: 1_001 })])).toBe(200);
  expect(capacityOf([...carried, step('direct', 400, { errors: 1 })])).toBe(200);
  expect(capacityOf([step('direct', 100, { p99Ms: null })])).toBe(0);
});

test('a candidate climbs on after a step that it just did not carry, and not after one that it failed', () => {
  expect(failedBadly(step('direct', 100, { p99Ms: 9_000, errors: 100 }))).toBe(false);
  expect(failedBadly(step('direct', 100, { p99Ms: 10_001 }))).toBe(true);
  expect(failedBadly(step('direct', 100, { errors: 101 }))).toBe(true);
  expect(failedBadly(step('direct', 100, { p99Ms: null }))).toBe(true);
});

test('many dialers are compared with the plain queue, and a flood with none', () => {
  const judged = (
    ours: Partial<StepRow>,
    { carried = 400, besideMs = 600, lockedMs = 600, steps = [200, 400] } = {},
  ) => {
    const alone = step('live-feed', 200, ours);
    const flood = { accepted: 1, perSecond: 1, p50Ms: 1, errors: 0, errorsBy: {}, generatorCpuPercent: 1 };
    return judgeTenants({
      steps,
      rows: [alone, step('plain-queue', 200)],
      capacity: { 'live-feed': carried, 'plain-queue': 800 },
      beside: {
        ...{ alone, flooded: { ...flood, p99Ms: besideMs }, flood: { ...flood, p99Ms: 1 } },
        ...{ besideLocked: { ...flood, p99Ms: lockedMs }, locked: { ...flood, p99Ms: 9_000, errors: 9 } },
      },
    });
  };
  const beside = '200 dialers, beside plain-queue';
  expect(missed(judged({ p99Ms: 450, allCpuMicrosPerLead: 5_000 }))).toEqual([]);
  expect(missed(judged({ p99Ms: 451 }))).toEqual([beside]);
  expect(missed(judged({ allCpuMicrosPerLead: 5_001 }))).toEqual([beside]);
  expect(missed(judged({}, { carried: 200 }))).toEqual(['capacity, beside plain-queue', 'capacity']);
  expect(missed(judged({}, { carried: 200, steps: [200] }))).toEqual(['capacity, beside plain-queue']);
  expect(missed(judged({}, { besideMs: 601 }))).toEqual(['200 dialers beside a flood']);
  expect(missed(judged({}, { lockedMs: 601 }))).toEqual(['200 dialers beside locked rows']);
});

test('a step that Live Feed did not reach misses its targets; a candidate that did not run sets none', () => {
  const rows = [step('plain-queue', 200)];
  const unreached = { steps: [100, 200], rows, beside: null };
  const capacity = { 'live-feed': 0, 'plain-queue': 200 };
  expect(missed(judgeTenants({ ...unreached, capacity }))).toHaveLength(4);
  expect(judgeTenants({ ...unreached, capacity: { 'plain-queue': 200 } })).toEqual([]);
});
