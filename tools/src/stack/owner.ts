export interface Stoppable {
  stop(): Promise<void>;
}

/** Owns what was started, to stop it again in reverse: what was started first is used by the rest. */
export interface Owner {
  readonly stopping: boolean;
  /** Takes `resource` over and returns it. Comes it too late, it is stopped at once, and `StoppedError` thrown. */
  own<T extends Stoppable>(resource: T): Promise<T>;
  /** Stops everything, also when something fails to; then throws an `AggregateError`. Called again, it is the same stop. */
  stop(): Promise<void>;
}

/** What was being started is no longer wanted. */
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
