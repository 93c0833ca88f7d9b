/** More than a run can use up: no two leads of a benchmark have the same phone. */
const phonesPerRun = 10_000_000;
const first = 2_000_000_000;
const ranges = 799;

/** The first phone of the next run. */
export function phoneRanges(): () => number {
  let runs = 0;
  return () => first + (runs++ % ranges) * phonesPerRun;
}
