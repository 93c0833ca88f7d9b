/** What a network does to the connections through it. */
export type NetworkCondition =
  | { readonly kind: 'clear' }
  /** Everything is late by `delayMs` and up to `jitterMs` more, and comes in pieces of `pieceBytes`, one every `everyMs`. */
  | {
      readonly kind: 'slow';
      readonly delayMs?: number;
      readonly jitterMs?: number;
      readonly pieceBytes?: number;
      readonly everyMs?: number;
      /** Only in the direction of the client; default: both. */
      readonly only?: 'answers';
    }
  /** The connection is reset: before the request reaches the server, in the middle of it, or after it, in place of the response. */
  | { readonly kind: 'reset'; readonly when: 'before' | 'during' | 'after' }
  /** Bytes are dropped in both directions, and no connection is closed. */
  | { readonly kind: 'blackHole' }
  /** The server's side is closed after the first bytes of the response; the client may go on sending. */
  | { readonly kind: 'halfClose' };

export const CLEAR: NetworkCondition = { kind: 'clear' };

/** A part of a chunk, and how long after the part before it is passed on. */
export interface Piece {
  readonly bytes: Buffer;
  readonly afterMs: number;
}

/** @param random in [0, 1), for the jitter */
export function piecesOf(
  chunk: Buffer,
  {
    delayMs = 0,
    jitterMs = 0,
    pieceBytes = chunk.length,
    everyMs = 0,
  }: Extract<NetworkCondition, { kind: 'slow' }>,
  random: () => number,
): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < chunk.length; at += pieceBytes) {
    const lateMs = at === 0 ? delayMs + random() * jitterMs : 0;
    pieces.push({ bytes: chunk.subarray(at, at + pieceBytes), afterMs: lateMs + everyMs });
  }
  return pieces;
}
