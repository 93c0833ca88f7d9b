import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { CLEAR, type NetworkCondition } from './condition.ts';
import { createForwarder } from './forward.ts';

/**
 * Stands between a client and a server on this machine, and disturbs their connections as networks do.
 *
 * Ours, because a fault run needs faults per HTTP request (a reset after a request was sent, a share of the requests) and a count of those
 * met, in this process. Toxiproxy and `tc` work per connection or packet, and need a binary or root.
 */
export interface TcpProxy {
  readonly port: number;
  /**
   * From now on each request, also one under way, meets this condition with the given probability.
   * Going back to a clear sky ends the connections on which something was swallowed.
   */
  setCondition(condition: NetworkCondition, share?: number): void;
  /**
   * From now on nothing gets through on the connections that there are, in neither direction, and neither side hears of the other's end;
   * new ones are not touched.
   */
  silence(): void;
  /** Connections gone silent that the client still holds on to. */
  silenced(): number;
  /** Requests that met this condition since it was set. */
  spoilt(): number;
  close(): Promise<void>;
}

/** @param random in [0, 1): which requests are met, and how late things are */
export async function startTcpProxy(serverPort: number, random: () => number): Promise<TcpProxy> {
  let condition: NetworkCondition = CLEAR;
  let share = 1;
  let spoilt = 0;
  const connections = new Set<Connection>();

  /** Asked at the beginning of each request. */
  function conditionNow(): NetworkCondition {
    const met = condition.kind !== 'clear' && random() < share;
    if (met) spoilt += 1;
    return met ? condition : CLEAR;
  }

  const proxy = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const server = connect({ port: serverPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const connection = relay(client, server, conditionNow, random);
    connections.add(connection);
    // In silence one side may close and the other stay: `close` still has to reset that.
    let open = 2;
    for (const socket of [client, server]) {
      socket.once('close', () => {
        open -= 1;
        if (open === 0) connections.delete(connection);
      });
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');

  return {
    port: (proxy.address() as AddressInfo).port,
    setCondition(next, nextShare = 1) {
      condition = next;
      share = nextShare;
      spoilt = 0;
      if (next.kind !== 'clear') return;
      for (const connection of connections) if (connection.isUseless()) connection.reset();
    },
    silence() {
      for (const connection of connections) connection.silence();
    },
    silenced: () => [...connections].filter((connection) => connection.isHeldInSilence()).length,
    spoilt: () => spoilt,
    async close() {
      for (const connection of connections) connection.reset();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

interface Connection {
  isUseless(): boolean;
  silence(): void;
  isHeldInSilence(): boolean;
  reset(): void;
}

/** HTTP's turns are enough to tell requests apart: one begins when the client speaks after the server did. */
function relay(
  client: Socket,
  server: Socket,
  conditionNow: () => NetworkCondition,
  random: () => number,
): Connection {
  let condition: NetworkCondition = CLEAR;
  let spoken: 'client' | 'server' | undefined;
  let useless = false;
  let silent = false;

  function reset() {
    client.resetAndDestroy();
    server.resetAndDestroy();
  }
  const toServer = createForwarder(server, random);
  const toClient = createForwarder(client, random);

  client.on('data', (chunk) => {
    if (silent) return;
    if (spoken !== 'client') {
      spoken = 'client';
      condition = conditionNow();
      useless ||= condition.kind === 'blackHole' || condition.kind === 'halfClose';
    }
    switch (condition.kind) {
      case 'blackHole':
        return;
      case 'reset':
        if (condition.when === 'before') return reset();
        if (condition.when === 'during') {
          server.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), reset);
          return;
        }
        break;
      case 'slow':
        if (condition.only !== 'answers') return toServer.slowly(chunk, condition);
        break;
    }
    toServer.atOnce(chunk);
  });

  server.on('data', (chunk) => {
    if (silent) return;
    spoken = 'server';
    switch (condition.kind) {
      case 'blackHole':
        return;
      case 'reset':
        return reset();
      case 'halfClose':
        if (!client.writableEnded) client.end(chunk.subarray(0, 20));
        return;
      case 'slow':
        return toClient.slowly(chunk, condition);
    }
    toClient.atOnce(chunk);
  });

  // Who closes is taken at its word on the other side, unless nothing gets through.
  const isHeard = () => !silent && condition.kind !== 'blackHole';
  client.on('end', () => isHeard() && toServer.end());
  server.on('end', () => isHeard() && toClient.end());
  // What is still on its way is lost with its connection: it does not arrive later.
  for (const socket of [client, server]) {
    socket.on('error', () => {}); // told by "close"
    socket.on('close', (hadError) => {
      toServer.stop();
      toClient.stop();
      if (silent) return;
      if (hadError) reset();
      else for (const each of [client, server]) each.destroySoon();
    });
  }
  return {
    isUseless: () => useless,
    silence() {
      silent = true;
    },
    isHeldInSilence: () => silent && !client.readableEnded && !client.destroyed,
    reset,
  };
}
