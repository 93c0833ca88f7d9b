export interface Stoppable {
  stop(): Promise<void>;
}

/** Owns what was started, and stops it in reverse order: the first things started are used by the rest. */
export interface Owner {
  readonly stopping: boolean;
  /** Takes over `resource` and returns it. After `stop` was called, stops it at once and throws `StoppedError`. */
  own<T extends Stoppable>(resource: T): Promise<T>;
  /** Stops everything, even if something fails; then throws an `AggregateError`. Later calls return the same promise. */
  stop(): Promise<void>;
}

/** The owner was stopped while something was starting. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

export function createOwner(): Owner {
  const owned: Stoppable[] = [];
  let stopped: Promise<void> | undefined;

  async function stopAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let last = owned.pop(); last; last = owned.pop()) {
      await last.stop().catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw new AggregateError(errors, 'Not everything could be stopped in order.');
  }

  return {
    get stopping() {
      return stopped !== undefined;
    },
    async own(resource) {
      if (stopped) {
        await resource.stop();
        throw new StoppedError('It was stopped while it started.');
      }
      owned.push(resource);
      return resource;
    },
    stop() {
      stopped ??= stopAll();
      return stopped;
    },
  };
}
