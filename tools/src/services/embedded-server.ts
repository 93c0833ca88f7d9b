import { freePort } from './free-port.ts';
import { type Exit, ServiceError, type SupervisedService } from './supervise.ts';

/** A server that this process started and must stop. */
export interface EmbeddedServer {
  readonly port: number;
  /** Settles when the server that runs now has ended, for whatever reason. */
  exited(): Promise<Exit>;
  /** Stops it in order, and removes data that were for this run only. May be called again. */
  stop(): Promise<void>;
  /** Ends it like a crash; its files stay. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, after `kill` or while it runs. */
  restart(): Promise<void>;
  /** Freezes it: connections stay open, nothing responds. */
  freeze(): void;
  thaw(): void;
}

/**
 * Starts a server through `launch` on a free port; it tries other ports if another process takes one first. `close` is called once the
 * server has stopped or could not be started, and releases what it used.
 */
export async function startEmbedded(
  launch: (port: number) => Promise<SupervisedService>,
  close: () => Promise<void>,
): Promise<EmbeddedServer> {
  let current: { port: number; service: SupervisedService };
  try {
    current = await onFreePort(launch);
  } catch (error) {
    await close();
    throw error;
  }
  const { port } = current;
  let { service } = current;
  return {
    port,
    exited: () => service.exited,
    kill: () => service.kill(),
    // Not through its supervisor, because it must be frozen when this returns.
    freeze: () => void process.kill(service.pid, 'SIGSTOP'),
    thaw: () => void process.kill(service.pid, 'SIGCONT'),
    async restart() {
      await service.stop();
      service = await launch(port);
    },
    async stop() {
      await service.stop();
      await close();
    },
  };
}

const tries = 5;

async function onFreePort(launch: (port: number) => Promise<SupervisedService>) {
  for (let triesLeft = tries; ; triesLeft -= 1) {
    const port = await freePort();
    try {
      return { port, service: await launch(port) };
    } catch (error) {
      const taken =
        error instanceof ServiceError && /Address already in use|could not bind/i.test(error.output);
      if (!taken || triesLeft === 1) throw error;
    }
  }
}
