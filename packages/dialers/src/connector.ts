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

export interface ConnectorSettings {
  /** TCP + TLS, in milliseconds. */
  readonly connectMs: number;
  /** Connections to one host that may be under way at a time; more fail at once. */
  readonly maxSockets: number;
  readonly lookup?: LookupFunction;
  readonly ca?: string;
}

export interface Connector {
  connectTcp(target: ConnectionTarget): Promise<Socket>;
  /** Trusts a server by its certificate only, whatever the environment says. */
  connectTls(target: ConnectionTarget): Promise<Socket>;
  /** Breaks off the connections under way. */
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

export function createConnector(settings: ConnectorSettings): Connector {
  const closing = new AbortController();
  const underWay = new Map<string, number>();

  /** Runs the steps of one connection under the common time limit and the bound on connections under way. */
  async function establish(
    target: ConnectionTarget,
    steps: (signal: AbortSignal) => Promise<Socket>,
  ): Promise<Socket> {
    const host = `${target.host}:${target.port}`;
    const others = underWay.get(host) ?? 0;
    if (others >= settings.maxSockets) throw new ConnectError('EMFILE', 'too many connections under way');

    underWay.set(host, others + 1);
    const timeLimit = AbortSignal.timeout(settings.connectMs);
    try {
      return await steps(AbortSignal.any([timeLimit, closing.signal]));
    } catch (error) {
      if (timeLimit.aborted) throw new ConnectError('ETIMEDOUT', 'connect time-out');
      if (closing.signal.aborted) throw new ConnectError('ECANCELED', 'closed while connecting');
      throw error;
    } finally {
      const left = (underWay.get(host) ?? 1) - 1;
      if (left > 0) underWay.set(host, left);
      else underWay.delete(host);
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
    close: () => closing.abort(),
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

class ConnectError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'ConnectError';
    this.code = code;
  }
}
