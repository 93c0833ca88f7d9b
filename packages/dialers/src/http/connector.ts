/** Establishes TCP and TLS connections within a time limit, and can reset either. */
import { once } from 'node:events';
import net, { type LookupFunction, type Socket } from 'node:net';
import tls from 'node:tls';

export interface ConnectionTarget {
  readonly host: string;
  readonly port: number;
  /** The name for SNI and for the certificate; absent where `host` is an IP address. */
  readonly servername?: string;
}

interface ConnectorSettings {
  /** TCP + TLS, in milliseconds. */
  readonly connectMs: number;
  /** Connections to one host that may be under way at a time; more fail at once. */
  readonly maxSockets: number;
  readonly lookup?: LookupFunction;
  readonly ca?: string;
}

interface Connector {
  connectTcp(target: ConnectionTarget): Promise<Socket>;
  /** Trusts a server by its certificate only, whatever the environment says. */
  connectTls(target: ConnectionTarget): Promise<Socket>;
  /** Breaks off the connections under way, and lets no more begin. */
  close(): void;
}

/** Only a TCP socket can be reset, and Node offers no public way from a TLS socket to the one below it. */
const tcpBelow = new WeakMap<Socket, Socket>();

/** Closes with a TCP reset: bytes still in the kernel's send buffer are dropped instead of delivered late. */
export function resetConnection(socket: Socket): void {
  const tcp = tcpBelow.get(socket) ?? socket;
  if (!tcp.destroyed) tcp.resetAndDestroy();
  socket.destroy();
}

interface Attempt {
  readonly host: string;
  readonly abort: AbortController;
}

export function createConnector(settings: ConnectorSettings): Connector {
  const underWay = new Set<Attempt>();
  let closed = false;

  /** Runs the steps of one connection under the common time limit and the bound on connections under way. */
  async function establish(
    target: ConnectionTarget,
    steps: (signal: AbortSignal) => Promise<Socket>,
  ): Promise<Socket> {
    if (closed) throw new ConnectError('ECANCELED');
    const host = `${target.host}:${target.port}`;
    const toSameHost = [...underWay].filter((other) => other.host === host);
    if (toSameHost.length >= settings.maxSockets) throw new ConnectError('EMFILE');

    const attempt: Attempt = { host, abort: new AbortController() };
    const timer = setTimeout(() => attempt.abort.abort(new ConnectError('ETIMEDOUT')), settings.connectMs);
    underWay.add(attempt);
    try {
      return await steps(attempt.abort.signal);
    } catch (error) {
      throw attempt.abort.signal.aborted ? attempt.abort.signal.reason : error;
    } finally {
      clearTimeout(timer);
      underWay.delete(attempt);
    }
  }

  async function tcpStep({ host, port }: ConnectionTarget, signal: AbortSignal): Promise<Socket> {
    const { lookup } = settings;
    const tcp = net.connect({ host, port, noDelay: true, ...(lookup && { lookup }) });
    return ready(tcp, 'connect', signal);
  }

  async function tlsStep(tcp: Socket, target: ConnectionTarget, signal: AbortSignal): Promise<Socket> {
    const { ca } = settings;
    const secure = tls.connect({
      socket: tcp,
      host: target.host,
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: true,
      ...(target.servername && { servername: target.servername }),
      ...(ca && { ca }),
    });
    tcpBelow.set(secure, tcp);
    return ready(secure, 'secureConnect', signal);
  }

  return {
    connectTcp: (target) => establish(target, (signal) => tcpStep(target, signal)),
    connectTls: (target) =>
      establish(target, async (signal) => tlsStep(await tcpStep(target, signal), target, signal)),
    close() {
      closed = true;
      for (const { abort } of underWay) abort.abort(new ConnectError('ECANCELED'));
    },
  };
}

/** Resolves on the event; on an error or the signal the socket is destroyed and the reason thrown. */
async function ready(socket: Socket, event: string, signal: AbortSignal): Promise<Socket> {
  // A socket is without listeners for an instant wherever it changes hands; an error then must not end the process.
  socket.on('error', () => {});
  try {
    await once(socket, event, { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Why we gave up on a connection, by the code that the system's own errors have for it. */
class ConnectError extends Error {
  readonly code: 'ETIMEDOUT' | 'EMFILE' | 'ECANCELED';

  constructor(code: ConnectError['code']) {
    super(`not connected: ${code}`);
    this.name = 'ConnectError';
    this.code = code;
  }
}
