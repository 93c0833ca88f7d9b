import type { Socket } from 'node:net';
import { type NetworkCondition, type Piece, piecesOf } from './condition.ts';

/** One direction of a connection: what was said first arrives first. */
export interface Forwarder {
  atOnce(chunk: Buffer): void;
  slowly(chunk: Buffer, condition: Extract<NetworkCondition, { kind: 'slow' }>): void;
  /** Closes the direction once everything has arrived. */
  end(): void;
  /** What has not arrived yet never does. */
  stop(): void;
}

/** What is on its way is bounded by what one request and its answer say: neither side speaks out of turn. */
export function createForwarder(to: Socket, random: () => number): Forwarder {
  const onItsWay: Piece[] = [];
  let timer: NodeJS.Timeout | undefined;
  let ending = false;

  function next() {
    const [piece] = onItsWay;
    if (piece === undefined) {
      timer = undefined;
      if (ending) to.end();
      return;
    }
    timer = setTimeout(() => {
      onItsWay.shift();
      to.write(piece.bytes);
      next();
    }, piece.afterMs);
  }

  function add(pieces: readonly Piece[]) {
    onItsWay.push(...pieces);
    if (timer === undefined) next();
  }

  return {
    atOnce(chunk) {
      if (timer === undefined) to.write(chunk);
      else add([{ bytes: chunk, afterMs: 0 }]);
    },
    slowly: (chunk, condition) => add(piecesOf(chunk, condition, random)),
    end() {
      ending = true;
      if (timer === undefined) to.end();
    },
    stop() {
      clearTimeout(timer);
      onItsWay.length = 0;
    },
  };
}
