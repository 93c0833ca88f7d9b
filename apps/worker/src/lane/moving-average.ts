export interface MovingAverage {
  /** 0 before the first. */
  readonly value: number;
  add(sample: number): void;
}

/** The weight of the latest sample: about the last ten count. */
const WEIGHT = 0.2;

/** Exponentially weighted. */
export function createMovingAverage(): MovingAverage {
  let value: number | undefined;
  return {
    get value() {
      return value ?? 0;
    },
    add(sample) {
      value = value === undefined ? sample : value + WEIGHT * (sample - value);
    },
  };
}
