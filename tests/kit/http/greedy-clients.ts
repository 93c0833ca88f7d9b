import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { waitFor } from '../wait-for.ts';

/** Clients that take more than they need, by the byte. */
export interface GreedyClients {
  /** Connections that the other side has not closed. */
  open(): number;
  /** Answers that have begun to arrive, of all connections together. */
  answers(): number;
  /** Waits for so many answers, or for the end of all connections. */
  answered(count: number): Promise<void>;
  leave(): void;
}

export interface GreedyOptions {
  readonly connections: number;
  /** What each of them sends. */
  readonly bytes: (n: number) => Buffer;
  /** Default: true. */
  readonly reads?: boolean;
}

const LIMIT_MS = 120_000;

/** @param url of the ingress, without a path. Resolves once everything has been handed to the kernel, or cannot be. */
export async function startGreedyClients(url: string, options: GreedyOptions): Promise<GreedyClients> {
  const { hostname, port } = new URL(url);
  let answers = 0;
  const sockets = new Set<Socket>();
  for (let n = 0; n < options.connections; n += 1) {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
    await once(socket, 'connect');
    sockets.add(socket);
    if (options.reads === false) socket.pause();
    else socket.on('data', (chunk) => (answers += chunk.toString('latin1').split('HTTP/1.1 ').length - 1));
    socket.write(options.bytes(n));
  }
  return {
    open: () => sockets.size,
    answers: () => answers,
    async answered(count) {
      await waitFor(() => answers >= count || sockets.size === 0, {
        what: `${count} answers`,
        timeoutMs: LIMIT_MS,
        everyMs: 50,
      });
    },
    leave() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
