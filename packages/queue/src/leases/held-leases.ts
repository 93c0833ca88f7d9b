import { type LeaseRegistry, NO_OWNER } from './lease-registry.ts';

/** A dialer while this worker serves it. */
export interface OpenDialer {
  /**
   * Milliseconds since the last work; 0 while leads wait, are delayed or are being uploaded. `Infinity`: give the lease back at once.
   */
  idleForMs(): number;
  /** There may be leads. */
  wake(): void;
  /** Stops taking leads. Resolves when the uploads under way have ended. */
  close(): Promise<void>;
}

export interface HeldLease {
  /** Resolves when `dialer` is set, or could not be opened. */
  opened: Promise<void>;
  dialer: OpenDialer | undefined;
  phase:
    | { readonly name: 'serving' }
    /** No longer in the registry, but still open, for this many heartbeats. */
    | { readonly name: 'lingering'; readonly heartbeatsLeft: number }
    /** Still this worker's in the registry, until the uploads under way have ended. */
    | { readonly name: 'handing-over'; readonly to: string };
}

const SERVING = { name: 'serving' } as const;

/** The leases of this worker, by dialer id. */
export interface HeldLeases {
  readonly all: ReadonlyMap<string, HeldLease>;
  /** Starts or continues to serve a dialer. */
  open(dialerId: string): void;
  /** Stops serving a dialer whose lease another worker has. */
  giveUp(dialerId: string): void;
  /** Hands the lease over once the uploads under way have ended. */
  handOver(dialerId: string, to: string): void;
  /** Gives up or hands over all leases. Resolves when no upload is under way any more. */
  close(): Promise<void>;
}

export function createHeldLeases(
  registry: LeaseRegistry,
  onClaim: (dialerId: string) => OpenDialer | Promise<OpenDialer>,
  onError: (error: unknown) => void,
): HeldLeases {
  const held = new Map<string, HeldLease>();
  /** Leases that are ending. */
  const ending = new Set<Promise<void>>();

  async function start(dialerId: string, lease: HeldLease): Promise<void> {
    try {
      lease.dialer = await onClaim(dialerId);
    } catch (error) {
      onError(error);
      remove(dialerId, lease);
      await registry.putBack(dialerId).catch(onError);
    }
  }

  function remove(dialerId: string, lease: HeldLease): void {
    if (held.get(dialerId) === lease) held.delete(dialerId);
  }

  async function stopServing(lease: HeldLease): Promise<void> {
    await lease.opened;
    await lease.dialer?.close().catch(onError);
  }

  function track(end: Promise<void>): void {
    const tracked: Promise<void> = end.catch(onError).finally(() => ending.delete(tracked));
    ending.add(tracked);
  }

  function giveUp(dialerId: string): void {
    const lease = held.get(dialerId);
    if (lease === undefined) return;
    held.delete(dialerId);
    track(stopServing(lease));
  }

  function handOver(dialerId: string, to: string): void {
    const lease = held.get(dialerId);
    if (lease === undefined || lease.phase.name === 'handing-over') return;
    lease.phase = { name: 'handing-over', to };
    const handingOver = async () => {
      await stopServing(lease);
      await registry.handOver(dialerId, to);
    };
    track(handingOver().finally(() => remove(dialerId, lease)));
  }

  return {
    all: held,
    giveUp,
    handOver,

    open(dialerId) {
      const known = held.get(dialerId);
      if (known === undefined) {
        const lease: HeldLease = { opened: Promise.resolve(), dialer: undefined, phase: SERVING };
        held.set(dialerId, lease);
        lease.opened = start(dialerId, lease);
      } else if (known.phase.name === 'lingering') known.phase = SERVING;
    },

    async close() {
      for (const [dialerId, { phase }] of held) {
        if (phase.name === 'lingering') giveUp(dialerId);
        else handOver(dialerId, NO_OWNER);
      }
      await Promise.all(ending);
    },
  };
}
