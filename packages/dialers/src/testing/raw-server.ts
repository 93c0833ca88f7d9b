/** A server below HTTP, for tests: sees every byte and the way in which each connection ends. */
import { EventEmitter, once } from 'node:events';
import net, { type Socket } from 'node:net';
import tls from 'node:tls';
import { onTestFinished } from 'vitest';
import { TEST_CERTIFICATE, TEST_KEY } from './certificate.ts';

export interface RawConnection {
  readonly socket: Socket;
  /** Everything received so far (over TLS: deciphered). */
  received: string;
  /** Settles when the connection is over: `reset` where the peer sent a TCP reset. */
  readonly over: Promise<'reset' | 'closed'>;
}

export interface RawServer {
  readonly port: number;
  readonly connections: readonly RawConnection[];
  /** Resolves with the n-th connection (from 0), now or once it comes. */
  connection(n: number): Promise<RawConnection>;
}

export interface RawServerOptions {
  /** Called with each whole HTTP request; `n` counts the requests of all connections from 0. */
  readonly onRequest?: (socket: Socket, n: number) => void;
  /** Called with each TCP connection before anything is read from it. */
  readonly onTcp?: (socket: Socket) => void;
  /** `held`: the handshake waits until `handshake` is emitted on the socket that `onTcp` got. */
  readonly tls?: 'at once' | 'held';
}

/** Listens on 127.0.0.1 until the test is over. */
export async function startRawServer(options: RawServerOptions = {}): Promise<RawServer> {
  const connections: RawConnection[] = [];
  const arrivals = new EventEmitter();
  let requests = 0;

  const serve = (socket: Socket) => {
    const over = new Promise<'reset' | 'closed'>((resolve) => {
      socket.once('error', (error) =>
        resolve('code' in error && error.code === 'ECONNRESET' ? 'reset' : 'closed'),
      );
      socket.once('close', () => resolve('closed'));
    });
    const connection: RawConnection = { socket, received: '', over };
    let answered = 0;
    socket.on('data', (chunk) => {
      connection.received += chunk;
      while (answered < countRequests(connection.received)) {
        answered += 1;
        options.onRequest?.(socket, requests++);
      }
    });
    connections.push(connection);
    arrivals.emit('arrival');
  };

  const tlsServer = tls.createServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, serve);
  tlsServer.on('tlsClientError', () => {});
  const open = new Set<Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => {});
    options.onTcp?.(socket);
    if (!options.tls) serve(socket);
    else if (options.tls === 'held') socket.once('handshake', () => tlsServer.emit('connection', socket));
    else tlsServer.emit('connection', socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');

  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('listens on no TCP port');
  return {
    port: address.port,
    connections,
    async connection(n) {
      for (;;) {
        const connection = connections[n];
        if (connection) return connection;
        await once(arrivals, 'arrival');
      }
    },
  };
}

/** Whole requests in what was received; every request here has a content-length. */
function countRequests(received: string): number {
  let count = 0;
  let rest = received;
  for (;;) {
    const headEnd = rest.indexOf('\r\n\r\n');
    if (headEnd < 0) return count;
    const length = Number(/content-length: (\d+)/i.exec(rest.slice(0, headEnd))?.[1] ?? 0);
    if (rest.length < headEnd + 4 + length) return count;
    rest = rest.slice(headEnd + 4 + length);
    count += 1;
  }
}
