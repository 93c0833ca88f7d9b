import { type LaneBoard, NOBODY } from './lane-board.ts';

/** What serves one dialer in this process. */
export interface Lane {
  /**
   * Since it last had anything to do, milliseconds; 0 while leads wait, are delayed, or are under way. `Infinity` asks to be
   * given back at once.
   */
  idleForMs(): number;
  /** Takes no more leads; resolves when what is under way has ended. */
  close(): Promise<void>;
}

export interface HeldLane {
  /** Resolves once `lane` is set, or could not be. */
  opened: Promise<void>;
  lane: Lane | undefined;
  phase:
    | { readonly name: 'serving' }
    /** Off the board, but open still; beats until it is closed. */
    | { readonly name: 'lingering'; readonly beatsLeft: number }
    /** On the board still, until what is under way has ended. */
    | { readonly name: 'handing'; readonly to: string };
}

const SERVING = { name: 'serving' } as const;

/** The lanes of this worker, by dialer id. */
export interface HeldLanes {
  readonly all: ReadonlyMap<string, HeldLane>;
  /** Serves a dialer, or goes on serving it. */
  open(dialerId: string): void;
  /** The lane is another's already. */
  giveUp(dialerId: string): void;
  /** The lane stays this worker's until what is under way has ended: a hand-over comes between uploads. */
  handOver(dialerId: string, to: string): void;
  /** Gives up or hands over all of them. Resolves when nothing is under way any more. */
  close(): Promise<void>;
}

export function createHeldLanes(
  board: LaneBoard,
  onClaim: (dialerId: string) => Lane | Promise<Lane>,
  onError: (error: unknown) => void,
): HeldLanes {
  const held = new Map<string, HeldLane>();
  /** Lanes on their way out, until they are closed. */
  const shutting = new Set<Promise<void>>();

  async function start(dialerId: string, opening: HeldLane): Promise<void> {
    try {
      opening.lane = await onClaim(dialerId);
    } catch (error) {
      onError(error);
      remove(dialerId, opening);
      await board.putBack(dialerId).catch(onError);
    }
  }

  function remove(dialerId: string, lane: HeldLane): void {
    if (held.get(dialerId) === lane) held.delete(dialerId);
  }

  async function shut(lane: HeldLane): Promise<void> {
    await lane.opened;
    await lane.lane?.close().catch(onError);
  }

  function track(ending: Promise<void>): void {
    const tracked: Promise<void> = ending.catch(onError).finally(() => shutting.delete(tracked));
    shutting.add(tracked);
  }

  function giveUp(dialerId: string): void {
    const lane = held.get(dialerId);
    if (lane === undefined) return;
    held.delete(dialerId);
    track(shut(lane));
  }

  function handOver(dialerId: string, to: string): void {
    const lane = held.get(dialerId);
    if (lane === undefined || lane.phase.name === 'handing') return;
    lane.phase = { name: 'handing', to };
    const handing = async () => {
      await shut(lane);
      await board.handOver(dialerId, to);
    };
    track(handing().finally(() => remove(dialerId, lane)));
  }

  return {
    all: held,
    giveUp,
    handOver,

    open(dialerId) {
      const known = held.get(dialerId);
      if (known === undefined) {
        const opening: HeldLane = { opened: Promise.resolve(), lane: undefined, phase: SERVING };
        held.set(dialerId, opening);
        opening.opened = start(dialerId, opening);
      } else if (known.phase.name === 'lingering') known.phase = SERVING;
    },

    async close() {
      for (const [dialerId, { phase }] of held) {
        if (phase.name === 'lingering') giveUp(dialerId);
        else handOver(dialerId, NOBODY);
      }
      await Promise.all(shutting);
    },
  };
}
