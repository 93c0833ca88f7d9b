// Loaded before a process of ours (`--import`), with CLOCK_SHIFT_MS: its time of day is off by that, as on a machine whose clock is wrong.
// Durations (`performance.now`, timers) are right, as they are there. Plain JavaScript: it is loaded before any loader.
const shiftMs = Number(process.env.CLOCK_SHIFT_MS ?? 0);
const TrueDate = Date;

globalThis.Date = class extends TrueDate {
  static name = 'Date';

  constructor(...args) {
    if (args.length === 0) super(TrueDate.now() + shiftMs);
    else super(...args);
  }

  static now() {
    return TrueDate.now() + shiftMs;
  }
};
