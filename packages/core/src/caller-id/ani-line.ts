/** An ANI while an upload's leads are given theirs. */
export interface WaitingAni {
  readonly phone: string;
  readonly dailyCap: number;
  /** Uses today. */
  used: number;
  /** Lower: unused for longer. Unique. */
  turn: number;
}

/** ANIs in the order of their turns. */
export interface AniLine {
  /**
   * @param callee a phone that is never returned: a lead is not called from its own number
   * @returns undefined if all others have reached their caps
   */
  first(callee: string | undefined): WaitingAni | undefined;
}

/** An ANI, where it stood when the line last looked at it. */
interface Entry {
  readonly ani: WaitingAni;
  readonly used: number;
  readonly turn: number;
}

/** For sorting: fewest uses today, then longest unused. */
export function byTurn(a: Pick<Entry, 'used' | 'turn'>, b: Pick<Entry, 'used' | 'turn'>): number {
  return a.used - b.used || a.turn - b.turn;
}

/**
 * An ANI may stand in several lines and be used through any of them. A use only ever puts it further back, so a line that has not
 * noticed finds out when the ANI comes up: a binary heap, whose first entry is put where it belongs until it is up to date.
 *
 * Costs, with n in line: nothing before the first look, O(n log n) for that, O(log n) for every use since the last.
 *
 * @param anis asked for at the first look
 */
export function createAniLine(anis: () => readonly WaitingAni[]): AniLine {
  let heap: Entry[] | undefined;

  /** The first entry, up to date and with room. */
  function upToDate(heap: Entry[]): Entry | undefined {
    for (;;) {
      const [first] = heap;
      if (first === undefined) return undefined;
      const { ani } = first;
      if (ani.used >= ani.dailyCap) putFirst(heap, heap.pop());
      else if (ani.turn !== first.turn) putFirst(heap, entryOf(ani));
      else return first;
    }
  }

  return {
    first(callee) {
      // What is sorted is a heap.
      heap ??= anis().map(entryOf).sort(byTurn);
      const first = upToDate(heap);
      if (first === undefined || first.ani.phone !== callee) return first?.ani;
      putFirst(heap, heap.pop());
      const second = upToDate(heap);
      putLast(heap, first);
      return second?.ani;
    },
  };
}

function entryOf(ani: WaitingAni): Entry {
  return { ani, used: ani.used, turn: ani.turn };
}

/** In the place of the first; then down to where it belongs. */
function putFirst(heap: Entry[], entry: Entry | undefined): void {
  if (entry === undefined || heap.length === 0) return;
  let place = 0;
  for (;;) {
    const left = heap[2 * place + 1];
    const right = heap[2 * place + 2];
    const isRight = left !== undefined && right !== undefined && byTurn(right, left) < 0;
    const child = isRight ? right : left;
    if (child === undefined || byTurn(entry, child) <= 0) break;
    heap[place] = child;
    place = 2 * place + (isRight ? 2 : 1);
  }
  heap[place] = entry;
}

/** At the end; then up to where it belongs. */
function putLast(heap: Entry[], entry: Entry): void {
  let place = heap.length;
  while (place > 0) {
    const above = (place - 1) >>> 1;
    const parent = heap[above];
    if (parent === undefined || byTurn(parent, entry) <= 0) break;
    heap[place] = parent;
    place = above;
  }
  heap[place] = entry;
}
