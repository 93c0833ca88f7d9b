/** What a network does to the connections through it. */
export type Weather =
  | { readonly kind: 'clear' }
  /** Everything is late by `delayMs` and up to `jitterMs` more, and comes in pieces of `pieceBytes`, one every `everyMs`. */
  | {
      readonly kind: 'slow';
      readonly delayMs?: number;
      readonly jitterMs?: number;
      readonly pieceBytes?: number;
      readonly everyMs?: number;
      /** Only what the server says; default: both ways. */
      readonly only?: 'answers';
    }
  /** The connection is reset: before the server hears of the request, in the middle of it, or after it, instead of the answer. */
  | { readonly kind: 'reset'; readonly when: 'before' | 'during' | 'after' }
  /** What is said is swallowed, on either side, and nobody is told. */
  | { readonly kind: 'blackHole' }
  /** The server's side is closed after the first bytes of the answer; the client may go on talking. */
  | { readonly kind: 'halfClose' };

export const CLEAR: Weather = { kind: 'clear' };

/** A part of what was said, and how long after the one before it may pass on. */
export interface Piece {
  readonly bytes: Buffer;
  readonly afterMs: number;
}

/** @param random in [0, 1), for the jitter */
export function piecesOf(
  chunk: Buffer,
  { delayMs = 0, jitterMs = 0, pieceBytes = chunk.length, everyMs = 0 }: Extract<Weather, { kind: 'slow' }>,
  random: () => number,
): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < chunk.length; at += pieceBytes) {
    const lateMs = at === 0 ? delayMs + random() * jitterMs : 0;
    pieces.push({ bytes: chunk.subarray(at, at + pieceBytes), afterMs: lateMs + everyMs });
  }
  return pieces;
}
