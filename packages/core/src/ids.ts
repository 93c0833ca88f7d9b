import { type RandomBytes, strongRandomBytes } from './crypto/random-bytes.ts';

/** UUIDv7 in its text form, RFC 9562 §5.7: version 7, variant `10`. Lower case, as we write them. */
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The largest time that fits into 48 bits: the year 10889. */
const MAX_TIME_MS = 2 ** 48 - 1;

/** The sequence has 42 bits; it starts in the lower half, so that 2^41 ids fit into a millisecond. */
const SEQUENCE_START = 2 ** 41;
const SEQUENCE_LOW_BITS = 2 ** 30;

/** Where the previous id of this process was: what makes the next one greater. */
const last = { timeMs: -1, sequence: 0 };

/**
 * A new UUIDv7. Ids sort by time of creation, as text and as bytes.
 *
 * Within one millisecond every id of this process is greater than the one before (RFC 9562 §6.2, method 1: `rand_a`
 * and the first 30 bits of `rand_b` are a counter with a random start; the last 32 bits are always random). When the
 * clock is set back, ids stay unique, but their order across that step is not promised.
 *
 * @param nowMs Unix time in milliseconds.
 * @throws RangeError if `nowMs` is not a whole number of milliseconds that fits into 48 bits.
 */
export function newId(nowMs: number = Date.now(), random: RandomBytes = strongRandomBytes): string {
  if (!Number.isInteger(nowMs) || nowMs < 0 || nowMs > MAX_TIME_MS) {
    throw new RangeError('The time of an id must be whole milliseconds since 1970, up to 2^48 - 1.');
  }
  last.sequence = nowMs === last.timeMs ? last.sequence + 1 : randomStart(random);
  last.timeMs = nowMs;

  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes.writeUInt16BE(0x7000 + Math.floor(last.sequence / SEQUENCE_LOW_BITS), 6);
  bytes.writeUInt32BE(0x80000000 + (last.sequence % SEQUENCE_LOW_BITS), 8);
  bytes.set(random(4), 12);
  return hyphenate(bytes.toString('hex'));
}

/** Whether the text is an id as {@link newId} writes them. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/**
 * When an id was made: Unix time in milliseconds.
 *
 * @throws RangeError if the text is not an id.
 */
export function idTimeMs(id: string): number {
  if (!isId(id)) throw new RangeError('This is not an id: a UUIDv7 in lower case is expected.');
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** Not greater than any id that was or will be made at that time or later, and greater than every earlier one. */
export function firstIdAt(timeMs: number): string {
  const time = timeMs.toString(16).padStart(12, '0');
  return hyphenate(`${time}70008000000000000000`);
}

function randomStart(random: RandomBytes): number {
  return Buffer.from(random(6)).readUIntBE(0, 6) % SEQUENCE_START;
}

function hyphenate(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
