/**
 * Pooled connections to the dialing systems, handed out only once they are established.
 *
 * Node gives a request its socket as soon as it *starts* to connect, queues the request's bytes on it and writes them
 * whenever the connection comes up, seconds after anybody looked at a clock. These agents hold a new socket back until
 * TCP and TLS are done, so a request's `socket` event always means: connected, and the write is next.
 */
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionTarget, createConnector } from './connector.ts';

export interface ConnectionSettings {
  /** TCP + TLS, in milliseconds. */
  readonly connectMs: number;
  /** Per host: connections in use, and as many again being established. */
  readonly maxSockets: number;
  /** Per host: idle connections that are kept. */
  readonly maxFreeSockets: number;
  /**
   * How long an idle connection is kept, in milliseconds. Less than the 5 s after which Node's own and many other
   * servers hang up, since a request on a connection that is just being closed ends in doubt. A shorter time that the
   * server announces (`Keep-Alive: timeout=…`) wins.
   */
  readonly idleMs: number;
  /** Replaces the system's name resolution. */
  readonly lookup?: LookupFunction;
  /** PEM certificates to trust instead of those that Node trusts. */
  readonly ca?: string;
}

export interface Connections {
  readonly agents: { readonly http: http.Agent; readonly https: https.Agent };
  /** Breaks off every connection: idle, in use or being established. */
  close(): void;
}

type Connect = (target: ConnectionTarget) => Promise<Socket>;
type Established = (error: Error | null, socket?: Duplex) => void;

export function createConnections(settings: ConnectionSettings): Connections {
  const connector = createConnector(settings);
  const pool = {
    keepAlive: true,
    maxSockets: settings.maxSockets,
    maxFreeSockets: settings.maxFreeSockets,
    timeout: settings.idleMs,
  };
  const agents = {
    http: new EstablishedHttpAgent(pool, connector.connectTcp),
    https: new EstablishedHttpsAgent(pool, connector.connectTls),
  };
  return {
    agents,
    close() {
      connector.close();
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

class EstablishedHttpAgent extends http.Agent {
  readonly #connect: Connect;

  constructor(pool: http.AgentOptions, connect: Connect) {
    super(pool);
    this.#connect = connect;
  }

  /** Returning nothing tells Node to wait for the callback. */
  override createConnection(options: http.ClientRequestArgs, established: Established): undefined {
    handOver(this.#connect(targetOf(options)), established);
  }
}

class EstablishedHttpsAgent extends https.Agent {
  readonly #connect: Connect;

  constructor(pool: https.AgentOptions, connect: Connect) {
    super(pool);
    this.#connect = connect;
  }

  override createConnection(options: https.RequestOptions, established: Established): undefined {
    handOver(this.#connect(targetOf(options)), established);
  }
}

function targetOf(options: https.RequestOptions): ConnectionTarget {
  return {
    host: options.host ?? 'localhost',
    port: Number(options.port ?? options.defaultPort),
    ...(options.servername && { servername: options.servername }),
  };
}

function handOver(connecting: Promise<Socket>, established: Established): void {
  connecting.then(
    (socket) => established(null, socket),
    (error) => established(error instanceof Error ? error : new Error('not connected', { cause: error })),
  );
}
